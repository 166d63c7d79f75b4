"""Rewriting: links, zones and hosts of a pod's answer get our words, and the marker of a create is hidden.

All else stays as it came, and links, zones and hosts stand only where OpenStack's services put them: what a
tenant wrote, such as metadata, may look alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.model import pod_host
from chalicelib.model.marked import marker_of, without_marker
from chalicelib.model.pod import Pod

_MARKED = "servers"  # what alone carries markers
# A place is the places below it, by their keys, or what is to be done there.
_ZONE, _HOST, _HREF, _REL = "zone", "host", "href", "rel"
_LINK: Mapping[str, Any] = {"href": _HREF, "rel": _REL}
_RESOURCE: Mapping[str, Any] = {
    "links": _LINK,
    **{other: {"links": _LINK} for other in ("flavor", "image", "server")},
}
_SERVER: Mapping[str, Any] = {
    **_RESOURCE,
    "OS-EXT-AZ:availability_zone": _ZONE,
    "pinned_availability_zone": _ZONE,  # from 2.96 on
    # Nova shows these to admins alone.
    "OS-EXT-SRV-ATTR:host": _HOST,
    "OS-EXT-SRV-ATTR:hypervisor_hostname": _HOST,
}
_ACTION: Mapping[str, Any] = {"events": {"host": _HOST}}  # from 2.62 on
_ELSEWHERE: Mapping[str, Any] = {}
_OF_ANOTHER_SERVICE = "alternate"  # Nova's link to an image in Glance

_KEYS = (b'"href"', b'availability_zone"', b'"OS-EXT-SRV-ATTR:h', b'"instanceAction"')
_MARKER = b'"trio2o:'
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}\[\]]', re.DOTALL)
_VERSIONED = re.compile(r"^(?:https?://[^/]+(?:/[^?]*?)?)?(/v2(?:\.1)?)((?:[/?].*)?)$")
_BOOKMARK = re.compile(r"^(?:https?://[^/]+(?:/[^?]*?)?)?(/(?:servers|flavors|images)/[^/?]+)$")


@dataclass(frozen=True, slots=True)
class Words:
    """How we say what a pod says: its zone by our name, hosts with the pod's, links below ``base_url``.

    ``project_path`` is in all links where the client's own path has it, as with Nova.
    """

    pod: Pod
    base_url: str
    project_path: str = ""

    def zone(self, theirs: str) -> str:
        """Our name of a server's zone; a server may have none."""
        return self.pod.az_name if theirs and self.pod.az_name else theirs

    def host(self, theirs: str) -> str:
        """A hostname with its pod, since several pods may have such a host; a server may have none."""
        return pod_host.shown(self.pod.pod_name, theirs) if theirs else theirs

    def link(self, href: str) -> str:
        """A pod's link as ours; one that isn't to its compute API stays."""
        if found := _VERSIONED.match(href):
            return f"{self.base_url}{found[1]}{self.project_path}{found[2]}"
        if found := _BOOKMARK.match(href):
            return f"{self.base_url}{self.project_path}{found[1]}"
        return href


def rewrite_row(row: dict[str, Any], collection: str, words: Words) -> None:
    """Put the links and zones of one row of a list into our words, in place, and hide its marker."""
    if collection == _MARKED and isinstance(row, dict) and marker_of(row) is not None:
        row.update(without_marker(row))
    _rewrite(row, _below_top(collection), words)


def _rewrite(value: Any, place: Mapping[str, Any], words: Words) -> None:
    if isinstance(value, list):
        for each in value:
            _rewrite(each, place, words)
    elif isinstance(value, dict):
        for key, below in place.items():
            inside = value.get(key)
            if inside is None:
                continue  # soon, since a list has thousands of places where there is nothing
            if isinstance(below, dict):
                _rewrite(inside, below, words)
            elif below in (_ZONE, _HOST) and isinstance(inside, str):
                value[key] = _ours(below, inside, words)
            elif below is _HREF and isinstance(inside, str) and value.get("rel") != _OF_ANOTHER_SERVICE:
                value[key] = words.link(inside)


def rewritten(raw: bytes, words: Words) -> bytes:
    """The JSON text of an answer with links and zones in our words, and without a marker."""
    if _MARKER in raw:
        raw = _unmarked(raw)
    if not any(key in raw for key in _KEYS):
        return raw
    try:
        document = json.loads(raw)
        if json.dumps(document).encode() != raw:
            return _spliced(raw, words)
    except (ValueError, RecursionError):
        return raw  # not JSON: a server may exist by now, so the client gets what there is
    # It is written as we write JSON, and Nova writes it. This is eight times as fast as splicing.
    for key, inside in document.items() if isinstance(document, dict) else ():
        _rewrite(inside, _below_top(key), words)
    return json.dumps(document).encode()


def _unmarked(raw: bytes) -> bytes:
    """The text of a server, of several, or of one's tags or metadata, without the marker."""
    try:
        document = json.loads(raw)
        if not isinstance(document, dict):
            return raw
        shown = dict(without_marker(document))
        if isinstance(shown.get("server"), dict):
            shown["server"] = without_marker(shown["server"])
        if isinstance(shown.get(_MARKED), list):
            shown[_MARKED] = [without_marker(x) if isinstance(x, dict) else x for x in shown[_MARKED]]
        return json.dumps(shown).encode()
    except (ValueError, RecursionError):
        return raw


def _spliced(raw: bytes, words: Words) -> bytes:
    parts, copied = [], 0
    for start, end, place in _Places(raw).spans():
        theirs = json.loads(raw[start:end])
        ours = _ours(place, theirs, words)
        if ours != theirs:
            parts += [raw[copied:start], json.dumps(ours).encode()]
            copied = end
    return b"".join([*parts, raw[copied:]])


def _ours(place: str, theirs: str, words: Words) -> str:
    if place is _ZONE:
        return words.zone(theirs)
    return words.host(theirs) if place is _HOST else words.link(theirs)


class _Places:
    """Finds the texts that are to be rewritten, by the keys that lead to them."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._stack: list[tuple[bytes, Any]] = []  # what opened, and the place of what is in it
        self._next: Any = _ELSEWHERE  # the place of the next value
        self._href: tuple[int, int] | None = None
        self._rel = b""

    def spans(self) -> Iterator[tuple[int, int, str]]:
        """Begin, end and kind of each text, in their order."""
        for token in _TOKEN.finditer(self._raw):
            sign = self._raw[token.start() : token.start() + 1]
            if sign in b"{[":
                self._open(sign)
            elif sign in b"}]":
                yield from self._close()
            elif token[2] is not None:
                self._next = self._below(token[1].decode())
            elif self._next in (_ZONE, _HOST):
                yield token.start(), token.end(), self._next
            elif self._next is _HREF:
                self._href = token.span()
            elif self._next is _REL:
                self._rel = token[1]

    def _open(self, sign: bytes) -> None:
        in_a_list = bool(self._stack) and self._stack[-1][0] == b"["
        place = self._stack[-1][1] if in_a_list else self._next
        self._stack.append((sign, place if isinstance(place, Mapping) else _ELSEWHERE))
        self._next = _ELSEWHERE
        if place is _LINK:
            self._href, self._rel = None, b""

    def _close(self) -> Iterator[tuple[int, int, str]]:
        sign, place = self._stack.pop()
        self._next = _ELSEWHERE
        if sign == b"{" and place is _LINK and self._href and self._rel != _OF_ANOTHER_SERVICE.encode():
            yield *self._href, _HREF

    def _below(self, key: str) -> Any:
        if len(self._stack) == 1:
            return _below_top(key)
        return self._stack[-1][1].get(key, _ELSEWHERE)


def _below_top(key: str) -> Mapping[str, Any]:
    """The places below a key of the whole document, which names a resource, a list of them, or links."""
    if key in ("server", "servers"):
        return _SERVER
    if key == "instanceAction":
        return _ACTION
    return _LINK if key == "links" or key.endswith("_links") else _RESOURCE
