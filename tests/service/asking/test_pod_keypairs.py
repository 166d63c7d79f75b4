"""What a pod is asked about a user's keypairs, by whose token, and what of its replies is an answer."""

import json
from dataclasses import replace

import pytest

from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import NoAnswer, PodUnreachable
from chalicelib.model.keypair import PublicKey
from chalicelib.service.asking.pod_keypairs import PodKeypairs
from tests.builders import NOW, a_pod
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, proxy_page, reply

POD = a_pod("pod-a")
CALLER = replace(TENANT, deadline=Deadline.after(3.0, lambda: NOW))
KEY = PublicKey("ssh", "ssh-rsa one", "of one")
MARK = {"x-openstack-request-id": "r"}
SHOWN = {"keypair": {"name": "mine", "public_key": KEY.text, "fingerprint": KEY.fingerprint}}


def asking(*says):
    """A pod that gives these replies in turn, and what asks it."""
    turns = iter(says)
    pods = ScriptedPods(pod_a=lambda request: next(turns))
    return PodKeypairs(pods, seconds=2.0), pods.asked


def ok(body=SHOWN, status=200):
    return reply(body, status, **MARK)


ASKING = {
    "find": lambda keypairs: keypairs.find(POD, "u-1", "a/b", CALLER),
    "list": lambda keypairs: list(keypairs.of_user(POD, "u-1", CALLER)),
    "generate": lambda keypairs: keypairs.generate(POD, "u-1", "a/b", "ssh", CALLER),
    "add": lambda keypairs: keypairs.add(POD, "u-1", "a/b", KEY, CALLER),
    "delete": lambda keypairs: keypairs.delete(POD, "u-1", "a/b", CALLER),
}


@pytest.mark.parametrize(
    ("ask", "said", "method", "path", "version"),
    [
        ("find", ok(), "GET", "/os-keypairs/a%2Fb?user_id=u-1", "2.10"),
        ("list", ok({"keypairs": []}), "GET", "/os-keypairs?user_id=u-1", "2.35"),
        ("generate", ok(status=201), "POST", "/os-keypairs", "2.10"),
        ("add", ok(status=201), "POST", "/os-keypairs", "2.10"),
        ("delete", ok(b"", 204), "DELETE", "/os-keypairs/a%2Fb?user_id=u-1", "2.10"),
    ],
)
def test_a_pod_is_asked_for_a_user_by_the_callers_token_and_no_longer_than_the_call_may_last(
    ask, said, method, path, version
):
    keypairs, asked = asking(said)
    ASKING[ask](keypairs)

    ((_, request),) = asked
    assert (request.method, request.path) == (method, path)
    assert (request.token, request.identity, request.request_id) == ("a-token", CALLER.identity, "req-1")
    assert (request.read_timeout_seconds, request.deadline) == (2.0, CALLER.deadline)
    assert request.headers["OpenStack-API-Version"] == f"compute {version}"
    assert request.headers["X-OpenStack-Nova-API-Version"] == version


def test_without_a_caller_it_is_asked_by_its_service_credential():
    keypairs, asked = asking(ok(), ok(b"", 204))
    keypairs.find(POD, "u-1", "mine")
    keypairs.delete(POD, "u-1", "mine")

    assert [(request.token, request.identity) for _, request in asked] == [("", None)] * 2


def test_a_pod_that_takes_freer_names_is_asked_in_the_version_that_has_them():
    keypairs, asked = asking(ok(status=201))
    keypairs.add(replace(POD, min_microversion="2.1", max_microversion="2.92"), "u-1", "a@b", KEY, CALLER)

    ((_, request),) = asked
    assert request.headers["OpenStack-API-Version"] == "compute 2.92"
    assert json.loads(request.body) == {
        "keypair": {"name": "a@b", "type": "ssh", "user_id": "u-1", "public_key": "ssh-rsa one"}
    }


@pytest.mark.parametrize("status", [200, 201])
def test_a_key_that_a_pod_made_comes_with_its_private_half(status):
    made = {"keypair": {**SHOWN["keypair"], "private_key": "secret"}}
    keypairs, asked = asking(ok(made, status))

    assert keypairs.generate(POD, "u-1", "mine", "ssh", CALLER)[1:] == (KEY, "secret")
    assert json.loads(asked[0][1].body) == {"keypair": {"name": "mine", "type": "ssh", "user_id": "u-1"}}


def test_a_pods_refusal_to_make_a_key_is_handed_on():
    refusal = ok({"badRequest": {"code": 400}}, 400)

    assert asking(refusal)[0].generate(POD, "u-1", "mine", "ssh", CALLER) == (refusal, None, "")


@pytest.mark.parametrize("ask", ["find", "list", "generate", "add", "delete"])
@pytest.mark.parametrize("said", [*map(proxy_page, (200, 404, 500)), ok({"aFault": {"code": 500}}, 500)])
def test_a_proxys_page_and_a_pods_own_trouble_are_no_answer_to_any_question(ask, said):
    if (ask, said.status) == ("generate", 500) and said.is_the_services:
        assert ASKING[ask](asking(said)[0]) == (said, None, "")
        return
    with pytest.raises(PodUnreachable):
        ASKING[ask](asking(said)[0])


@pytest.mark.parametrize("ask", ["find", "list", "generate"])
@pytest.mark.parametrize(
    "body", [b"{", b'{"keypair": NaN}', {"keypairs": {}}, {}, {"keypair": {"name": "mine"}}]
)
def test_a_body_that_shows_no_keypair_is_no_answer(ask, body):
    with pytest.raises(NoAnswer) as silence:
        ASKING[ask](asking(ok(body))[0])

    assert (silence.value.pod_id, silence.value.sent) == ("pod-a", True)


@pytest.mark.parametrize("said", [ok({"keypairs": []}, 202), ok({"itemNotFound": {"code": 404}}, 404)])
def test_only_a_200_lists_keypairs(said):
    with pytest.raises(NoAnswer):
        ASKING["list"](asking(said)[0])


def test_a_list_that_goes_back_is_no_answer():
    with pytest.raises(NoAnswer, match="PodA goes back"):
        ASKING["list"](asking(ok({"keypairs": [SHOWN]}), ok({"keypairs": [SHOWN]}))[0])


@pytest.mark.parametrize(
    ("told", "key_type"),
    [({}, "ssh"), ({"type": None}, "ssh"), ({"type": "ssh"}, "ssh"), ({"type": "x509"}, "x509")],
)
def test_a_key_is_of_the_type_that_is_told_and_else_of_ssh(told, key_type):
    found = ASKING["find"](asking(ok({"keypair": {**SHOWN["keypair"], **told}}))[0])

    assert found == replace(KEY, type=key_type)


def test_a_key_of_an_unknown_type_is_none():
    with pytest.raises(NoAnswer):
        ASKING["find"](asking(ok({"keypair": {**SHOWN["keypair"], "type": "pgp"}}))[0])


@pytest.mark.parametrize(("field", "most"), [("name", 255), ("public_key", 65_535), ("fingerprint", 255)])
def test_a_text_may_be_as_long_as_novas_columns(field, most):
    def find(text):
        return ASKING["find"](asking(ok({"keypair": {**SHOWN["keypair"], field: text}}))[0])

    assert isinstance(find("x" * most), PublicKey)
    for odd in ("x" * (most + 1), 7, None):
        with pytest.raises(NoAnswer):
            find(odd)


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_pod_that_tells_of_its_own_trouble_has_not_refused_a_key(status):
    with pytest.raises(PodUnreachable):
        ASKING["add"](asking(ok({"aFault": {"code": status}}, status))[0])


def test_a_delete_that_a_pod_refuses_is_not_done():
    with pytest.raises(PodUnreachable):
        ASKING["delete"](asking(ok({"forbidden": {"code": 403}}, 403))[0])


@pytest.mark.parametrize("row", [[], "mine", None, {"keypair": []}, {"keypair": {"name": "mine"}}])
def test_a_row_that_is_no_keypair_makes_a_list_no_answer(row):
    with pytest.raises(PodUnreachable):
        ASKING["list"](asking(ok({"keypairs": [row]}))[0])


def test_a_list_is_read_page_by_page_behind_the_last_name():
    keypairs, asked = asking(ok({"keypairs": [SHOWN]}), ok({"keypairs": []}))

    assert list(keypairs.of_user(POD, "u-1", CALLER)) == [("mine", KEY)]
    assert [request.path for _, request in asked] == [
        "/os-keypairs?user_id=u-1",
        "/os-keypairs?user_id=u-1&marker=mine",
    ]
