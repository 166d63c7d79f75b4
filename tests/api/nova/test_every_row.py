"""Who may use a row and at which microversions: for every row of the table, by HTTP."""

from __future__ import annotations

import pytest

from chalicelib.api.nova.table import TABLE
from chalicelib.api.openstack.kinds import GONE
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from chalicelib.model.microversion import Microversion
from tests.api.nova.conftest import REACHED, Door
from tests.builders import PROJECT

GUARDED = [row for row in TABLE if row.role is not Role.ANYONE]
BOUNDED = [row for row in TABLE if row.since or row.until]
UNSERVED = {"itemNotFound": {"code": 404, "message": "The resource could not be found."}}

# Nova asks for no role here: Glance judges who may write to an image.
WITHOUT_POLICY = {"images"}


def lets_in(row: Row, role: Role) -> bool:
    """Whether a token with one role may use the row; a service's role includes no other."""
    if Role.SERVICE in (row.role, role):
        return row.role is Role.SERVICE and role in (Role.SERVICE, Role.ADMIN)
    return role >= row.role


def each(rows: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=str)


def beside(version: str, step: int) -> str:
    known = Microversion.parse(version)
    return f"{known.major}.{known.minor + step}"


@each(GUARDED)
def test_without_a_token_it_is_401(door: Door, row: Row) -> None:
    door.reached.clear()

    assert door.ask(row, token="")[0] == 401
    assert door.ask(row, token="made-up")[0] == 401
    assert door.reached == []


@each(GUARDED)
def test_a_lower_role_is_refused_in_novas_words_and_the_rows_own_is_let_in(door: Door, row: Row) -> None:
    door.reached.clear()
    order = {row.actions[0].name: {}} if row.actions else None
    policy = row.actions[0].policy if row.actions else row.policy
    for role in Role:
        status, body = door.ask(row, token=role.name.lower(), body=order)
        if lets_in(row, role):
            assert status == REACHED
            continue
        assert status == 403
        assert list(body) == ["forbidden"]
        if policy:
            message = f"Policy doesn't allow {policy} to be performed."
            assert body["forbidden"] == {"code": 403, "message": message}
    assert door.reached == [str(row)] * sum(lets_in(row, role) for role in Role)


@each([row for row in TABLE if row.actions])
def test_a_lower_role_is_told_which_action_it_may_not_do(door: Door, row: Row) -> None:
    for action in row.actions:
        _, body = door.ask(row, token="reader", body={action.name: {}})

        message = f"Policy doesn't allow {action.policy} to be performed."
        assert body == {"forbidden": {"code": 403, "message": message}}
    # Nova looks for the action before it looks at roles.
    _, body = door.ask(row, token="reader", body={"none-such": {}})
    assert body == {"badRequest": {"code": 400, "message": "There is no such action: none-such"}}
    for malformed in ({}, [], {"reboot": {}, "resize": {}}):
        _, body = door.ask(row, token="reader", body=malformed)
        assert body == {"badRequest": {"code": 400, "message": "Malformed request body"}}


def test_whoever_needs_more_than_to_look_is_told_novas_policy() -> None:
    unnamed = {
        row.path.split("/")[1] for row in TABLE if row.role > Role.READER and not (row.policy or row.actions)
    }
    assert unnamed == WITHOUT_POLICY


def test_policies_are_novas() -> None:
    policies = {row.policy for row in TABLE} | {action.policy for row in TABLE for action in row.actions}

    assert {policy.partition(":")[0] for policy in policies if policy} <= {"os_compute_api", "compute"}


@each(BOUNDED)
def test_a_microversion_that_has_the_row_not_is_404_before_roles_are_looked_at(door: Door, row: Row) -> None:
    door.reached.clear()
    outside = [beside(row.since, -1)] if row.since else []
    outside += [beside(row.until, 1)] if row.until else []
    for version in outside:
        for token in ("admin", "anyone"):
            assert door.ask(row, token, version) == (404, UNSERVED)
        # The URL's project comes first.
        assert door.ask(row, "admin", version, project_id="0-0")[0] == 400
    assert door.reached == []
    for version in filter(None, (row.since, row.until)):
        assert door.ask(row, "admin", version)[0] == REACHED


@each(GUARDED)
def test_every_row_is_below_the_projects_id_too(door: Door, row: Row) -> None:
    assert door.ask(row, "admin", project_id=PROJECT)[0] == REACHED
    assert door.ask(row, "admin", project_id="0-0")[0] == 400


def test_readers_may_look_and_not_touch() -> None:
    touching = [row for row in TABLE if row.method not in ("GET", "HEAD") and row.kind is not GONE]

    # Nova refuses anybody who writes to a node, and says what to do instead.
    assert {str(row) for row in touching if row.role < Role.MEMBER} == {
        "POST /os-baremetal-nodes",
        "DELETE /os-baremetal-nodes/{node_id}",
        "POST /os-baremetal-nodes/{node_id}/action",
        # Keypairs are a user's own.
        "POST /os-keypairs",
        "DELETE /os-keypairs/{keypair_name}",
    }
