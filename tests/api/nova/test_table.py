from chalicelib.api.nova.table import TABLE
from chalicelib.api.openstack.kinds import GONE
from chalicelib.model.identity import Role


def test_readers_may_look_and_not_touch():
    touching = [row for row in TABLE if row.method not in ("GET", "HEAD") and row.kind is not GONE]

    assert touching
    assert {row.role for row in touching} == {Role.MEMBER}


def test_what_admins_alone_see_is_little():
    assert {str(row) for row in TABLE if row.role is Role.ADMIN} == {"GET /os-availability-zone/detail"}
