"""Keystone's application credentials resource."""

from __future__ import annotations

from local.standin.keystone import bodies
from local.standin.keystone.call import KeystoneCall
from local.standin.keystone.state import ApplicationCredential, KeystoneState
from local.standin.message import Fault, Reply
from local.standin.router import Router


class CredentialsApi:
    """A user makes credentials for itself, in the project of its token."""

    def __init__(self, state: KeystoneState) -> None:
        self._state = state

    def add_to(self, router: Router[KeystoneCall]) -> None:
        path = "/v3/users/{user_id}/application_credentials"
        router.add("GET", path, self.show_all)
        router.add("POST", path, self.create)
        router.add("GET", path + "/{id}", self.show)
        router.add("DELETE", path + "/{id}", self.delete)

    def show_all(self, call: KeystoneCall) -> Reply:
        name = call.request.first("name")
        mine = [c for c in self._mine(call) if name in (None, c.name)]
        return Reply(
            200, {"application_credentials": [bodies.write_credential(c) for c in mine], "links": {}}
        )

    def create(self, call: KeystoneCall) -> Reply:
        self._mine(call)
        token = call.token()
        if token.project_id is None or token.application_credential is not None:
            raise Fault(403, "You are not authorized to perform the requested action.")
        asked = call.request.json().get("application_credential", {})
        roles = tuple(role["name"] for role in asked.get("roles", []) if "name" in role)
        if not set(roles) <= set(token.roles):
            raise Fault(400, "Invalid application credential: a role isn't assigned to the user.")
        made = self._state.add_credential(
            token.user_id,
            token.project_id,
            asked["name"],
            asked.get("secret") or "",
            roles=roles or token.roles,
            access_rules=asked.get("access_rules"),
            unrestricted=bool(asked.get("unrestricted")),
        )
        return Reply(201, {"application_credential": bodies.write_credential(made, with_secret=True)})

    def show(self, call: KeystoneCall) -> Reply:
        return Reply(200, {"application_credential": bodies.write_credential(self._one(call))})

    def delete(self, call: KeystoneCall) -> Reply:
        del self._state.credentials[self._one(call).id]
        return Reply(204)

    def _mine(self, call: KeystoneCall) -> list[ApplicationCredential]:
        if call.token().user_id != call.vars["user_id"]:
            call.admin("identity:list_application_credentials")
        return [c for c in self._state.credentials.values() if c.user_id == call.vars["user_id"]]

    def _one(self, call: KeystoneCall) -> ApplicationCredential:
        for credential in self._mine(call):
            if credential.id == call.vars["id"]:
                return credential
        raise Fault(404, f"Could not find Application Credential: {call.vars['id']}.")
