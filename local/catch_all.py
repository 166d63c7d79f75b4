"""Catch-all: what a path that no route matches is answered.

On AWS the template's gateway responses do this, since such a request never reaches the app; Chalice's
local server would answer 403 "Missing Authentication Token" in its place.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from chalicelib.api.admin.dialect import ADMIN_DIALECT
from chalicelib.api.door import write_reply
from chalicelib.api.nova.dialect import NOVA
from chalicelib.api.routes import Call, Dialect, Reply

_ADMIN_PREFIX = "/v1.0"


def unknown_path(method: str, target: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """A 404 in the words of the API that the path begins like, as a Lambda's answer."""
    path = urlsplit(target).path
    dialect: Dialect = ADMIN_DIALECT if f"{path}/".startswith(f"{_ADMIN_PREFIX}/") else NOVA
    call = Call(
        method=method,
        raw_path=path,
        path={},
        query={},
        headers={name.lower(): value for name, value in headers.items()},
        raw_body=b"",
        request_id=f"req-{uuid.uuid4()}",
        base_url="",
    )
    reply = dialect.unserved(call, ())
    reply = Reply(reply.status, reply.body, {**dialect.headers(call), **reply.headers})
    answer: dict[str, Any] = write_reply(reply, call).to_dict()
    return answer
