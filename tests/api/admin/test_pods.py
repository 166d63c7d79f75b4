from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import CapacityReport, HostCapacity
from chalicelib.model.errors import NoCredential, PodUnreachable
from tests.builders import NOW, a_capacity

NEW = {"pod_name": "Pod9", "az_name": "az1"}


def test_a_pod_is_registered_with_the_original_blueprints_two_fields(operator):
    reply = operator.ask("POST", "/v1.0/pods", {"pod": NEW})

    assert reply.status == 200
    pod = reply.body["pod"]
    assert pod["pod_id"] == "id-1"
    assert (pod["pod_name"], pod["az_name"], pod["state"], pod["generation"]) == ("Pod9", "az1", "enabled", 1)
    assert pod["created_at"] == "2025-06-01T12:00:00Z"
    assert pod["proven"] is True
    assert reply.body["warnings"] == ["no service credential, so no capacity reports"]


def test_a_registered_pod_keeps_all_that_was_said_of_it(operator):
    said = {
        **NEW,
        "pod_az_name": "nova",
        "dc_name": "Oslo",
        "endpoints": {"compute": "https://pod9.example/compute/v2.1"},
        "state": "cordoned",
        "affinity_tags": {"resource": "CAD Modeling"},
        "weight": 12.5,
        "headroom": 0.1,
        "bind_watermark": 0.8,
        "keep_watermark": 0.85,
        "max_instances": 40,
        "disk": "shared",
        "allocation_ratios": {"vcpus": 4.0},
        "reserved": {"ram_mb": 2048},
        "allowed_project_ids": ["p1", "p2"],
        "denied_project_ids": ["p3"],
        "credential_ref": "pod9",
    }

    pod_id = operator.ask("POST", "/v1.0/pods", {"pod": said}).body["pod"]["pod_id"]

    shown = operator.ask("GET", f"/v1.0/pods/{pod_id}").body["pod"]
    assert {name: shown[name] for name in said} == said


IN_ORDER = (
    "pod_id pod_name az_name pod_az_name dc_name endpoints state affinity_tags weight headroom "
    "bind_watermark keep_watermark max_instances disk allocation_ratios reserved allowed_project_ids "
    "denied_project_ids windows next_window credential_ref generation created_at proven "
    "min_microversion max_microversion"
)


def test_a_pods_fields_keep_their_order(operator):
    shown = operator.ask("GET", "/v1.0/pods/a").body["pod"]

    assert " ".join(name for name in shown if name in IN_ORDER.split()) == IN_ORDER


def test_a_pod_whose_credential_does_not_work_is_a_409_that_names_it_and_with_force_disabled(operator):
    operator.desk.directory.refusal = NoCredential("nothing under pod9")
    named = {**NEW, "credential_ref": "pod9"}

    assert operator.refused("POST", "/v1.0/pods", {"pod": named}) == (409, "credential_ref")
    reply = operator.ask("POST", "/v1.0/pods", {"pod": {**named, "force": True}})

    assert (reply.status, reply.body["pod"]["state"], reply.body["pod"]["proven"]) == (200, "disabled", False)
    assert "nothing under pod9" in reply.body["warnings"][0]


@pytest.mark.parametrize("change", [{"proven": False}, {"address_generation": 1}])
def test_nobody_says_of_a_pod_that_it_is_proven(operator, change):
    field = next(iter(change))

    assert operator.refused("POST", "/v1.0/pods", {"pod": {**NEW, **change}}) == (400, field)
    assert operator.refused("PUT", "/v1.0/pods/a", {"pod": {"generation": 1, **change}}) == (400, field)


WINDOW = {
    "start": "2025-06-02T22:00:00",
    "end": "2025-06-03T02:00:00",
    "timezone": "Europe/Berlin",
    "repeats": "weekly",
    "reason": "new switches",
}


def test_a_pod_shows_its_windows_as_they_were_told_and_the_next_one_in_utc(operator):
    order = {"pod": {"generation": 1, "windows": [WINDOW]}}
    assert operator.ask("PUT", "/v1.0/pods/a", order).body["pod"]["windows"] == [WINDOW]
    clock = operator.desk.clock

    clock.now = datetime(2025, 6, 2, 19, 59, tzinfo=UTC)
    assert next_window(operator) == {
        "start": "2025-06-02T20:00:00Z",
        "end": "2025-06-03T00:00:00Z",
        "reason": "new switches",
        "open": False,
    }
    clock.passes(60)
    assert next_window(operator)["open"] is True
    clock.passes(4 * 3600)
    assert (next_window(operator)["start"], next_window(operator)["open"]) == ("2025-06-09T20:00:00Z", False)


def next_window(operator):
    return operator.ask("GET", "/v1.0/pods/a").body["pod"]["next_window"]


def test_a_pod_without_windows_has_no_next_one(operator):
    assert next_window(operator) is None


BAD = [
    ({"windows": {}}, "windows"),
    ({"windows": [{}] * 51}, "windows"),
    ({"windows": ["tonight"]}, "windows[0]"),
    ({"windows": [WINDOW, {"start": "2025-06-02T22:00Z"}]}, "windows[1].end"),
    ({"windows": [WINDOW, {**WINDOW, "end": "2025-06-01"}]}, "windows[1].end"),
    ({"windows": [WINDOW, {**WINDOW, "end": WINDOW["start"]}]}, "windows[1].end"),
    ({"windows": [{**WINDOW, "timezone": "Europe/Atlantis"}]}, "windows[0].timezone"),
    ({"windows": [{**WINDOW, "start": "2025-06-02T22:00Z"}]}, "windows[0].start"),
    ({"windows": [{**WINDOW, "repeats": "daily"}]}, "windows[0].repeats"),
    ({"windows": [{**WINDOW, "until": 1}]}, "windows[0].until"),
    ({"next_window": None}, "next_window"),
    ({"colour": "red"}, "colour"),
    ({"generation": 1}, "generation"),
    ({"pod_id": "mine"}, "pod_id"),
    ({"pod_name": ""}, "pod_name"),
    ({"pod_name": 7}, "pod_name"),
    ({"pod_name": "a/b"}, "pod_name"),
    ({"pod_name": "a#b"}, "pod_name"),
    ({"pod_name": "x" * 256}, "pod_name"),
    ({"az_name": "a#b"}, "az_name"),
    ({"az_name": "a:host"}, "az_name"),
    ({"az_name": "a\nb"}, "az_name"),
    ({"az_name": "a,b"}, "az_name"),
    ({"az_name": "z\u00fcrich"}, "az_name"),
    ({"allowed_project_ids": ["p", "p"]}, "allowed_project_ids"),
    ({"az_name": None}, "az_name"),
    ({"pod_az_name": "a/b"}, "pod_az_name"),
    ({"dc_name": ["x"]}, "dc_name"),
    ({"endpoints": []}, "endpoints"),
    ({"endpoints": {"nova": "https://x"}}, "endpoints.nova"),
    ({"endpoints": {"compute": 5}}, "endpoints.compute"),
    ({"endpoints": {"compute": "http://x"}}, "endpoints.compute"),
    ({"state": "gone"}, "state"),
    ({"state": True}, "state"),
    ({"affinity_tags": "CAD"}, "affinity_tags"),
    ({"affinity_tags": {"resource": 1}}, "affinity_tags.resource"),
    ({"affinity_tags": {"": "x"}}, 'affinity_tags.""'),
    ({"": 1}, '""'),
    ({"endpoints": {"": "https://x"}}, 'endpoints.""'),
    ({"weight": True}, "weight"),
    ({"weight": "5"}, "weight"),
    ({"weight": -0.1}, "weight"),
    ({"weight": 100.1}, "weight"),
    ({"headroom": 1}, "headroom"),
    ({"headroom": -0.1}, "headroom"),
    ({"bind_watermark": 0}, "bind_watermark"),
    ({"keep_watermark": 1.01}, "keep_watermark"),
    ({"bind_watermark": 0.9, "keep_watermark": 0.8}, "bind_watermark"),
    ({"max_instances": True}, "max_instances"),
    ({"max_instances": 1.5}, "max_instances"),
    ({"max_instances": -1}, "max_instances"),
    ({"disk": "tape"}, "disk"),
    ({"allocation_ratios": {"vcpus": 0}}, "allocation_ratios.vcpus"),
    ({"allocation_ratios": {"gpus": 1}}, "allocation_ratios.gpus"),
    ({"reserved": {"disk_gb": 0.5}}, "reserved.disk_gb"),
    ({"allowed_project_ids": "p1"}, "allowed_project_ids"),
    ({"allowed_project_ids": [1]}, "allowed_project_ids"),
    ({"denied_project_ids": [""]}, "denied_project_ids"),
    ({"credential_ref": 1}, "credential_ref"),
    ({"force": "yes"}, "force"),
]


@pytest.mark.parametrize(("wrong", "field"), BAD, ids=[f"{field}-{n}" for n, (_, field) in enumerate(BAD)])
def test_bad_input_is_a_400_that_names_the_field(operator, wrong, field):
    assert operator.refused("POST", "/v1.0/pods", {"pod": {**NEW, **wrong}}) == (400, field)
    assert len(operator.desk.pods.list()) == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b'{"pod": {"pod_name": "P", "weight": NaN}}', "body"),
        ([], "pod"),
        ({}, "pod"),
        ({"pod": "Pod9"}, "pod"),
        ({"pod": NEW, "extra": 1}, "extra"),
        ({"pod": {"az_name": "az1"}}, "pod_name"),
        (b'{"pod": {"pod_name": "a", "pod_name": "b", "az_name": "az1"}}', "pod_name"),
        (b'{"pod": {"pod_name": "a"}, "pod": {"pod_name": "b"}}', "pod"),
    ],
)
def test_a_body_of_the_wrong_shape_is_a_400_that_names_what_is_wrong(operator, body, field):
    assert operator.refused("POST", "/v1.0/pods", body) == (400, field)


def test_the_ends_of_the_ranges_are_accepted(operator):
    said = {
        **NEW,
        "weight": 100,
        "headroom": 0,
        "bind_watermark": 0.5,
        "keep_watermark": 1,
        "max_instances": 0,
    }

    assert operator.ask("POST", "/v1.0/pods", {"pod": said}).status == 200


def test_a_taken_name_is_a_409_that_names_the_field(operator):
    operator.ask("POST", "/v1.0/pods", {"pod": NEW})

    assert operator.refused("POST", "/v1.0/pods", {"pod": NEW}) == (409, "pod_name")


def test_a_pod_that_narrows_the_microversions_needs_force(operator):
    operator.desk.capacities.save(
        "a", CapacityReport(a_capacity(), min_microversion="2.1", max_microversion="2.96")
    )
    operator.desk.directory.versions = ("2.1", "2.60")

    assert operator.refused("POST", "/v1.0/pods", {"pod": NEW}) == (409, "force")
    assert operator.ask("POST", "/v1.0/pods", {"pod": {**NEW, "force": True}}).status == 200


def test_pods_are_listed_filtered_and_paged(operator):
    def listed(query):
        return [pod["pod_id"] for pod in operator.ask("GET", f"/v1.0/pods{query}").body["pods"]]

    assert listed("") == ["a", "b", "far", "top"]
    assert listed("?az_name=az2") == ["far"]
    assert listed("?pod_name=B&state=enabled") == ["b"]
    assert listed("?limit=2") == ["a", "b"]
    assert listed("?limit=2&marker=b") == ["far", "top"]
    assert listed("?marker=top") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=gone", "state"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=two", "limit"),
        ("marker=gone", "marker"),
        ("zone=az1", "zone"),
        ("az_name=az1&az_name=az2", "az_name"),
        ("az_name=" + "x" * 1001, "az_name"),
    ],
)
def test_a_bad_query_is_a_400_that_names_the_parameter(operator, query, field):
    assert operator.refused("GET", f"/v1.0/pods?{query}") == (400, field)


@pytest.mark.parametrize(
    ("method", "end"),
    [("GET", ""), ("DELETE", ""), ("POST", "/cordon"), ("POST", "/drain"), ("GET", "/capacity")],
)
def test_an_unknown_pod_is_a_404(operator, method, end):
    assert operator.ask(method, f"/v1.0/pods/nowhere{end}").status == 404


def test_a_pod_is_changed_at_the_generation_that_was_read(operator):
    reply = operator.ask("PUT", "/v1.0/pods/a", {"pod": {"generation": 1, "weight": 5, "state": "disabled"}})

    assert (reply.status, reply.body["pod"]["generation"]) == (200, 2)
    assert (reply.body["pod"]["weight"], reply.body["pod"]["state"]) == (5, "disabled")
    assert operator.ask("PUT", "/v1.0/pods/a", {"pod": {"generation": 1, "weight": 6}}).status == 409


def test_a_pod_may_be_sent_back_as_it_was_read(operator):
    pod = operator.ask("GET", "/v1.0/pods/a").body["pod"]

    reply = operator.ask("PUT", "/v1.0/pods/a", {"pod": {**pod, "dc_name": "Oslo"}})

    assert reply.status == 200
    assert reply.body["pod"]["dc_name"] == "Oslo"


def test_a_change_reads_the_pod_once(operator, monkeypatch):
    read, asked = operator.desk.pod_store.get, []
    monkeypatch.setattr(operator.desk.pod_store, "get", lambda pod_id: asked.append(pod_id) or read(pod_id))

    operator.ask("PUT", "/v1.0/pods/a", {"pod": {"generation": 1, "weight": 5}})

    assert asked == ["a"]


def test_a_change_that_another_write_overtakes_is_a_409(operator, monkeypatch):
    read = operator.desk.pod_store.get

    def read_and_then_a_rival_writes(pod_id):
        pod = read(pod_id)
        operator.desk.pod_store.update(pod, replace(pod, weight=3.0))
        return pod

    monkeypatch.setattr(operator.desk.pod_store, "get", read_and_then_a_rival_writes)

    reply = operator.ask("PUT", "/v1.0/pods/a", {"pod": {"generation": 1, "weight": 5}})

    assert (reply.status, read("a").weight) == (409, 3.0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weight": 5}, "generation"),
        ({"generation": True, "weight": 5}, "generation"),
        ({"generation": 1, "pod_id": "other"}, "pod_id"),
        ({"generation": 1, "created_at": "2020-01-01T00:00:00Z"}, "created_at"),
        ({"generation": 1, "windows": None}, "windows"),
        ({"generation": 1, "headroom": 2}, "headroom"),
    ],
)
def test_a_bad_change_is_a_400_that_names_the_field(operator, change, field):
    assert operator.refused("PUT", "/v1.0/pods/a", {"pod": change}) == (400, field)
    assert operator.ask("GET", "/v1.0/pods/a").body["pod"]["generation"] == 1


def test_cordon_uncordon_and_drain_are_one_call_each(operator):
    states = [
        operator.ask("POST", f"/v1.0/pods/a/{verb}").body["pod"]["state"]
        for verb in ("cordon", "uncordon", "drain", "cordon")
    ]

    assert states == ["cordoned", "enabled", "draining", "cordoned"]


def test_a_pod_that_holds_something_is_not_deleted_and_says_what(operator):
    bound = {"tenant_id": "p1", "pod_id": "a", "reason": "pilot"}
    operator.ask("POST", "/v1.0/bindings", {"pod_binding": bound})

    reply = operator.ask("DELETE", "/v1.0/pods/a")

    assert reply.status == 409
    assert "1 active binding" in reply.body["error"]["message"]


def test_a_deleted_pod_is_gone(operator):
    reply = operator.ask("DELETE", "/v1.0/pods/b")

    assert (reply.status, reply.body) == (204, None)
    assert operator.ask("GET", "/v1.0/pods/b").status == 404


def test_capacity_shows_totals_limits_use_and_the_age_of_the_report(operator):
    operator.ask("PUT", "/v1.0/pods/a", {"pod": {"generation": 1, "headroom": 0.1, "max_instances": 20}})
    host = HostCapacity("h1", Totals(vcpus=100), Amounts(vcpus=45))
    used = Amounts(vcpus=45, ram_mb=1024, instances=5)
    operator.desk.capacities.save("a", CapacityReport(a_capacity(used=used, hosts=(host,))))
    operator.desk.clock.passes(seconds=12.5)

    shown = operator.ask("GET", "/v1.0/pods/a/capacity").body["capacity"]

    assert (shown["age_seconds"], shown["source"], shown["hosts_count"]) == (12.5, "placement", 1)
    assert (shown["reported_at"], shown["headroom"]) == ("2025-06-01T12:00:00Z", 0.1)
    assert shown["resources"]["vcpus"] == {
        "total": 100,
        "limit": 90,
        "used": 45,
        "claimed": 0,
        "free": 45,
        "fill": 0.5,
    }
    assert shown["resources"]["instances"]["used"] == 5
    assert shown["fullest"] == "vcpus"


def test_the_capacity_of_a_pod_that_never_reported_is_null_and_its_error_is_shown(operator):
    operator.desk.capacities.failed("a", NOW, "timed out")

    shown = operator.ask("GET", "/v1.0/pods/a/capacity").body["capacity"]

    assert (shown["reported_at"], shown["age_seconds"], shown["fullest"]) == (None, None, None)
    assert shown["resources"]["vcpus"] == {
        "total": None,
        "limit": None,
        "used": 0,
        "claimed": 0,
        "free": None,
        "fill": None,
    }
    assert (shown["unreachable_since"], shown["error"]) == ("2025-06-01T12:00:00Z", "timed out")


def test_refresh_reads_the_pod_now_and_shows_its_capacity(operator):
    operator.desk.reader.report = CapacityReport(a_capacity(used=Amounts(vcpus=7)))

    reply = operator.ask("POST", "/v1.0/pods/a/refresh")

    assert reply.status == 200
    assert reply.body["refresh"] == {"refreshed": True, "error": None}
    assert reply.body["capacity"]["resources"]["vcpus"]["used"] == 7


def test_a_refresh_of_a_pod_that_is_out_of_reach_says_so(operator):
    operator.desk.reader.refusal = PodUnreachable("a", "timed out", sent=False)

    reply = operator.ask("POST", "/v1.0/pods/a/refresh")

    assert reply.body["refresh"] == {"refreshed": False, "error": "timed out"}
    assert reply.body["capacity"]["unreachable_since"] == "2025-06-01T12:00:00Z"


@pytest.mark.parametrize(("token", "status"), [("", 401), ("member", 403)])
def test_only_an_admin_may_ask(operator, token, status):
    assert operator.ask("GET", "/v1.0/pods", token=token).status == status


def test_an_id_longer_than_any_is_a_400_and_asks_no_store(operator):
    assert operator.refused("GET", "/v1.0/pods/" + "x" * 1001) == (400, "pod_id")
    assert operator.refused("GET", "/v1.0/bindings/" + "x" * 1001) == (400, "binding_id")


def test_force_beside_the_pod_is_told_where_it_belongs(operator):
    answer = operator.ask("POST", "/v1.0/pods", {"pod": NEW, "force": True})

    assert (answer.status, answer.body["error"]["field"]) == (400, "force")
    assert answer.body["error"]["message"] == 'stands inside: {"pod": {"force": ...}}'
