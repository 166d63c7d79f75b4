"""Flavor writes: what a write of a flavor changes, and by what a pod shows that it has been changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from chalicelib.model.shared_write import SharedWrite

_COLLECTION = "/flavors"
_TRUE = ("1", "t", "true", "on", "y", "yes")
# What a new flavor has where its create doesn't say it, by the field that shows it.
_DEFAULTS = {
    "OS-FLV-EXT-DATA:ephemeral": 0,
    "swap": 0,
    "rxtx_factor": 1.0,
    "os-flavor-access:is_public": True,
}


def shared_write(method: str, path: str, raw: bytes, made_id: str, ids: Callable[[], str]) -> SharedWrite:
    """The write that a request asks for. What is wrong with its body the pods' Nova says.

    ``path`` is what follows the API's prefix, still encoded. A new flavor whose client gives no id gets
    ``made_id``, or else a fresh one of ``ids``.
    """
    body = _read(raw)
    if method == "POST" and path == _COLLECTION:
        return _create(path, raw, body, made_id, ids)
    segments = path.split("/")
    title = f"flavor {unquote(segments[2])}"
    if segments[-1] == "action":
        return _access(method, path, raw, body, title)
    whole = len(segments) == 3 and method == "DELETE"
    return SharedWrite(method, path, raw or None, title, success=202 if whole else 200, ends=whole)


def _create(
    path: str, raw: bytes, body: Mapping[str, Any], made_id: str, ids: Callable[[], str]
) -> SharedWrite:
    asked = body.get("flavor")
    if not isinstance(asked, dict) or "name" not in asked:  # the pods refuse it, and show what they got
        return SharedWrite("POST", path, raw, "a new flavor", done_status=0)
    if asked.get("id"):
        made_id = ""
    else:  # each pod would make an id of its own
        made_id = made_id or ids()
        asked = {**asked, "id": made_id}
        raw = json.dumps({**body, "flavor": asked}).encode()
    flavor_id = str(asked["id"])
    return SharedWrite(
        "POST",
        path,
        raw,
        f"flavor {flavor_id}",
        done_status=409,
        look=f"{_COLLECTION}/{quote(flavor_id, safe='')}",
        has=partial(_is_as_asked, asked),
        made_id=made_id,
    )


def _access(method: str, path: str, raw: bytes, body: Mapping[str, Any], title: str) -> SharedWrite:
    """A project gets or loses access; the list of those that have it shows which."""
    look = path.removesuffix("/action") + "/os-flavor-access"
    project_id = _tenant(body.get("addTenantAccess"))
    if project_id:
        has = partial(_has_access, project_id)
        return SharedWrite(method, path, raw, title, done_status=409, look=look, has=has)
    return SharedWrite(method, path, raw, title, look=look)


def _has_access(project_id: str, shown: Mapping[str, Any]) -> bool:
    return project_id in _projects(shown)


def _is_as_asked(asked: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Whether a pod shows the flavor that a create asks for. A field that it doesn't show isn't compared."""
    flavor = shown.get("flavor")
    if not isinstance(flavor, dict):
        return False
    wanted = {**_DEFAULTS, **asked}
    return all(
        _plain(key, flavor[key]) == _plain(key, value) for key, value in wanted.items() if key in flavor
    )


def _plain(key: str, value: Any) -> object:
    """A value as it compares, since Nova takes numbers and truth in several spellings."""
    if key == "os-flavor-access:is_public":
        return str(value).strip().lower() in _TRUE
    if key in ("name", "id", "description"):
        return None if value is None else str(value).strip()
    try:
        return float(value or 0)
    except (TypeError, ValueError, OverflowError):
        return value


def _projects(shown: Mapping[str, Any]) -> list[object]:
    rows = shown.get("flavor_access")
    return [row.get("tenant_id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _tenant(asked: object) -> str:
    tenant = asked.get("tenant") if isinstance(asked, dict) else None
    return tenant if isinstance(tenant, str) else ""


def _read(raw: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
