"""Conversation: an operator's requests, answered by the admin API's own routes and dialect."""

from __future__ import annotations

import json
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from chalicelib.api.admin.mount import ADMIN_API
from chalicelib.api.answering import answer
from chalicelib.api.call import Call
from chalicelib.api.sending import text_of
from tests.service.desk import Desk


class Conversation:
    """Asks as an operator, in HTTP's terms: a method, a URL as it would be sent, a JSON body."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def ask(self, method, url, body=None, token="operator", request_id="req-1"):
        """The reply; its body is written as JSON and read again, as on the way to a client."""
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        address = urlsplit(url)
        found = ADMIN_API.router.find(method, address.path.removeprefix(ADMIN_API.prefix))
        call = Call(
            method=method,
            raw_path=found.rest,
            path=found.variables,
            query={k: tuple(v) for k, v in parse_qs(address.query, keep_blank_values=True).items()},
            headers={"x-auth-token": token} if token else {},
            raw_body=raw,
            request_id=request_id,
            base_url="http://127.0.0.1:8000",
        )
        reply = answer(call, found.row, found.allowed, ADMIN_API.dialect)
        said = text_of(reply.body) or None
        if said and reply.headers.get("Content-Type", "application/json") == "application/json":
            said = json.loads(said)
        return SimpleNamespace(status=reply.status, body=said, headers=reply.headers)

    def refused(self, method, url, body=None):
        """Status and field of an error."""
        reply = self.ask(method, url, body)
        return reply.status, reply.body["error"].get("field")
