"""Actor: a user of the demo who logs in at Keystone and calls the gateway, as any client would."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from keystoneauth1.exceptions import ClientException
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

from local.demo import Login
from local.story.errors import StoryFailed

REGION = "Gateway"
DOMAIN = "Default"
_COMPUTE = "/v2.1"
_ACTIVE_SECONDS = 30.0
_ASK_AGAIN_SECONDS = 0.1
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway answered; an empty body reads as an empty object."""

    status: int
    body: Any


class Actor:
    """One user in one project, with a token; ``name`` is the project's."""

    def __init__(self, login: Login, auth_url: str) -> None:
        """Log in and find the gateway in the service catalogue. Raises StoryFailed."""
        self.name = login.project
        self._session = Session(
            Password(
                auth_url,
                username=login.user,
                password=login.password,
                project_name=login.project,
                user_domain_name=DOMAIN,
                project_domain_name=DOMAIN,
            )
        )
        try:
            found = self._session.get_endpoint(service_type="compute", region_name=REGION)
            self.project_id = str(self._session.get_project_id())
        except ClientException as error:
            raise StoryFailed(f"{login.user} can't log in at {auth_url}: {error}") from error
        if not found:
            raise StoryFailed(f"the catalogue has no compute service in the region {REGION}")
        self._root = str(found).removesuffix(_COMPUTE)

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Call the gateway; returns the answer, whatever its status. Raises StoryFailed when none comes."""
        given: dict[str, Any] = {} if body is None else {"json": body}
        try:
            reply = self._session.request(
                self._root + path, method, raise_exc=False, redirect=False, timeout=_TIMEOUT_SECONDS, **given
            )
        except ClientException as error:
            raise StoryFailed(f"{method} {path} got no answer: {error}") from error
        return Answer(reply.status_code, reply.json() if reply.content else {})

    def get(self, path: str) -> Any:
        """The body of the answer to a GET. Raises StoryFailed when its status isn't 200."""
        return self._wanted("GET", path, None, 200)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """The body of the answer to a POST. Raises StoryFailed when its status isn't ``status``."""
        return self._wanted("POST", path, body, status)

    def _wanted(self, method: str, path: str, body: Any, status: int) -> Any:
        answer = self.ask(method, path, body)
        if answer.status != status:
            raise StoryFailed(f"{method} {path} answered {answer.status}, not {status}: {answer.body}")
        return answer.body

    def boot(self, name: str, flavor_name: str, az_name: str = "") -> str:
        """Create a server and wait until it is ACTIVE; returns its id. Raises StoryFailed."""
        server = {
            "name": name,
            "flavorRef": self._id_of("flavors", flavor_name),
            "imageRef": self._id_of("images", "cirros"),
        }
        if az_name:
            server["availability_zone"] = az_name
        created = self.post(f"{_COMPUTE}/servers", {"server": server}, status=202)
        server_id = str(created["server"]["id"])
        self._wait_until_active(name, server_id)
        return server_id

    def servers(self) -> dict[str, str]:
        """The status of each server that this project sees, by name."""
        listed = self.get(f"{_COMPUTE}/servers/detail")["servers"]
        return {server["name"]: server["status"] for server in listed}

    def _id_of(self, collection: str, name: str) -> str:
        rows = self.get(f"{_COMPUTE}/{collection}")[collection]
        found = next((row["id"] for row in rows if row["name"] == name), None)
        if found is None:
            raise StoryFailed(f"there is no {name} among the {collection}: {sorted(r['name'] for r in rows)}")
        return str(found)

    def _wait_until_active(self, name: str, server_id: str) -> None:
        deadline = time.monotonic() + _ACTIVE_SECONDS
        while time.monotonic() < deadline:
            server = self.get(f"{_COMPUTE}/servers/{server_id}")["server"]
            if server["status"] == "ACTIVE":
                return
            if server["status"] == "ERROR":
                raise StoryFailed(f"{name} went to ERROR: {server.get('fault')}")
            time.sleep(_ASK_AGAIN_SECONDS)
        raise StoryFailed(f"{name} wasn't ACTIVE within {_ACTIVE_SECONDS:.0f} s but {server['status']}")
