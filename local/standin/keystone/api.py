"""Keystone's HTTP API, as much of it as clients and our gateway use."""

from __future__ import annotations

from collections.abc import Callable

from local.standin.identity import Token, authenticate
from local.standin.keystone import bodies
from local.standin.keystone.call import KeystoneCall
from local.standin.keystone.catalog import Catalog
from local.standin.keystone.credentials import CredentialsApi
from local.standin.keystone.login import log_in
from local.standin.keystone.state import ROLES, KeystoneState
from local.standin.message import Fault, Json, Reply, Request
from local.standin.router import Router

TITLES = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict"}


class KeystoneApi:
    """Keystone's routes over its state and its service catalogue."""

    def __init__(self, state: KeystoneState, catalog: Catalog) -> None:
        self.state = state
        self.catalog = catalog
        self._router: Router[KeystoneCall] = Router()
        add = self._router.add
        add("GET", "/", self.versions)
        add("GET", "/v3", self.version)
        add("POST", "/v3/auth/tokens", self.log_in)
        add("GET", "/v3/auth/tokens", self.validate)
        add("DELETE", "/v3/auth/tokens", self.revoke)
        add("GET", "/v3/auth/catalog", self.show_catalog)
        add("GET", "/v3/auth/projects", self.my_projects)
        add("GET", "/v3/users/{user_id}/projects", self.my_projects)
        add("GET", "/v3/projects", self.projects)
        add("GET", "/v3/projects/{id}", self.project)
        add("GET", "/v3/users", self.users)
        add("GET", "/v3/users/{id}", self.user)
        lists: dict[str, Callable[[], list[Json]]] = {
            "roles": lambda: [bodies.write_role(role) for role in ROLES],
            "services": catalog.services,
            "endpoints": catalog.endpoints,
            "regions": catalog.regions,
            "domains": lambda: [{**bodies.DEFAULT_DOMAIN, "enabled": True}],
        }
        for noun, read in lists.items():
            add("GET", f"/v3/{noun}", _listing(noun, read))
            add("GET", f"/v3/{noun}/{{id}}", _showing(noun, read))
        CredentialsApi(state).add_to(self._router)

    def answer(self, request: Request) -> Reply:
        """Serve a request; a fault is written as Keystone writes it."""
        call_url = request.origin
        try:
            handler, found = self._router.find(request.method, request.path)
            caller = self.state.read(request.header("X-Auth-Token") or "")
            reply = handler(KeystoneCall(request, found, call_url, caller))
        except Fault as fault:
            error = {
                "code": fault.status,
                "title": TITLES.get(fault.status, "Error"),
                "message": fault.message,
            }
            reply = Reply(fault.status, fault.body or {"error": error}, fault.headers)
        reply.headers.setdefault("Vary", "X-Auth-Token")
        reply.headers["x-openstack-request-id"] = request.request_id
        return reply

    def versions(self, call: KeystoneCall) -> Reply:
        return Reply(300, {"versions": {"values": [bodies.write_version(call.url)]}})

    def version(self, call: KeystoneCall) -> Reply:
        return Reply(200, {"version": bodies.write_version(call.url)})

    def log_in(self, call: KeystoneCall) -> Reply:
        auth = call.request.json().get("auth")
        if not isinstance(auth, dict):
            raise Fault(400, "Expecting to find auth in request body.")
        token = log_in(self.state, auth, call.url)
        return Reply(201, self._body(token, call), {"X-Subject-Token": token.id})

    def validate(self, call: KeystoneCall) -> Reply:
        subject_id = self._subject(call, "identity:validate_token")
        subject = self.state.read(subject_id)
        if subject is None:
            raise Fault(404, "Could not find token.")
        return Reply(200, self._body(subject, call), {"X-Subject-Token": subject.id})

    def revoke(self, call: KeystoneCall) -> Reply:
        subject_id = self._subject(call, "identity:revoke_token")
        if self.state.read(subject_id) is None:
            raise Fault(404, "Could not find token.")
        self.state.revoke(subject_id)
        return Reply(204)

    def _subject(self, call: KeystoneCall, action: str) -> str:
        """The id of the token asked about. Users may ask about their own, admins and services about all."""
        token = authenticate(call.request, self.state, call.url)
        subject_id = call.request.header("X-Subject-Token") or ""
        subject = self.state.read(subject_id)
        same_user = subject is not None and subject.user_id == token.user_id
        if not same_user:
            call.admin(action)
        return subject_id

    def _body(self, token: Token, call: KeystoneCall) -> Json:
        catalog = None if "nocatalog" in call.request.query else self.catalog
        return bodies.write_token(token, self.state, catalog)

    def show_catalog(self, call: KeystoneCall) -> Reply:
        call.token()
        return Reply(
            200, {"catalog": self.catalog.in_token(), "links": {"self": f"{call.url}/v3/auth/catalog"}}
        )

    def my_projects(self, call: KeystoneCall) -> Reply:
        user = self.state.users[call.token().user_id]
        mine = [self.state.projects[scope] for scope in user.roles if scope in self.state.projects]
        return _page("projects", [bodies.write_project(project, call.url) for project in mine], call)

    def projects(self, call: KeystoneCall) -> Reply:
        call.admin("identity:list_projects")
        everything = [bodies.write_project(project, call.url) for project in self.state.projects.values()]
        return _page("projects", everything, call)

    def project(self, call: KeystoneCall) -> Reply:
        project = self.state.projects.get(call.vars["id"])
        if call.token().project_id != call.vars["id"]:
            call.admin("identity:get_project")
        if project is None:
            raise Fault(404, f"Could not find project: {call.vars['id']}.")
        return Reply(200, {"project": bodies.write_project(project, call.url)})

    def users(self, call: KeystoneCall) -> Reply:
        call.admin("identity:list_users")
        return _page("users", [bodies.write_user(user, call.url) for user in self.state.users.values()], call)

    def user(self, call: KeystoneCall) -> Reply:
        user = self.state.users.get(call.vars["id"])
        if call.token().user_id != call.vars["id"]:
            call.admin("identity:get_user")
        if user is None:
            raise Fault(404, f"Could not find user: {call.vars['id']}.")
        return Reply(200, {"user": bodies.write_user(user, call.url)})


def _listing(noun: str, read: Callable[[], list[Json]]) -> Callable[[KeystoneCall], Reply]:
    def listing(call: KeystoneCall) -> Reply:
        call.admin(f"identity:list_{noun}")
        return _page(noun, read(), call)

    return listing


def _showing(noun: str, read: Callable[[], list[Json]]) -> Callable[[KeystoneCall], Reply]:
    def showing(call: KeystoneCall) -> Reply:
        singular = noun.removesuffix("s")
        call.admin(f"identity:get_{singular}")
        for item in read():
            if item["id"] == call.vars["id"]:
                return Reply(200, {singular: item})
        raise Fault(404, f"Could not find {singular}: {call.vars['id']}.")

    return showing


def _page(noun: str, items: list[Json], call: KeystoneCall) -> Reply:
    """A list, narrowed by each query key that the items know."""
    for key in call.request.query:
        wanted = call.request.first(key)
        items = [item for item in items if key not in item or str(item[key]) == wanted]
    links = {"self": f"{call.url}{call.request.path}", "next": None, "previous": None}
    return Reply(200, {noun: items, "links": links})
