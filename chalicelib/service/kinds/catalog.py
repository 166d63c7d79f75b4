"""Catalog: what the one cloud offers: flavors, zones, images, versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from chalicelib.model.errors import InvalidField, PodUnreachable, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod, PodState
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.roster import Roster
from chalicelib.service.kinds.located import PodAnswer, PodRefused
from chalicelib.service.ports import PodClient, PodReply, PodRequest

MOST_PAGES = 20  # of a pod's flavors, 1,000 each


class Catalog:
    """Answers from the pods that are open to the caller's project, with the caller's own token."""

    def __init__(self, roster: Roster, client: PodClient, fan_out: FanOut, deadline_seconds: float) -> None:
        """``deadline_seconds`` bounds the wait for a pod."""
        self._roster, self._client, self._fan_out = roster, client, fan_out
        self._deadline_seconds = deadline_seconds

    def microversions(self) -> tuple[str, str]:
        """The range of compute microversions that all pods speak."""
        return self._roster.microversions()

    def zones(self) -> list[tuple[str, bool]]:
        """Every zone, and whether a pod of it takes new servers."""
        zones: dict[str, bool] = {}
        for pod in self._roster.all():
            if pod.az_name:
                takes = pod.state is PodState.ENABLED
                zones[pod.az_name] = zones.get(pod.az_name, False) or takes
        return sorted(zones.items())

    def flavors(
        self, caller: Caller, request: PodRequest, limit: int | None, marker: str
    ) -> tuple[list[tuple[Pod, dict[str, Any]]], bool]:
        """The pods' flavors merged by id, as the oldest pod shows each, and whether more follow.

        ``request`` names no limit and no marker. Raises InvalidField for an unknown marker,
        PodRefused, and Unavailable when no pod answers.
        """
        pods = self._roster.open_to(caller.identity.project_id)
        seconds = caller.deadline.at_most(self._deadline_seconds)
        answers = self._fan_out.ask(pods, lambda pod: self._flavors_of(pod, request), seconds)
        if pods and not answers.given:
            raise Unavailable("No pod answers for its flavors now.")
        merged: dict[str, tuple[Pod, dict[str, Any]]] = {}
        for pod, flavors in answers.given:
            for flavor in flavors:
                merged.setdefault(flavor["id"], (pod, flavor))
        rows = list(merged.values())
        if marker:
            if marker not in merged:
                raise InvalidField("marker", f"marker [{marker}] not found")
            rows = rows[list(merged).index(marker) + 1 :]
        end = len(rows) if limit is None else limit
        return rows[:end], len(rows) > end

    def _flavors_of(self, pod: Pod, request: PodRequest) -> list[dict[str, Any]]:
        """All of a pod's flavors, page by page."""
        found: list[dict[str, Any]] = []
        path, joint = request.path, "&" if "?" in request.path else "?"
        for _ in range(MOST_PAGES):
            reply = self._ask(pod, replace(request, path=path))
            if reply.status != 200:
                raise PodRefused(PodAnswer(pod, reply))
            page, more = _flavors_in(pod, reply)
            found += page
            if not more or not page:
                break
            path = f"{request.path}{joint}marker={quote(page[-1]['id'], safe='')}"
        return found

    def first_that_has(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The first pod's answer that isn't 404, or the 404 when all that could say said so."""
        return self._first(caller, request, lambda reply: reply.status == 404)

    def first_that_answers(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The answer of the first pod that gives one: what all pods have alike."""
        return self._first(caller, request, lambda _: False)

    def _first(self, caller: Caller, request: PodRequest, passes_on: Callable[[PodReply], bool]) -> PodAnswer:
        last: PodAnswer | None = None
        silent = False
        for pod in self._roster.open_to(caller.identity.project_id):
            try:
                reply = self._ask(pod, request)
            except PodUnreachable:
                silent = True
                continue
            last = PodAnswer(pod, reply)
            if not passes_on(reply):
                return last
        if last is None or silent:
            raise Unavailable("No pod that could answer does so now.")
        return last

    def _ask(self, pod: Pod, request: PodRequest) -> PodReply:
        """Ask one pod; an answer that speaks of the pod's own trouble is none."""
        reply = self._client.send(pod, replace(request, read_timeout_seconds=self._deadline_seconds))
        if reply.status >= 500 or reply.status in (401, 429):
            raise PodUnreachable(pod.pod_id, f"{pod.pod_name} answered {reply.status}", sent=True)
        return reply


def _flavors_in(pod: Pod, reply: PodReply) -> tuple[list[dict[str, Any]], bool]:
    """The flavors of a page, and whether another follows. Raises PodUnreachable for anything else."""
    try:
        body = json.loads(reply.body)
        flavors = body["flavors"]
        if all(isinstance(flavor["id"], str) for flavor in flavors):
            return flavors, bool(body.get("flavors_links"))
    except (ValueError, KeyError, TypeError):
        pass
    raise PodUnreachable(pod.pod_id, f"{pod.pod_name} answered with something else than flavors", sent=True)
