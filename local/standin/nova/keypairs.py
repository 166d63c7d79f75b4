"""Nova's keypairs. They belong to users, not to projects."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from local.standin.clock import precise_time
from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.public_keys import fingerprint, fresh_key
from local.standin.nova.state import NovaState
from local.standin.router import Router

_NAME, _NAME_SINCE_92 = r"^[_\- a-zA-Z0-9]+$", r"^[_\-\@\. a-zA-Z0-9]+$"
MOST_ROWS = 1000


class KeypairsApi:
    """If a create brings no public key, the pod makes a keypair, so each pod makes another one."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/os-keypairs", self.keypairs)
        router.add("POST", "/os-keypairs", self.create)
        router.add("GET", "/os-keypairs/{name}", self.show)
        router.add("DELETE", "/os-keypairs/{name}", self.delete)

    def keypairs(self, call: NovaCall) -> Reply:
        user_id = self._user_id(call, "index")
        mine = [pair for (owner, _), pair in sorted(self._state.keypairs.items()) if owner == user_id]
        if call.minor < 35:
            return Reply(200, {"keypairs": [{"keypair": _short(pair, call)} for pair in mine]})
        marker, limit = call.request.first("marker"), int(call.request.first("limit") or MOST_ROWS)
        if marker is not None:
            if (user_id, marker) not in self._state.keypairs:
                raise Fault(400, f"Marker {marker} could not be found.")
            mine = [pair for pair in mine if pair["name"] > marker]
        page = mine[:limit]
        body: Json = {"keypairs": [{"keypair": _short(pair, call)} for pair in page]}
        if page and len(page) == limit:
            query = urlencode({"limit": limit, "marker": page[-1]["name"]})
            body["keypairs_links"] = [{"rel": "next", "href": call.url(f"/os-keypairs?{query}")}]
        return Reply(200, body)

    def create(self, call: NovaCall) -> Reply:
        asked = call.request.json().get("keypair") or {}
        user_id, name = asked.get("user_id") or call.caller.user_id, asked.get("name")
        if user_id != call.caller.user_id:
            call.needs_admin("os-keypairs:create")
        if not name:
            raise Fault(400, "Invalid input for field/attribute keypair. 'name' is a required property")
        pattern = _NAME_SINCE_92 if call.minor >= 92 else _NAME
        if not re.search(pattern, name):
            raise Fault(
                400,
                f"Invalid input for field/attribute name. Value: {name}. {name!r} does not match {pattern!r}",
            )
        public_key, key_type = asked.get("public_key"), asked.get("type", "ssh")
        if public_key is None and call.minor >= 92:
            raise Fault(400, "Invalid input for field/attribute keypair. 'public_key' is a required property")
        mine = [owner for owner, _ in self._state.keypairs if owner == user_id]
        if len(mine) >= self._state.quota.key_pairs:
            raise Fault(403, "Quota exceeded, too many key pairs.")
        made_here: Json = {}
        if public_key is None:
            public_key, made_here["private_key"] = fresh_key(key_type, user_id)
        digest = fingerprint(key_type, public_key)
        if (user_id, name) in self._state.keypairs:
            raise Fault(409, f"Key pair '{name}' already exists.")
        pair: Json = {
            "name": name,
            "user_id": user_id,
            "public_key": public_key,
            "fingerprint": digest,
            "type": key_type,
            "id": len(self._state.keypairs) + 1,
            "created_at": precise_time(self._state.clock.now()),
        }
        self._state.keypairs[user_id, name] = pair
        status = 201 if call.minor >= 2 else 200
        return Reply(status, {"keypair": {**_short(pair, call), "user_id": user_id, **made_here}})

    def show(self, call: NovaCall) -> Reply:
        pair = self._one(call, "show")
        extra = {key: pair[key] for key in ("user_id", "id", "created_at")}
        body = {**_short(pair, call), **extra, "deleted": False, "deleted_at": None, "updated_at": None}
        return Reply(200, {"keypair": body})

    def delete(self, call: NovaCall) -> Reply:
        pair = self._one(call, "delete")
        del self._state.keypairs[pair["user_id"], pair["name"]]
        return Reply(204 if call.minor >= 2 else 202)

    def _one(self, call: NovaCall, rule: str) -> Json:
        user_id = self._user_id(call, rule)
        pair = self._state.keypairs.get((user_id, call.vars["name"]))
        if pair is None:
            raise Fault(404, f"Keypair {call.vars['name']} not found for user {user_id}")
        return pair

    def _user_id(self, call: NovaCall, rule: str) -> str:
        """The caller; admins may ask for another user from 2.10 on."""
        asked = call.request.first("user_id")
        if not asked or call.minor < 10 or asked == call.caller.user_id:
            return call.caller.user_id
        call.needs_admin(f"os-keypairs:{rule}")
        return asked


def _short(pair: Json, call: NovaCall) -> Json:
    keys = ["name", "public_key", "fingerprint"] + (["type"] if call.minor >= 2 else [])
    return {key: pair[key] for key in keys}
