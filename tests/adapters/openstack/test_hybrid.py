"""In a pod with its own Keystone, all users of a project are one, who still see their own keypairs alone."""

import json

from chalicelib.adapters.openstack.hybrid import Insider, reply_outside, request_inside
from chalicelib.model.pod_request import PodReply, PodRequest
from tests.builders import PROJECT, a_pod

INSIDE, MINE, THEIRS = "1" * 32, "a" * 32, "b" * 32
POD = a_pod(auth_url="https://keystone.pod/v3", pod_project_ids={PROJECT: INSIDE})
ME = Insider(MINE, "their-user")


def shown(path, body):
    reply = reply_outside(POD, PodRequest("GET", path), PodReply(200, {}, json.dumps(body).encode()), ME)
    return json.loads(reply.body)


def test_a_list_has_the_callers_own_keypairs_by_the_callers_names():
    rows = [{"keypair": {"name": f"{user}-key", "user_id": "their-user"}} for user in (MINE, THEIRS)]

    listed = shown("/os-keypairs?limit=5", {"keypairs": rows, "keypairs_links": [{"rel": "next"}]})

    assert listed == {"keypairs": [{"keypair": {"name": "key", "user_id": MINE}}]}


def test_a_page_goes_on_after_the_callers_own_name():
    inside = request_inside(POD, PodRequest("GET", f"/os-keypairs?user_id={MINE}&marker=key"), ME)

    assert inside.path == f"/os-keypairs?user_id=their-user&marker={MINE}-key"


def test_anothers_keypair_is_asked_for_under_the_callers_name_alone():
    inside = request_inside(POD, PodRequest("GET", f"/os-keypairs/{THEIRS}-key"), ME)

    assert inside.path == f"/os-keypairs/{MINE}-{THEIRS}-key"


def test_a_servers_key_has_the_name_that_its_user_gave_it():
    server = {"key_name": f"{MINE}-{THEIRS}-key", "tenant_id": INSIDE}

    assert shown("/servers/1", {"server": server}) == {
        "server": {"key_name": f"{THEIRS}-key", "tenant_id": PROJECT}
    }
