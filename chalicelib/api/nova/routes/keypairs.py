"""Routes of keypairs, which are the gateway's own.

They belong to users, so that Nova asks for no role: even a reader may have keypairs.
"""

from __future__ import annotations

from chalicelib.api.nova.keypairs import create_keypair, delete_keypair, list_keypairs, show_keypair
from chalicelib.api.openstack.kinds import OWN
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role

READER, POLICY = Role.READER, "os_compute_api:os-keypairs"
ONE = "/os-keypairs/{keypair_name}"

ROWS: tuple[Row, ...] = (
    Row("GET", "/os-keypairs", OWN, READER, view=list_keypairs, policy=f"{POLICY}:index"),
    Row("POST", "/os-keypairs", OWN, READER, view=create_keypair, policy=f"{POLICY}:create"),
    Row("GET", ONE, OWN, READER, view=show_keypair, policy=f"{POLICY}:show"),
    Row("DELETE", ONE, OWN, READER, view=delete_keypair, policy=f"{POLICY}:delete"),
)
