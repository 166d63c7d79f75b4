"""Writes the bodies of Keystone's replies."""

from __future__ import annotations

from local.standin.clock import precise_time
from local.standin.identity import Token
from local.standin.ids import named_hex
from local.standin.keystone.catalog import Catalog
from local.standin.keystone.state import ApplicationCredential, KeystoneState, Project, User
from local.standin.message import Json

DEFAULT_DOMAIN = {"id": "default", "name": "Default"}


def write_token(token: Token, state: KeystoneState, catalog: Catalog | None) -> Json:
    """A token's body, with the service catalogue if one is given and the token has a scope."""
    user = state.users[token.user_id]
    body: Json = {
        "methods": list(token.methods),
        "user": {
            "domain": DEFAULT_DOMAIN,
            "id": user.id,
            "name": user.name,
            "password_expires_at": None,
        },
        "audit_ids": [token.audit_id],
        "issued_at": precise_time(token.issued_at) + "Z",
        "expires_at": precise_time(token.expires_at) + "Z",
    }
    if token.project_id is not None:
        project = state.projects[token.project_id]
        body["project"] = {"domain": DEFAULT_DOMAIN, "id": project.id, "name": project.name}
        body["is_domain"] = False
    elif token.domain_id is not None:
        body["domain"] = DEFAULT_DOMAIN
    elif token.system:
        body["system"] = {"all": True}
    else:
        return {"token": body}
    body["roles"] = [write_role(role) for role in token.roles]
    if token.application_credential is not None:
        body["application_credential"] = token.application_credential
    if catalog is not None:
        body["catalog"] = catalog.in_token()
    return {"token": body}


def write_role(name: str) -> Json:
    """A role; its id follows from its name."""
    return {"id": named_hex(f"role:{name}"), "name": name}


def write_project(project: Project, url: str) -> Json:
    """A project with its links."""
    return {
        "id": project.id,
        "name": project.name,
        "domain_id": project.domain_id,
        "parent_id": project.domain_id,
        "description": "",
        "enabled": True,
        "is_domain": False,
        "tags": [],
        "options": {},
        "links": {"self": f"{url}/v3/projects/{project.id}"},
    }


def write_user(user: User, url: str) -> Json:
    """A user with its links, and never its password."""
    return {
        "id": user.id,
        "name": user.name,
        "domain_id": user.domain_id,
        "enabled": True,
        "password_expires_at": None,
        "options": {},
        "links": {"self": f"{url}/v3/users/{user.id}"},
    }


def write_credential(credential: ApplicationCredential, with_secret: bool = False) -> Json:
    """An application credential; only the reply that made it has its secret."""
    body: Json = {
        "id": credential.id,
        "name": credential.name,
        "description": None,
        "project_id": credential.project_id,
        "roles": [write_role(role) for role in credential.roles],
        "expires_at": None,
        "unrestricted": credential.unrestricted,
        "system": None,
    }
    if credential.access_rules is not None:
        body["access_rules"] = credential.access_rules
    if with_secret:
        body["secret"] = credential.secret
    return body


def write_version(url: str) -> Json:
    """The document of the only version, v3."""
    return {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": f"{url}/v3/"}],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    }
