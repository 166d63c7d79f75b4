"""Side: one of the two who are asked, a pod's Nova or the gateway, and what is called how there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.openstack.api_ref.ask import ADMIN, Ask, filled
from tests.openstack.cloud import HTTP_SECONDS, Cloud

HEADERS = (
    "Content-Type",
    "OpenStack-API-Version",
    "X-OpenStack-Nova-API-Version",
    "Vary",
    "Location",
    "Retry-After",
    "Allow",
)
# A pod's number with the pod's own number behind it: what Nova's whole ids are made of here.
_NUMBER = re.compile(r"((?:id\": |marker=))(\d+)0001\b")
ID_HEADERS = ("X-OpenStack-Request-Id", "X-Compute-Request-Id")


@dataclass(frozen=True)
class Answer:
    """What came back, with this side's own words (its URL, its zone, its ids) replaced by common ones."""

    status: int
    headers: Mapping[str, Any]
    body: Any


@dataclass
class Side:
    """Where to send requests. ``words`` are what only this side says, with what both are taken to say.

    ``values`` fill paths and bodies; what an Ask keeps is added to them.
    """

    base: str
    users: Mapping[str, Cloud]
    words: Mapping[str, str]
    values: dict[str, str]
    own: set[str] = field(default_factory=set)
    _numbers: dict[str, dict[str, str]] = field(default_factory=dict)

    def send(self, ask: Ask, who: str, version: str) -> Answer:
        values = {**self.values, **self._numbered(version)}
        body = filled(ask.body, values)
        reply = self._request(ask.method, filled(ask.path, values), who, version, body)
        for name, place in ask.keep.items():
            self._keep(name, place, reply)
        return self._answer(reply)

    def _request(self, method: str, path: str, who: str, version: str, body: Any = None) -> requests.Response:
        return requests.request(
            method,
            self.base + path,
            json=body,
            headers={
                "X-Auth-Token": self.users[who].token,
                "OpenStack-API-Version": f"compute {version}",
                "Accept": "application/json",
            },
            timeout=HTTP_SECONDS,
            allow_redirects=False,
        )

    def _numbered(self, version: str) -> dict[str, str]:
        """What this side calls what has a number, here with the pod's own; from 2.53 on some have UUIDs."""
        if version not in self._numbers:
            hypervisors = self._request("GET", "/os-hypervisors/detail", ADMIN, version).json()
            services = self._request("GET", "/os-services?binary=nova-compute", ADMIN, version).json()
            aggregates = self._request("GET", "/os-aggregates", ADMIN, version).json().get("aggregates", [])
            numbers = {each["name"]: str(each["id"]) for each in aggregates}
            self._numbers[version] = {
                "hypervisor": str(hypervisors.get("hypervisors", [{"id": "unserved"}])[0]["id"]),
                "service": str(services.get("services", [{"id": "unserved"}])[0].get("id", "unnamed")),
                "aggregate": numbers.get(self.values["aggregate_name"], "unserved"),
            }
        return self._numbers[version]

    def _keep(self, name: str, place: str, reply: requests.Response) -> None:
        found = reply.json() if reply.ok else {}
        for key in place.split("."):
            found = found[int(key)] if isinstance(found, list) else found.get(key, {})
        if found != {}:
            self.values[name] = str(found)
            self.own.add(name)

    def _answer(self, reply: requests.Response) -> Answer:
        headers: dict[str, Any] = {name: self._common(reply.headers.get(name, "")) for name in HEADERS}
        headers |= {name: name in reply.headers for name in ID_HEADERS}
        return Answer(reply.status_code, headers, _parsed(self._common(reply.text)))

    def _common(self, text: str) -> str:
        for word, common in self.words.items():
            text = text.replace(word, common)
        text = _NUMBER.sub(r"\1\2", text) if self.words else text
        for name in sorted(self.own, key=lambda name: -len(self.values[name])):
            if len(self.values[name]) > 3:
                text = text.replace(self.values[name], f"{{{name}}}")
        return text


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
