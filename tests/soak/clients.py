"""Clients that create and delete servers, and remember what they were told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import requests

from local.standin.ids import named_uuid
from tests.soak.stack import Gateway, Stack

PATIENCE_SECONDS = 60
TRIES = 4
MOST_SERVERS = 20  # that a client has at a time
# Nothing was made. Every other answer but 202 leaves open what came of a create: with a key, 409 and 503 may
# say that it is still under way.
REFUSALS = {400, 403, 404, 429}


@dataclass
class Ledger:
    """What all clients were told. A server's name stands for its create, since no two have the same."""

    acknowledged: dict[str, str] = field(default_factory=dict)  # the id by the name
    unknown: set[str] = field(default_factory=set)  # creates that were sent, and whose answer was lost
    refused: set[str] = field(default_factory=set)  # creates that were refused, so nothing was made
    deleted: set[str] = field(default_factory=set)  # ids
    leaving: set[str] = field(default_factory=set)  # ids whose delete may have got through, or not
    lost: set[str] = field(default_factory=set)  # what we denied though nobody had deleted it
    statuses: Counter[str] = field(default_factory=Counter)
    _lock: Any = field(default_factory=threading.Lock)

    def note(self, status: str, into: set[str] | None = None, what: str = "") -> None:
        """Count an answer, and keep what it was about."""
        with self._lock:
            self.statuses[status] += 1
            if into is not None:
                into.add(what)

    @property
    def requests(self) -> int:
        return sum(self.statuses.values())


class Client:
    """One client: it creates, deletes and lists, one after the other, as its dice say."""

    def __init__(self, stack: Stack, ledger: Ledger, name: str, user: str, seed: str) -> None:
        self._stack, self._ledger, self._name, self._user = stack, ledger, name, user
        self._dice = Random(seed)
        self._session = requests.Session()
        self._token = stack.token(user)
        self._mine: list[str] = []
        self._made = 0

    def step(self) -> None:
        """One operation of the client's, tried again until its answer is known or its patience ends."""
        throw = self._dice.random()
        if self._mine and (throw < 0.45 or len(self._mine) > MOST_SERVERS):
            self._delete(self._mine.pop(self._dice.randrange(len(self._mine))))
        elif throw < 0.5:
            self._list()
        else:
            self._create()

    def _create(self) -> None:
        self._made += 1
        name = f"{self._name}-{self._made}"
        server = {
            "name": name,
            "flavorRef": "42",
            "imageRef": named_uuid("cirros"),
            "networks": "none",
            "availability_zone": self._dice.choice(("az1", "az2")),
        }
        ledger, sent = self._ledger, False
        for _ in range(TRIES):
            answer, arrived = self._ask("POST", "/servers", {"server": server}, key=name)
            sent = sent or arrived
            if answer is not None and answer.status_code == 202:
                server_id = answer.json()["server"]["id"]
                self._mine.append(server_id)
                ledger.acknowledged[name] = server_id
                ledger.note("create 202")
                return
            if answer is not None:
                status = f"create {answer.status_code}"
                became = ledger.refused if answer.status_code in REFUSALS else ledger.unknown
                ledger.note(status, became, name)
                return
        became = ledger.unknown if sent else ledger.refused
        ledger.note("create without an answer", became, name)

    def _delete(self, server_id: str) -> None:
        ledger, sent = self._ledger, False
        for _ in range(TRIES):
            answer, arrived = self._ask("DELETE", f"/servers/{server_id}")
            if answer is not None:
                status = f"delete {answer.status_code}"
                if answer.status_code == 204 or (answer.status_code == 404 and sent):
                    ledger.note(status, ledger.deleted, server_id)
                elif answer.status_code == 404:
                    ledger.note(status, ledger.lost, f"{server_id} was denied to its delete")
                else:
                    ledger.note(status, ledger.leaving, server_id)
                return
            sent = sent or arrived
        ledger.note("delete without an answer", ledger.leaving, server_id)

    def _list(self) -> None:
        answer, _ = self._ask("GET", "/servers")
        status = "nothing" if answer is None else str(answer.status_code)
        self._ledger.note(f"list {status}")

    def _ask(
        self, method: str, path: str, body: Any = None, key: str = ""
    ) -> tuple[requests.Response | None, bool]:
        """The answer, if one came, and whether a gateway may have got the request."""
        gateway = self._dice.choice(self._stack.gateways)
        answer, arrived = self._put(gateway, method, path, body, key)
        if answer is None and not arrived:
            answer, arrived = self._put(self._stack.another(gateway), method, path, body, key)
        if answer is None and not arrived:
            self._stack.all_back()
        return answer, arrived

    def _put(
        self, gateway: Gateway, method: str, path: str, body: Any, key: str
    ) -> tuple[requests.Response | None, bool]:
        headers = {"X-Auth-Token": self._token, "OpenStack-API-Version": "compute 2.90"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = self._session.request(
                method, f"{gateway.url}/v2.1{path}", json=body, headers=headers, timeout=PATIENCE_SECONDS
            )
        except requests.RequestException as error:
            return None, "refused" not in str(error)
        return answer, True


def work(clients: Sequence[Client], go_on: Callable[[], bool]) -> None:
    """All clients at once, each in a thread of its own, as long as ``go_on`` says so."""

    def run(client: Client) -> None:
        while go_on():
            client.step()

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
