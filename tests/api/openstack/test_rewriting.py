"""A pod's answer on its way back: links and zones in our words, every other byte as it came."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.openstack.rewriting import Words, rewrite_row, rewritten
from chalicelib.model import pod_host
from tests.builders import a_pod, an_intent

BASE = "http://gateway.example"
WORDS = Words(a_pod("pod-a", az_name="az1"), BASE)
ZONE = "OS-EXT-AZ:availability_zone"
POD = "http://pod:8774/compute"
SELF = {"rel": "self", "href": f"{POD}/v2.1/servers/1"}


def our(document, words=WORDS):
    """The document as it arrives, both written as Nova writes it and with other white space."""
    usual, other = (rewritten(json.dumps(document, indent=n).encode(), words) for n in (None, 1))
    assert json.loads(usual) == json.loads(other)
    return json.loads(usual)


def test_a_server_shows_our_zone_wherever_its_pod_shows_its_own():
    server = our({"server": {ZONE: "nova", "pinned_availability_zone": "nova"}})["server"]

    assert server == {ZONE: "az1", "pinned_availability_zone": "az1"}


def test_a_server_that_has_no_zone_stays_so():
    server = {ZONE: "", "pinned_availability_zone": None}

    assert our({"server": server}) == {"server": server}


def test_a_pod_in_no_zone_shows_its_own():
    assert our({"server": {ZONE: "nova"}}, Words(a_pod("a", az_name=""), BASE)) == {"server": {ZONE: "nova"}}


HOSTS = {"OS-EXT-SRV-ATTR:host": "compute1", "OS-EXT-SRV-ATTR:hypervisor_hostname": "node.example"}


def test_an_admin_sees_in_which_pod_a_host_is():
    shown = our({"server": {**HOSTS, "host_status": "UP", "hostId": "compute1"}})["server"]

    assert shown["OS-EXT-SRV-ATTR:host"] == pod_host.shown(WORDS.pod.pod_name, "compute1")
    assert shown["OS-EXT-SRV-ATTR:hypervisor_hostname"] == pod_host.shown(WORDS.pod.pod_name, "node.example")
    assert (shown["host_status"], shown["hostId"]) == ("UP", "compute1")


def test_the_hosts_of_an_actions_events_are_shown_with_their_pod_too():
    events = [{"event": "compute__do_build", "host": "compute1"}, {"event": "conductor", "host": None}]

    shown = our({"instanceAction": {"action": "create", "events": events}})["instanceAction"]["events"]

    assert [event["host"] for event in shown] == [pod_host.shown(WORDS.pod.pod_name, "compute1"), None]


WRITTEN_BY_TENANTS = [
    {"server": {"metadata": {ZONE: "mine", "pinned_availability_zone": "mine"}}},
    {"server": {"metadata": {"href": SELF["href"], "links": SELF["href"]}}},
    {"servers": [{"metadata": {ZONE: "mine"}, "name": f'"href": "{SELF["href"]}"'}]},
    {"metadata": {ZONE: "mine"}},
    {"meta": {ZONE: "mine", **HOSTS}},
    {"server": {"metadata": HOSTS}},
    {"server": {"OS-SCH-HNT:scheduler_hints": {ZONE: "mine", "links": [SELF]}}},
    {"server": {"tags": [ZONE, "links"], "fault": {"message": ZONE, "links": [SELF]}}},
    {"extra_specs": {ZONE: "mine", "href": SELF["href"]}},
]


@pytest.mark.parametrize("document", WRITTEN_BY_TENANTS)
def test_what_a_tenant_wrote_is_never_rewritten(document):
    assert our(document) == document


LINKS = [
    (f"{POD}/v2.1/servers/1", f"{BASE}/v2.1/servers/1"),
    (f"{POD}/v2.1/p/servers?limit=1&marker=m", f"{BASE}/v2.1/p/servers?limit=1&marker=m"),
    (f"{POD}/servers/1", f"{BASE}/servers/1"),
    (f"{POD}/v2/servers/1", f"{BASE}/v2/servers/1"),
    ("/v2.1/servers/1", f"{BASE}/v2.1/servers/1"),
    ("http://docs.openstack.org/", "http://docs.openstack.org/"),
]


@pytest.mark.parametrize(("theirs", "ours"), LINKS)
@pytest.mark.parametrize("place", ["server", "flavor", "image", "servers_links", "links"])
def test_links_lead_to_us(theirs, ours, place):
    def document(href):
        links = [{"rel": "self", "href": href}]
        return {place: links if "links" in place else {"links": links, "name": "n"}}

    assert our(document(theirs)) == document(ours)


def test_links_of_what_a_server_names_lead_to_us_too():
    flavor = {"id": "1", "links": [{"rel": "bookmark", "href": f"{POD}/flavors/1"}]}

    assert our({"server": {"flavor": flavor}})["server"]["flavor"]["links"][0]["href"] == f"{BASE}/flavors/1"


@pytest.mark.parametrize("rel_first", [True, False])
def test_an_images_link_to_glance_stays_glances(rel_first):
    pairs = [("rel", "alternate"), ("href", "http://glance:9292/images/1")]
    link = dict(pairs if rel_first else reversed(pairs))

    assert our({"image": {"links": [link]}}) == {"image": {"links": [link]}}


def test_every_other_byte_arrives_as_it_left():
    raw = (
        '{ "server":\t{"id" : "1","ram":1.10,"big":1e400,"big":12345678901234567890,"n\\u00e9":"\\u00e9é",'
        f'"links":[{{"href":"{POD}/v2.1/servers/1"  ,"rel":"self"}}],"{ZONE}" :"no\\u0076a"}} }}\n'
    ).encode()

    expected = raw.replace(POD.encode(), BASE.encode()).replace(b'"no\\u0076a"', b'"az1"')
    assert rewritten(raw, WORDS) == expected


NO_JSON = [b'"href"', b'{"links": [{"href": "\xff"}]}', b'}]"href"', b'{"server": "href"']


@pytest.mark.parametrize("raw", NO_JSON)
def test_what_is_no_json_arrives_as_it_is(raw):
    assert rewritten(raw, WORDS) == raw


KEYS = [
    "links",
    "href",
    "rel",
    ZONE,
    *HOSTS,
    "host",
    "events",
    "server",
    "servers",
    "instanceAction",
    "flavor",
]
NAMES = st.sampled_from([*KEYS, "metadata", "x_links"])
TEXTS = st.sampled_from([POD + "/v2.1/servers/1", "nova", "self", "alternate", "", 'a "quoted" \\ é'])
JSON = st.recursive(
    TEXTS | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


MARKER = str(an_intent().marker)


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")])
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (
            {"server": {"tags": [MARKER, "b"], "metadata": {"a": MARKER}}},
            {"tags": ["b"], "metadata": {"a": MARKER}},
        ),
        ({"server": {"id": "1", "metadata": {"a": "1", MARKER: ""}}}, {"id": "1", "metadata": {"a": "1"}}),
        ({"server": {"tags": [1, None, MARKER], "metadata": None}}, {"tags": [1, None], "metadata": None}),
        (
            {"server": {"tags": ["trio2o:x", "trio2o:a:b", "trio2o:"]}},
            {"tags": ["trio2o:x", "trio2o:a:b", "trio2o:"]},
        ),
    ],
)
def test_a_create_s_marker_is_hidden_and_nothing_else(theirs, ours, separators):
    raw = json.dumps(theirs, separators=separators).encode()

    assert json.loads(rewritten(raw, WORDS)) == {"server": ours}
    listed = json.dumps({"servers": [theirs["server"], "odd"]}).encode()
    assert json.loads(rewritten(listed, WORDS)) == {"servers": [ours, "odd"]}
    rewrite_row(theirs["server"], "servers", WORDS)
    assert theirs["server"] == ours


@pytest.mark.parametrize("raw", [b'{"metadata": {"%s": ""}', b'["%s"]', b'"%s"', b"[" * 3000 + b'"%s"'])
def test_what_is_no_document_stays_though_it_has_a_marker(raw):
    assert rewritten(raw % MARKER.encode(), WORDS) == raw % MARKER.encode()


def test_the_lists_of_one_servers_labels_have_no_marker():
    assert json.loads(rewritten(json.dumps({"tags": ["a", MARKER]}).encode(), WORDS)) == {"tags": ["a"]}
    assert json.loads(rewritten(json.dumps({"metadata": {MARKER: ""}}).encode(), WORDS)) == {"metadata": {}}


@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_a_row_of_a_list_is_rewritten_as_a_whole_document_is(document):
    by_rows = deepcopy(document)
    for key, row in by_rows.items():
        rewrite_row(row, key, WORDS)

    assert our(document) == by_rows


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (f"{POD}/v2.1/servers/1", f"{BASE}/v2.1/p1/servers/1"),
        (f"{POD}/servers/1", f"{BASE}/p1/servers/1"),
        ("http://docs.openstack.org/", "http://docs.openstack.org/"),
    ],
)
def test_links_have_the_project_where_the_clients_own_path_has_it(theirs, ours):
    words = Words(WORDS.pod, BASE, "/p1")

    assert (
        our({"server": {"links": [{"rel": "self", "href": theirs}]}}, words)["server"]["links"][0]["href"]
        == ours
    )
