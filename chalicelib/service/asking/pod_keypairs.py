"""Pod keypairs: what a pod's Nova has of a user's keypairs, and how they get in and out of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from chalicelib.model.identity import Caller
from chalicelib.model.keypair import KEY_TYPES, SSH, PublicKey
from chalicelib.model.microversion import Microversion, spoken_by
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, answered, from_service, has, no_answer
from chalicelib.service.asking.answer import document
from chalicelib.service.asking.pages import Chain
from chalicelib.service.ports import PodClient

PATH = "/os-keypairs"
_OF_ANY_USER = Microversion(2, 10)  # the first with a user's id; every Nova of the last ten years has it
_PAGED = Microversion(2, 35)
_FREER_NAMES = Microversion(2, 92)  # names may hold . and @ from here on, and pods make no keys any more
_GONE = (202, 204, 404)
# As many letters as Nova's columns hold. A store that takes no more of them must not fail a user's request.
_MOST_LETTERS = {"name": 255, "public_key": 65_535, "fingerprint": 255}


@dataclass(frozen=True, slots=True)
class PodKeypairs:
    """Asks pods with the caller's token; without a caller with the pod's service credential.

    ``seconds`` is how long a call may take. What is no answer is a PodUnreachable.
    """

    client: PodClient
    seconds: float

    def of_user(self, pod: Pod, user_id: str, caller: Caller) -> Iterator[tuple[str, PublicKey]]:
        """All keypairs that a pod has of a user, with their names."""
        marker: dict[str, str] = {}
        chain = Chain(pod)
        while True:
            path = f"{PATH}?{urlencode({'user_id': user_id, **marker})}"
            reply = self._send(pod, _request("GET", path, _PAGED), caller)
            rows = document(pod, reply).get("keypairs")
            if reply.status != 200 or not isinstance(rows, list):
                raise no_answer(pod, reply)
            named = [_named(pod, reply, row) for row in rows]
            chain.went_on(name for name, _ in named)
            yield from named
            if not named:
                return
            marker = {"marker": named[-1][0]}

    def find(self, pod: Pod, user_id: str, name: str, caller: Caller | None = None) -> PublicKey | None:
        """The key that a pod has under a user's name; None when it has none."""
        reply = self._send(pod, _request("GET", _path(user_id, name)), caller)
        return _named(pod, reply, document(pod, reply))[1] if has(pod, reply) else None

    def generate(
        self, pod: Pod, user_id: str, name: str, key_type: str, caller: Caller
    ) -> tuple[PodReply, PublicKey | None, str]:
        """Let a pod make a key: its reply, and if it made one, its public and its private half."""
        reply = self._add(pod, {"name": name, "type": key_type, "user_id": user_id}, caller, _OF_ANY_USER)
        if reply.status not in (200, 201):
            return reply, None, ""
        made = document(pod, reply)
        return reply, _named(pod, reply, made)[1], str(made["keypair"].get("private_key", ""))

    def add(self, pod: Pod, user_id: str, name: str, key: PublicKey, caller: Caller) -> PodReply:
        """Import a key into a pod."""
        asked = {"name": name, "type": key.type, "user_id": user_id, "public_key": key.text}
        spoken = spoken_by(pod)
        freer = spoken is not None and spoken.speaks(_FREER_NAMES)
        return answered(pod, self._add(pod, asked, caller, _FREER_NAMES if freer else _OF_ANY_USER))

    def delete(self, pod: Pod, user_id: str, name: str, caller: Caller | None = None) -> None:
        """Delete what a pod has under a user's name, be it nothing."""
        reply = self._send(pod, _request("DELETE", _path(user_id, name)), caller)
        if answered(pod, reply).status not in _GONE:
            raise no_answer(pod, reply)

    def _add(self, pod: Pod, asked: Mapping[str, str], caller: Caller, version: Microversion) -> PodReply:
        request = replace(_request("POST", PATH, version), body=json.dumps({"keypair": asked}).encode())
        return from_service(pod, self._send(pod, request, caller))

    def _send(self, pod: Pod, request: PodRequest, caller: Caller | None) -> PodReply:
        request = replace(request, read_timeout_seconds=self.seconds)
        return self.client.send(pod, _by(caller, request) if caller else request)


def _by(caller: Caller, request: PodRequest) -> PodRequest:
    return replace(
        request,
        token=caller.token,
        identity=caller.identity,
        request_id=caller.request_id,
        deadline=caller.deadline,
    )


def _request(method: str, path: str, version: Microversion = _OF_ANY_USER) -> PodRequest:
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "OpenStack-API-Version": f"compute {version}",
        "X-OpenStack-Nova-API-Version": str(version),
    }
    return PodRequest(method, path, headers=headers)


def _path(user_id: str, name: str) -> str:
    return f"{PATH}/{quote(name, safe='')}?{urlencode({'user_id': user_id})}"


def _named(pod: Pod, reply: PodReply, row: object) -> tuple[str, PublicKey]:
    """The name and the key in ``{"keypair": {...}}``."""
    shown = row.get("keypair") if isinstance(row, dict) else None
    fields = shown if isinstance(shown, dict) else {}
    name, text, fingerprint = (fields.get(field) for field in _MOST_LETTERS)
    key_type = fields.get("type") or SSH
    if key_type not in KEY_TYPES or not all(_is_text(fields.get(field), field) for field in _MOST_LETTERS):
        raise no_answer(pod, reply)
    return str(name), PublicKey(key_type, str(text), str(fingerprint))


def _is_text(told: object, field: str) -> bool:
    """Whether it is a text that isn't too long to be stored."""
    return isinstance(told, str) and len(told) <= _MOST_LETTERS[field]
