import pytest

from simulation.recorded import arrivals_of, one_of_each_create, site_of

NOON, LATER, LATEST = (f"2026-11-20T12:0{minute}:00.000000Z" for minute in (0, 1, 2))
FLAVOR = {
    "flavor_id": "3",
    "name": "m1.medium",
    "vcpus": 2,
    "ram_mb": 4096,
    "root_gb": 40,
    "ephemeral_gb": 5,
    "swap_mb": 512,
    "extra_specs": {"pod:gpu": "yes"},
}


def a_decision(pod="a", at=NOON, count=1, bound=(), failed=(), request="r", flavor=None, disk_gb=46, **more):
    need = {"vcpus": 2 * count, "ram_mb": 4096 * count, "disk_gb": disk_gb * count, "instances": count}
    bindings = [
        {"tenant_id": "alpha", "az_name": "az1", "affinity_group": "gpu=yes", "pod_id": pod_id}
        for pod_id in bound
    ]
    return {
        "decision_id": f"{pod} at {at}",
        "request_id": request,
        "requested_at": at,
        "project_id": "alpha",
        "az_name": "az1",
        "affinity_group": "gpu=yes",
        "action": "create",
        "pod_id": pod,
        "pod_name": pod,
        "spec": {
            "flavor": {**FLAVOR, **(flavor or {})},
            "count": count,
            "need": need,
            "bindings": bindings,
            "failed_pod_ids": list(failed),
        },
        **more,
    }


def a_pod_as_told(used_vcpus=10, reported_at=LATEST, total=32, limit=32, **record):
    one = {"total": total, "limit": limit, "used": used_vcpus, "claimed": 0}
    uncounted = {"total": None, "limit": None, "used": 0, "claimed": 0}
    resources = {"vcpus": one, "ram_mb": uncounted, "disk_gb": uncounted, "instances": uncounted}
    settings = {
        "weight": 2.0,
        "headroom": 0.1,
        "bind_watermark": None,
        "keep_watermark": None,
        "max_instances": None,
        "affinity_tags": {},
        "allowed_project_ids": [],
        "denied_project_ids": ["beta"],
        "state": "cordoned",
    }
    named = {"pod_id": "a", "pod_name": "Pod1", "az_name": "az1", "created_at": "2026-11-10T12:00:00Z"}
    return {**settings, **named, **record, "capacity": {"resources": resources, "reported_at": reported_at}}


def site_with(*creates, **pod):
    return site_of(creates, [a_pod_as_told(**pod)])


@pytest.mark.parametrize("turned", [1, -1])
def test_a_create_that_passed_over_a_dead_pod_comes_once_to_where_it_ended(turned):
    # Both decisions have the create's moment, so a list may have them in any order.
    tried = [a_decision("a", bound=["a"]), a_decision("b", bound=["a"], failed=["a"])][::turned]

    (create,) = one_of_each_create(tried)

    assert create["pod_id"] == "b"
    assert create["spec"]["failed_pod_ids"] == []


def test_two_creates_with_one_request_id_of_their_client_are_two():
    assert len(one_of_each_create([a_decision(at=NOON), a_decision(at=LATER)])) == 2


def test_creates_come_in_seconds_since_the_first_and_a_server_each():
    arrivals = arrivals_of(
        [a_decision(at=NOON), a_decision(at=LATER, count=2, az_name=None)], lifetime_hours=1
    )

    assert [(a.time, a.zone, a.lifetime) for a in arrivals] == [
        (0.0, "az1", 3600.0),
        (60.0, "", 3600.0),
        (60.0, "", 3600.0),
    ]
    assert {(a.project, a.flavor) for a in arrivals} == {("alpha", "3")}


def test_without_a_lifetime_servers_outlive_the_workload():
    (arrival,) = arrivals_of([a_decision()], None)

    assert arrival.lifetime > 30 * 86_400


def test_a_flavor_takes_what_its_server_needed():
    (flavor,) = site_with(a_decision(count=3))["flavors"]

    assert flavor == {
        "name": "3",
        "vcpus": 2,
        "ram_mb": 4096,
        "disk_gb": 40 + 5 + 1,
        "extra_specs": {"pod:gpu": "yes"},
    }


def test_a_server_from_a_volume_is_of_a_flavor_of_its_own():
    names = [f["name"] for f in site_with(a_decision(), a_decision(at=LATER, disk_gb=6))["flavors"]]

    assert names == ["3", "3-from-volume"]


def test_the_newest_size_of_a_flavor_wins():
    resized = a_decision(at=LATER, disk_gb=86, flavor={"root_gb": 80})

    assert [f["disk_gb"] for f in site_with(a_decision(), resized)["flavors"]] == [86]


def test_what_extra_specs_override_is_in_the_size():
    flavor = {"extra_specs": {"resources:DISK_GB": "7"}}

    (told,) = site_with(a_decision(disk_gb=7, flavor=flavor))["flavors"]

    assert (told["name"], told["disk_gb"], told["extra_specs"]) == ("3", 7, {})


def test_what_a_pod_used_before_is_without_the_servers_it_had_reported():
    creates = [a_decision(at=NOON), a_decision(at=LATER, count=2), a_decision("b", at=NOON)]

    assert site_with(*creates)["pods"][0]["used"]["vcpus"] == 10 - 6
    # The second create came after the report, so the report doesn't include it.
    assert site_with(*creates, reported_at=LATER)["pods"][0]["used"]["vcpus"] == 10 - 2
    assert site_with(*creates, used_vcpus=1)["pods"][0]["used"]["vcpus"] == 0


def test_what_isnt_counted_has_no_size():
    never = site_with(a_decision(), total=None, limit=None, reported_at=None, used_vcpus=0)["pods"][0]
    ignored = site_with(a_decision(), total=500, limit=None)["pods"][0]

    assert never["vcpus"] is ignored["vcpus"] is None


def test_a_pods_record_comes_along():
    (pod,) = site_with(a_decision())["pods"]

    assert (pod["id"], pod["name"], pod["zone"], pod["age_days"]) == ("a", "Pod1", "az1", 10.0)
    assert (pod["weight"], pod["headroom"], pod["state"]) == (2.0, 0.1, "cordoned")
    assert pod["denied_project_ids"] == ["beta"]
    assert not pod.keys() & {"bind_watermark", "affinity_tags", "allowed_project_ids"}


@pytest.mark.parametrize(
    ("told", "proven"), [({}, True), ({"proven": True}, True), ({"proven": False}, False)]
)
def test_a_pod_that_isnt_proven_comes_along_as_such(told, proven):
    assert site_with(a_decision(), **told)["pods"][0]["proven"] is proven


def test_a_pod_that_came_meanwhile_is_younger_than_all():
    assert site_with(a_decision(), created_at=LATER)["pods"][0]["age_days"] == pytest.approx(-1 / 1440)


def test_who_was_bound_is_told_by_the_first_create_and_only_to_pods_of_the_site():
    bound = {"project": "alpha", "zone": "az1", "affinity_group": "gpu=yes", "pod": "Pod1"}

    assert site_with(a_decision(bound=["a"]), a_decision(at=LATER, bound=["gone"]))["bindings"] == [bound]
    assert site_with(a_decision(bound=["gone"]))["bindings"] == []
