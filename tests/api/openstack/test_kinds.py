"""Kinds know no service by name: what they do for servers they do for the volumes of another table."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.openstack.kinds import EVERY_HOLDER, EVERY_POD, FIRST, HELD, LOCATED, MERGED, OWN, SAME_AS
from chalicelib.api.openstack.paging import list_text
from chalicelib.api.openstack.table import IncompleteRow, Row
from chalicelib.model.identity import Role
from chalicelib.model.list_order import SortKey
from chalicelib.model.pod_request import PodReply
from chalicelib.model.resource import Holding, Resource
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.pages import Listed, ResourcePage
from tests.builders import a_pod

VOLUMES = Resource(
    "volume", "volumes", "volume", "Volume", located=True, sort_keys={"created_at": SortKey("created_at")}
)
ANSWER = PodAnswer(a_pod("pod-a"), PodReply(200, {}, b'{"volume": {}}'))


@pytest.fixture
def asked(monkeypatch):
    """What the services were asked, in order."""
    log = []

    def answering(name, answer):
        def ask(caller, *args):
            log.append((name, *args))
            return answer

        return ask

    page = ResourcePage((Listed(a_pod("pod-a"), {"id": "v1"}),), more=True, partial=("az2",))
    services = SimpleNamespace(
        located=SimpleNamespace(send=answering("located", ANSWER)),
        merged=SimpleNamespace(page=answering("merged", page)),
        first=SimpleNamespace(
            that_has=answering("that has", ANSWER), that_answers=answering("that answers", ANSWER)
        ),
        every_pod=SimpleNamespace(send=answering("every pod", ANSWER)),
        every_holder=SimpleNamespace(send=answering("every holder", ANSWER)),
        held=SimpleNamespace(send=answering("held", ANSWER), create=answering("made", ANSWER)),
    )
    monkeypatch.setattr(wiring, "services", lambda: services)
    return log


def call(path, **variables):
    caller = SimpleNamespace(token="t", identity=None, deadline=None)
    query = {"limit": ("1",), "name": ("a", "b")}
    return Call("GET", path, variables, query, {}, b"", "req-1", "http://us", "/v3", caller)


def row(path, kind):
    return Row("GET", path, kind, Role.READER, VOLUMES)


def test_located_asks_for_the_one_that_the_path_names(asked):
    row("/volumes/{volume_id}/action", LOCATED).serve(call("/volumes/v1/action", volume_id="v1"))

    ((name, resource, volume_id, request),) = asked
    assert (name, resource, volume_id) == ("located", VOLUMES, "v1")
    assert (request.service, request.path) == ("volume", "/volumes/v1/action?limit=1&name=a&name=b")


def test_merged_lists_with_our_own_next_link_and_what_is_missing(asked):
    reply = row("/volumes/detail", MERGED).serve(call("/volumes/detail"))

    ((name, resource, query, request),) = asked
    assert (name, resource, query.limit) == ("merged", VOLUMES, 1)
    assert (request.service, request.path) == ("volume", "/volumes/detail")
    body = json.loads(reply.body)
    assert body["volumes"] == [{"id": "v1"}]
    (link,) = body["volumes_links"]
    assert link["href"] == "http://us/v3/volumes/detail?limit=1&name=a&name=b&marker=v1"
    assert reply.headers == {"X-Trio2o-Partial": "az2"}


@pytest.mark.parametrize(("rows", "more"), [([{"id": "v1"}], False), ([], True), ([], False)])
def test_a_last_page_has_no_next_link(rows, more):
    assert json.loads(list_text(call("/volumes"), "volumes", rows, more)) == {"volumes": rows}


@pytest.mark.parametrize(
    ("path", "kind", "how"),
    [
        ("/volumes/{volume_id}", FIRST, "that has"),
        ("/volumes", FIRST, "that answers"),
    ],
)
def test_first_asks_the_resources_service(asked, path, kind, how):
    row(path, kind).serve(call("/volumes", volume_id="v1"))

    ((name, request),) = asked
    assert (name, request.service) == (how, "volume")


SHARES = Resource(
    "share", "os-shares", "share", "Share", held=Holding("shares", made_of=("snapshot_id", "os-snapshots"))
)
SNAPSHOT = "11111111-1111-4111-8111-111111111111"


def held(method, path, body=b""):
    Row(method, path, HELD, Role.READER, SHARES).serve(
        replace(call("/os-shares"), method=method, raw_body=body)
    )


def test_held_is_asked_for_what_is_there(asked):
    held("DELETE", "/os-shares/{share_id}")
    held("POST", "/os-shares/{share_id}/action")

    assert [(name, request.service) for name, request in asked] == [("held", "share")] * 2


@pytest.mark.parametrize(
    ("body", "made_of"),
    [
        ({"share": {"snapshot_id": SNAPSHOT}}, f"/os-snapshots/{SNAPSHOT}"),
        ({"share": {"snapshot_id": "../servers"}}, ""),
        ({"share": {"snapshot_id": None}}, ""),
        ({"share": {}}, ""),
        ({"share": None}, ""),
        ([], ""),
    ],
)
def test_what_is_made_of_something_names_it(asked, body, made_of):
    held("POST", "/os-shares", json.dumps(body).encode())

    ((name, _, path),) = asked
    assert (name, path) == ("made", made_of)


def test_a_held_list_has_the_key_that_its_service_gives_it(asked):
    reply = Row("GET", "/os-shares", MERGED, Role.READER, SHARES).serve(call("/os-shares"))

    assert list(json.loads(reply.body)) == ["shares", "shares_links"]


def test_every_holder_is_told(asked):
    row("/volumes/{volume_id}", EVERY_HOLDER).serve(call("/volumes/v1", volume_id="v1"))

    ((name, request),) = asked
    assert (name, request.path) == ("every holder", "/volumes/v1?limit=1&name=a&name=b")


def test_the_same_by_another_name_is_served_as_the_other():
    seen = []

    def note(call):
        seen.append(call.raw_path)
        return Reply()

    things = Row("GET", "/things/{id}/parts", OWN, Role.READER, view=note)
    Row("GET", "/others/{id}/parts", SAME_AS(things), Role.READER).serve(call("/others/a%2Fb/parts"))

    assert seen == ["/things/a%2Fb/parts"]


def test_every_pod_is_for_resources_that_tell_their_writes(asked):
    types = replace(VOLUMES, collection="types", shared_write=lambda *_: None)

    Row("POST", "/types", EVERY_POD, Role.ADMIN, types).serve(call("/types"))

    ((name, resource, request),) = asked
    assert (name, resource, request.service) == ("every pod", types, "volume")
    with pytest.raises(IncompleteRow):
        row("/volumes", EVERY_POD)
