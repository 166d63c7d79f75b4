"""Pods that keep keypairs, for tests of races and crashes: a test may do something just before a request."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import parse_qs, unquote, urlsplit

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.keypair import PublicKey
from chalicelib.model.pod_request import PodReply, PodRequest

MARK = {"x-openstack-request-id": "req-pod"}
NO_SUCH_KEY = b'{"badRequest": {"code": 400, "message": "Invalid key_name provided."}}'


def a_key(text: str = "one") -> PublicKey:
    return PublicKey("ssh", f"ssh-rsa {text}", f"of {text}")


@dataclass
class KeyPods:
    """``keys`` are each pod's, by user and name. ``before`` is called with the request that comes."""

    keys: defaultdict[str, dict[tuple[str, str], PublicKey]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    heard: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)  # by which they were asked
    asked_types: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    silent_after: set[str] = field(default_factory=set)
    replies: dict[str, PodReply] = field(default_factory=dict)  # by "POST pod-a"
    before: Callable[[str], None] = lambda heard: None
    numbers: count[int] = field(default_factory=lambda: count(1))

    def send(self, pod, request: PodRequest) -> PodReply:
        heard = f"{request.method} {pod.pod_id}"
        self.heard.append(heard)
        self.tokens.add(request.token)
        self.before(heard)
        if pod.pod_id in self.silent:
            raise PodUnreachable(pod.pod_id, "refused", sent=False)
        reply = self.replies.get(heard) or self._answer(self.keys[pod.pod_id], request)
        if heard in self.silent_after:
            raise PodUnreachable(pod.pod_id, "timed out", sent=True)
        return reply

    def _answer(self, keys, request: PodRequest) -> PodReply:
        url = urlsplit(request.path)
        name = unquote(url.path.removeprefix("/os-keypairs").removeprefix("/"))
        asked = json.loads(request.body or b"{}").get("keypair", {})
        user_id = asked.get("user_id") or parse_qs(url.query)["user_id"][0]
        if request.method == "POST":
            return self._added(keys, user_id, asked)
        if not name:
            after = parse_qs(url.query).get("marker", [""])[0]
            mine = sorted(
                (name, key) for (owner, name), key in keys.items() if owner == user_id and name > after
            )
            return _ok({"keypairs": [_shown(name, key) for name, key in mine]})
        if (user_id, name) not in keys:
            return PodReply(404, MARK, b'{"itemNotFound": {}}')
        if request.method == "DELETE":
            del keys[user_id, name]
            return PodReply(204, MARK, b"")
        return _ok(_shown(name, keys[user_id, name]))

    def _added(self, keys, user_id: str, asked) -> PodReply:
        name = asked["name"]
        self.asked_types.append(asked["type"])
        if (user_id, name) in keys:
            return PodReply(409, MARK, b'{"conflictingRequest": {}}')
        text = asked.get("public_key") or f"ssh-rsa made-{next(self.numbers)}"
        keys[user_id, name] = key = a_key(text.removeprefix("ssh-rsa "))
        shown = _shown(name, key)
        if "public_key" not in asked:
            shown["keypair"]["private_key"] = "secret"
        return _ok(shown, 201)


def _shown(name: str, key: PublicKey) -> dict:
    return {
        "keypair": {"name": name, "public_key": key.text, "fingerprint": key.fingerprint, "type": key.type}
    }


def _ok(body: dict, status: int = 200) -> PodReply:
    return PodReply(status, MARK, json.dumps(body).encode())
