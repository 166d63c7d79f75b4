"""Nova's keypairs, which are the gateway's own: one set for each user, over all pods."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.json_body import refuse_long_id
from chalicelib.api.nova.checks import check_query, check_whole_numbers
from chalicelib.api.nova.keypair_bodies import read_keypair, write_keypair, write_made, write_row
from chalicelib.api.nova.versioning import speaks
from chalicelib.api.openstack.forwarding import reply_of
from chalicelib.api.openstack.kinds import PARTIAL
from chalicelib.api.openstack.paging import next_links, read_limit, read_marker
from chalicelib.model.errors import Forbidden, InvalidField
from chalicelib.model.keypair import SSH
from chalicelib.service.asking.answer import PodRefused
from chalicelib.service.creating.keypairs import KeypairOrder

MOST_ROWS = 1000  # Nova's [api]max_limit


def create_keypair(call: Call) -> Reply:
    """Import a key, or let a pod make one."""
    asked = read_keypair(call)
    order = KeypairOrder(
        user_id=_user(call, asked.get("user_id"), "create"),
        name=asked["name"],
        key_type=asked.get("type", SSH),
        public_key=asked.get("public_key"),
    )
    try:
        made = wiring.services().keypairs.create(call.caller, order)
    except PodRefused as refusal:
        return reply_of(refusal.answer, call)
    return Reply(201 if speaks(call, 2) else 200, write_made(call, made.keypair, made.private_key))


def show_keypair(call: Call) -> Reply:
    """One keypair with its details."""
    _check_query(call)
    user_id = _asked_user(call, "show")
    found = wiring.services().keypairs.show(call.caller, user_id, call.path["keypair_name"])
    return Reply(200, write_keypair(call, found))


def delete_keypair(call: Call) -> Reply:
    """Take a name's key away. It is gone at once; the pods are cleaned of it later."""
    _check_query(call)
    user_id = _asked_user(call, "delete")
    wiring.services().keypairs.delete(call.caller, user_id, call.path["keypair_name"])
    return Reply(204 if speaks(call, 2) else 202)


def list_keypairs(call: Call) -> Reply:
    """A user's keypairs by name; in pages from 2.35 on."""
    paged = speaks(call, 35)
    if paged:
        check_whole_numbers(call.query, "limit")
    _check_query(call, *(("limit", "marker") if paged else ()))
    found = wiring.services().keypairs.of_user(call.caller, _asked_user(call, "index"))
    rows, links = found.rows, []
    if paged:
        asked, marker = read_limit(call), read_marker(call)
        limit = MOST_ROWS if asked is None else min(asked, MOST_ROWS)
        if "marker" in call.query and marker not in (row.name for row in rows):
            raise InvalidField("marker", f"Marker {marker} could not be found.")
        rows = [row for row in rows if row.name > marker][:limit]
        # As in Nova, a full page has a link, though nothing may follow.
        links = next_links(call, rows[-1].name) if rows and len(rows) == limit else []
    body: dict[str, Any] = {"keypairs": [{"keypair": write_row(call, row)} for row in rows]}
    headers = {PARTIAL: ",".join(found.partial)} if found.partial else {}
    return Reply(200, {**body, "keypairs_links": links} if links else body, headers)


def _check_query(call: Call, *known: str) -> None:
    if speaks(call, 75):
        check_query(call.query, ("user_id", *known))


def _asked_user(call: Call, rule: str) -> str:
    asked = call.query.get("user_id", ("",))[0] if speaks(call, 10) else ""
    return _user(call, asked, rule)


def _user(call: Call, asked: str | None, rule: str) -> str:
    """Whose keypairs are meant: the caller's own, or for an admin any user's. Raises Forbidden."""
    identity = call.caller.identity
    if asked and asked != identity.user_id and not identity.is_admin:
        raise Forbidden(f"Policy doesn't allow os_compute_api:os-keypairs:{rule} to be performed.")
    user_id = asked or identity.user_id
    refuse_long_id("user_id", user_id)
    return user_id
