"""Nova's keypairs. They belong to users, not to projects."""

from __future__ import annotations

import hashlib

from local.standin.clock import precise_time
from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router


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
        user_id = self._user_id(call)
        mine = [pair for (owner, _), pair in sorted(self._state.keypairs.items()) if owner == user_id]
        return Reply(200, {"keypairs": [{"keypair": _short(pair, call)} for pair in mine]})

    def create(self, call: NovaCall) -> Reply:
        call.needs_member("os-keypairs:create")
        asked = call.request.json().get("keypair") or {}
        user_id, name = asked.get("user_id") or call.caller.user_id, asked.get("name")
        if user_id != call.caller.user_id:
            call.needs_admin("os-keypairs:create")
        if not name:
            raise Fault(400, "Invalid input for field/attribute keypair. 'name' is a required property")
        if (user_id, name) in self._state.keypairs:
            raise Fault(409, f"Key pair '{name}' already exists.")
        public_key = asked.get("public_key")
        if public_key is None and call.minor >= 92:
            raise Fault(400, "Invalid input for field/attribute keypair. 'public_key' is a required property")
        made_here: Json = {}
        if public_key is None:
            public_key = f"ssh-rsa {self._state.ids.token()} Generated-by-Nova"
            made_here["private_key"] = (
                f"-----BEGIN PRIVATE KEY-----\n{self._state.ids.token()}\n-----END-----\n"
            )
        digest = hashlib.md5(public_key.encode(), usedforsecurity=False).hexdigest()
        pair: Json = {
            "name": name,
            "user_id": user_id,
            "public_key": public_key,
            "fingerprint": ":".join(digest[start : start + 2] for start in range(0, 32, 2)),
            "type": asked.get("type", "ssh"),
            "id": len(self._state.keypairs) + 1,
            "created_at": precise_time(self._state.clock.now()),
        }
        self._state.keypairs[user_id, name] = pair
        status = 201 if call.minor >= 2 else 200
        return Reply(status, {"keypair": {**_short(pair, call), "user_id": user_id, **made_here}})

    def show(self, call: NovaCall) -> Reply:
        pair = self._one(call)
        extra = {key: pair[key] for key in ("user_id", "id", "created_at")}
        body = {**_short(pair, call), **extra, "deleted": False, "deleted_at": None, "updated_at": None}
        return Reply(200, {"keypair": body})

    def delete(self, call: NovaCall) -> Reply:
        call.needs_member("os-keypairs:delete")
        pair = self._one(call)
        del self._state.keypairs[pair["user_id"], pair["name"]]
        return Reply(204 if call.minor >= 2 else 202)

    def _one(self, call: NovaCall) -> Json:
        pair = self._state.keypairs.get((self._user_id(call), call.vars["name"]))
        if pair is None:
            raise Fault(404, f"Keypair {call.vars['name']} not found for user {self._user_id(call)}")
        return pair

    def _user_id(self, call: NovaCall) -> str:
        """The caller; admins may ask for another user from 2.10 on."""
        asked = call.request.first("user_id")
        if asked is None or call.minor < 10 or asked == call.caller.user_id:
            return call.caller.user_id
        call.needs_admin("os-keypairs:index")
        return asked


def _short(pair: Json, call: NovaCall) -> Json:
    keys = ["name", "public_key", "fingerprint"] + (["type"] if call.minor >= 2 else [])
    return {key: pair[key] for key in keys}
