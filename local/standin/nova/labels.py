"""A server's metadata and tags."""

from __future__ import annotations

from typing import Any

from local.standin.message import Fault, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.servers import find_server
from local.standin.nova.state import NovaState
from local.standin.router import Router

MAX_METADATA, MAX_TAGS = 128, 50


class LabelsApi:
    """Metadata and tags, all at once or one by one."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        metadata, tags = "/servers/{server_id}/metadata", "/servers/{server_id}/tags"
        router.add("GET", metadata, self.metadata)
        router.add("POST", metadata, self.add_metadata)
        router.add("PUT", metadata, self.replace_metadata)
        router.add("GET", metadata + "/{key}", self.metadata_item)
        router.add("PUT", metadata + "/{key}", self.put_metadata_item)
        router.add("DELETE", metadata + "/{key}", self.delete_metadata_item)
        router.add("GET", tags, self.tags)
        router.add("PUT", tags, self.replace_tags)
        router.add("DELETE", tags, self.clear_tags)
        router.add("GET", tags + "/{key}", self.has_tag)
        router.add("PUT", tags + "/{key}", self.add_tag)
        router.add("DELETE", tags + "/{key}", self.delete_tag)

    def metadata(self, call: NovaCall) -> Reply:
        return Reply(200, {"metadata": dict(find_server(call, self._state).metadata)})

    def add_metadata(self, call: NovaCall) -> Reply:
        return self._write_metadata(call, replace=False)

    def replace_metadata(self, call: NovaCall) -> Reply:
        return self._write_metadata(call, replace=True)

    def _write_metadata(self, call: NovaCall, replace: bool) -> Reply:
        call.needs_member("server-metadata:update_all")
        server = find_server(call, self._state)
        asked = _texts(call.request.json().get("metadata"))
        written = asked if replace else {**server.metadata, **asked}
        if len(written) > MAX_METADATA:
            raise Fault(403, f"Maximum number of metadata items exceeds {MAX_METADATA}")
        server.metadata = written
        return Reply(200, {"metadata": dict(written)})

    def metadata_item(self, call: NovaCall) -> Reply:
        metadata = find_server(call, self._state).metadata
        if call.vars["key"] not in metadata:
            raise Fault(404, "Metadata item was not found")
        return Reply(200, {"meta": {call.vars["key"]: metadata[call.vars["key"]]}})

    def put_metadata_item(self, call: NovaCall) -> Reply:
        call.needs_member("server-metadata:update")
        server = find_server(call, self._state)
        asked = _texts(call.request.json().get("meta"))
        if list(asked) != [call.vars["key"]]:
            raise Fault(400, "Request body and URI mismatch")
        server.metadata = {**server.metadata, **asked}
        return Reply(200, {"meta": asked})

    def delete_metadata_item(self, call: NovaCall) -> Reply:
        call.needs_member("server-metadata:delete")
        server = find_server(call, self._state)
        if server.metadata.pop(call.vars["key"], None) is None:
            raise Fault(404, "Metadata item was not found")
        return Reply(204)

    def tags(self, call: NovaCall) -> Reply:
        _since_tags(call)
        return Reply(200, {"tags": list(find_server(call, self._state).tags)})

    def replace_tags(self, call: NovaCall) -> Reply:
        _since_tags(call)
        call.needs_member("os-server-tags:update_all")
        server = find_server(call, self._state)
        server.tags = [_tag(tag) for tag in dict.fromkeys(call.request.json().get("tags", []))]
        return Reply(200, {"tags": list(server.tags)})

    def clear_tags(self, call: NovaCall) -> Reply:
        _since_tags(call)
        call.needs_member("os-server-tags:delete_all")
        find_server(call, self._state).tags = []
        return Reply(204)

    def has_tag(self, call: NovaCall) -> Reply:
        _since_tags(call)
        if call.vars["key"] not in find_server(call, self._state).tags:
            raise _no_tag(call)
        return Reply(204)

    def add_tag(self, call: NovaCall) -> Reply:
        _since_tags(call)
        call.needs_member("os-server-tags:update")
        server, tag = find_server(call, self._state), _tag(call.vars["key"])
        if tag in server.tags:
            return Reply(204)
        if len(server.tags) >= MAX_TAGS:
            raise Fault(400, f"The number of tags exceeded the per-server limit {MAX_TAGS}")
        server.tags = [*server.tags, tag]
        return Reply(201, None, {"Location": call.url(f"/servers/{server.id}/tags/{tag}")})

    def delete_tag(self, call: NovaCall) -> Reply:
        _since_tags(call)
        call.needs_member("os-server-tags:delete")
        server = find_server(call, self._state)
        if call.vars["key"] not in server.tags:
            raise _no_tag(call)
        server.tags = [tag for tag in server.tags if tag != call.vars["key"]]
        return Reply(204)


def _since_tags(call: NovaCall) -> None:
    if call.minor < 26:
        raise Fault(404, "The resource could not be found.")


def _no_tag(call: NovaCall) -> Fault:
    return Fault(404, f"Server {call.vars['server_id']} has no tag '{call.vars['key']}'")


def _tag(tag: Any) -> str:
    if not isinstance(tag, str) or not 0 < len(tag) <= 60 or "/" in tag or "," in tag:
        raise Fault(400, f"Invalid input for field/attribute tags. Value: {tag}.")
    return tag


def _texts(asked: Any) -> dict[str, str]:
    """The metadata, if Nova allows it. Raises Fault 400."""
    if not isinstance(asked, dict):
        raise Fault(400, "Invalid input for field/attribute metadata.")
    for key, text in asked.items():
        if not key or len(key) > 255 or not isinstance(text, str) or len(text) > 255:
            raise Fault(400, f"Invalid input for field/attribute {key}. Value: {text}.")
    return asked
