"""Roles: tokens of every kind that a client may come with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from local.standin.identity import Token
from tests.journeys.conftest import Gateway

# What each token that is none of a project's, or is restricted, is answered with.
REFUSED = {
    "none": 401,
    "made-up": 401,
    "expired or revoked": 401,
    "unscoped": 401,
    "of a domain": 403,
    "of the system": 403,
    "with access rules": 403,
    "with access rules that allow nothing": 403,
}


def refused_tokens(gateway: Gateway) -> Mapping[str, str]:
    """A token for each of ``REFUSED``. Its user is an admin, so that nothing else would keep it out."""
    keystone, admin = gateway.cloud.keystone, gateway.cloud.token_for("admin")
    rules = [{"path": "/v2.1/servers", "method": "GET", "service": "compute"}]
    scopeless = replace(admin, project_id=None)

    def issued(draft: Token) -> str:
        return keystone.issue(draft).id

    def restricted(allowed: list[dict[str, str]]) -> str:
        return issued(replace(admin, application_credential={"id": "c", "access_rules": allowed}))

    over = issued(admin)
    keystone.revoke(over)  # Keystone says the same of both
    return {
        "none": "",
        "made-up": "made-up",
        "expired or revoked": over,
        "unscoped": issued(replace(scopeless, roles=())),
        "of a domain": issued(replace(scopeless, domain_id="default")),
        "of the system": issued(replace(scopeless, system=True)),
        "with access rules": restricted(rules),
        "with access rules that allow nothing": restricted([]),
    }
