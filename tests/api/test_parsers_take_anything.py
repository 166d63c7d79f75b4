"""Every parser of what clients send takes anything: it reads it, or refuses it in our own words."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.api.admin.binding_bodies import read_binding_create, read_rebind
from chalicelib.api.admin.job_bodies import read_drain
from chalicelib.api.admin.pod_bodies import read_pod_create, read_pod_update
from chalicelib.api.admin.profile_bodies import read_profile, read_restore
from chalicelib.api.admin.queries import FLAG, PAGING, a_time, count, read_query
from chalicelib.api.admin.rehearsal_bodies import read_rehearsal
from chalicelib.api.admin.what_if_bodies import read_what_if
from chalicelib.api.call import Call
from chalicelib.api.json_body import check_proxied, read_json
from chalicelib.api.nova.keypair_bodies import read_keypair
from chalicelib.api.nova.named_resources import image_id, read_attached, read_hosts, read_named
from chalicelib.api.nova.quota_bodies import read_quota
from chalicelib.api.nova.server_create import read_server_create
from chalicelib.api.nova.table import TABLE
from chalicelib.api.openstack.paging import read_limit, read_marker
from chalicelib.api.openstack.rewriting import Words, rewritten
from chalicelib.api.openstack.router import Router
from chalicelib.model import pod_host
from chalicelib.model.affinity import tags_of
from chalicelib.model.binding import BindingKey
from chalicelib.model.errors import InvalidField
from chalicelib.model.flavor import may_be_asked_for
from chalicelib.model.flavor_writes import shared_write
from chalicelib.model.list_query import ListQuery, turned_round
from chalicelib.model.location import Location
from chalicelib.model.microversion import Microversion
from chalicelib.model.pod_table import READERS
from chalicelib.model.resource import FLAVORS, SERVERS, is_uuid
from chalicelib.model.server_lists import is_selected
from chalicelib.model.spelling import usual_spelling
from chalicelib.model.window_reader import read_windows
from chalicelib.scheduler.profile import Profile
from tests.builders import NOW, PROJECT, a_pod
from tests.journeys.sample_bodies import ODD, SAMPLES, broken

TEXT = st.text(max_size=12) | st.sampled_from([odd for odd in ODD if isinstance(odd, str)])
ANY_TEXT = TEXT | st.text(st.characters(exclude_categories=()), max_size=8)  # halves of pairs too
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.sampled_from(ODD),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXT, inside, max_size=4),
    max_leaves=10,
)
KEYS = ["limit", "marker", "sort_key", "sort_dir", "changes-since", "uuid", "name"]
PAIRS = st.lists(st.tuples(st.sampled_from(KEYS) | TEXT, TEXT), max_size=5).map(tuple)
BROKEN = [broken_body for sample in SAMPLES.values() for broken_body in broken(sample)]
BODY = VALUE | st.sampled_from(BROKEN)
BYTES = (
    st.binary(max_size=60)
    | BODY.map(json.dumps).map(str.encode)
    | ANY_TEXT.map(lambda text: text.encode(errors="surrogatepass"))
)
ROUTER = Router(TABLE, project_ids=True)


def a_call(body: Any = None, pairs: tuple[tuple[str, str], ...] = ()) -> Call:
    query: dict[str, tuple[str, ...]] = {}
    for key, value in pairs:
        query[key] = (*query.get(key, ()), value)
    raw = json.dumps(body).encode()
    return Call("POST", "/servers", {}, query, {}, raw, "req-1", "http://gateway.example")


def nothing(values: Any) -> None:
    pass


BODIES: list[Callable[[Any], Any]] = [
    read_binding_create,
    read_rebind,
    read_drain,
    lambda body: read_pod_create(body, nothing),
    lambda body: read_pod_update(body, a_pod(), nothing),
    read_profile,
    read_restore,
    read_rehearsal,
    read_what_if,
    read_attached,
    image_id,
    is_uuid,
    lambda body: read_windows("windows", body),
    lambda body: read_server_create(a_call(body)),
    lambda body: read_keypair(a_call(body)),
    lambda body: read_quota(a_call(body), "quota_set", (), forcible=True),
    lambda body: Profile.from_document(body) if isinstance(body, dict) else None,
    lambda body: read_named(body, body) if isinstance(body, dict) else None,
    lambda body: read_hosts("a:b:c", body) if isinstance(body, dict) else None,
    lambda body: [reader(name, body) for name, reader in READERS.items()],
    lambda body: asked_of_all_pods("POST", "/flavors", body),
    lambda body: asked_of_all_pods("POST", "/flavors/1/action", body),
    lambda body: asked_of_all_pods("PUT", "/flavors/1/os-extra_specs/a", body),
]


def asked_of_all_pods(method: str, path: str, body: Any) -> None:
    write = shared_write(method, path, json.dumps(body).encode(), "", lambda: "id-1")
    shown = {"name": "f", "id": "f", "ram": 1, "vcpus": 1, "disk": 1, "swap": "", "rxtx_factor": 1.0}
    for answer in ({"flavor": shown}, {"flavor": body}, body if isinstance(body, dict) else {}):
        write.has(answer)


def takes(parser: Callable[..., Any], *given: Any) -> None:
    """Whatever else it raises fails the test."""
    with suppress(InvalidField):
        parser(*given)


@pytest.mark.parametrize("parser", BODIES)
@settings(max_examples=60)
@given(body=BODY)
def test_a_reader_of_bodies_takes_anything(parser: Callable[[Any], Any], body: Any) -> None:
    takes(parser, body)


@settings(max_examples=200)
@given(raw=BYTES)
def test_a_reader_of_bytes_takes_anything(raw: bytes) -> None:
    takes(read_json, raw)
    takes(check_proxied, raw)
    takes(rewritten, raw, Words(a_pod(), "http://gateway.example"))


@settings(max_examples=200)
@given(text=ANY_TEXT)
def test_a_reader_of_texts_takes_anything(text: str) -> None:
    for parser in (usual_spelling, is_uuid, pod_host.read, BindingKey.parse, may_be_asked_for):
        takes(parser, text)
    takes(tags_of, text.encode(errors="replace").decode())  # as a path is, when it comes there
    for reader in (a_time, count(0, 10), FLAG):
        takes(reader, "field", text)
    takes(EndpointRules().refusal, text)
    takes(EndpointRules().refusal, f"https://{text}/v2.1")
    takes(EndpointRules(allow_http=True).check, {"compute": f"http://[{text}]"})
    with suppress(ValueError):
        Microversion.parse(text)
    with suppress(ValueError):
        EndpointRules().refused_address(text)
    for method in ("GET", "POST", "\u202e"):
        ROUTER.find(method, f"/{text}")
        ROUTER.find(method, f"/servers/{text}/action")


@settings(max_examples=200)
@given(pairs=PAIRS, marker=TEXT)
def test_a_reader_of_queries_takes_anything(pairs: tuple[tuple[str, str], ...], marker: str) -> None:
    call = a_call(pairs=pairs)
    takes(read_limit, call)
    read_marker(call)
    takes(read_query, call.query, PAGING)
    query = ListQuery(pairs)
    for resource in (SERVERS, FLAVORS):
        query.order(resource)
        turned_round(query.for_pod(resource, marker))
    is_selected(Location("id-1", PROJECT, "pod-a", NOW), query.filters, True, True)
