"""Aggregates: one for operators, in each pod of the zone that it names."""

from __future__ import annotations

import pytest

from tests.journeys.test_operators_nouns import HOSTS, ask, shown

PATH = "/os-aggregates"


def make(gateway, name="ssd", **fields):
    answer = ask(gateway, PATH, method="POST", body={"aggregate": {"name": name, **fields}})
    assert answer.status == 200, answer.body
    return answer.body["aggregate"]


def act(gateway, aggregate_id, **action):
    return ask(gateway, f"{PATH}/{aggregate_id}/action", method="POST", body=action)


def own(gateway, name="ssd"):
    """Each pod's own aggregates of this name: hosts and metadata."""
    return {
        pod_name: [
            (one["hosts"], one["metadata"]) for one in pod.nova.aggregates.values() if one["name"] == name
        ]
        for pod_name, pod in gateway.cloud.pods.items()
    }


@pytest.mark.parametrize(
    ("zone", "pods", "inside"),
    [
        ("az1", ["Pod1", "Pod2"], "nova"),
        ("az2", ["Pod3"], "nova"),
        (None, ["Pod1", "Pod2", "Pod3"], None),
        ("rack-7", ["Pod1", "Pod2", "Pod3"], "rack-7"),
    ],
)
def test_it_is_made_in_each_pod_of_its_zone_and_shown_as_one(gateway, zone, pods, inside):
    ask(gateway, PATH, method="POST", body={"aggregate": {"name": "other", "availability_zone": "az2"}})

    made = make(gateway, availability_zone=zone)

    metadata = {"availability_zone": inside} if inside else {}
    assert own(gateway) == {name: [([], metadata)] if name in pods else [] for name in gateway.cloud.pods}
    assert (made["name"], made["availability_zone"], "hosts" in made) == ("ssd", zone, False)
    (listed,) = [row for row in shown(gateway, PATH, key="aggregates") if row["name"] == "ssd"]
    assert listed == shown(gateway, f"{PATH}/{made['id']}", key="aggregate")
    assert (listed["id"], listed["uuid"]) == (made["id"], made["uuid"])
    assert listed["metadata"] == ({"availability_zone": zone} if zone else {})


def test_a_pods_own_name_of_its_zone_is_known(gateway):
    pod = gateway.pods["Pod3"]
    fields = {"generation": pod.generation, "pod_az_name": "inner"}
    assert gateway.call("PUT", f"/v1.0/pods/{pod.pod_id}", {"pod": fields}, user="admin").status == 200

    made = make(gateway, availability_zone="az2")

    assert own(gateway)["Pod3"] == [([], {"availability_zone": "inner"})]
    assert shown(gateway, f"{PATH}/{made['id']}", key="aggregate")["availability_zone"] == "az2"


def test_hosts_go_to_the_aggregate_of_their_own_pod(gateway):
    made = make(gateway)
    for n, host in enumerate((HOSTS[4], HOSTS[0], "pod2-host2"), 1):
        changed = act(gateway, made["id"], add_host={"host": host})
        assert changed.status == 200
        assert (changed.body["aggregate"]["id"], len(changed.body["aggregate"]["hosts"])) == (made["id"], n)

    hosts = [HOSTS[0], HOSTS[3], HOSTS[4]]
    assert shown(gateway, f"{PATH}/{made['id']}", key="aggregate")["hosts"] == hosts
    assert [hosts for ((hosts, _),) in own(gateway).values()] == [
        ["pod1-host1"],
        ["pod2-host2"],
        ["pod3-host1"],
    ]
    assert act(gateway, made["id"], add_host={"host": HOSTS[0]}).status == 409
    assert ask(gateway, f"{PATH}/{made['id']}", method="DELETE").status == 400, "it has hosts"
    for host in hosts:
        left = act(gateway, made["id"], remove_host={"host": host}).body["aggregate"]["hosts"]
    assert left == []
    assert ask(gateway, f"{PATH}/{made['id']}", method="DELETE").status == 200
    assert own(gateway) == {"Pod1": [], "Pod2": [], "Pod3": []}
    assert ask(gateway, f"{PATH}/{made['id']}").status == 404


def test_changes_are_made_in_every_pod(gateway):
    made = make(gateway, availability_zone="az1")
    path = f"{PATH}/{made['id']}"

    changed = act(gateway, made["id"], set_metadata={"metadata": {"tier": "1", "host": "x", "id": "7"}})
    assert changed.body["aggregate"]["metadata"] == {
        "availability_zone": "az1",
        "tier": "1",
        "host": "x",
        "id": "7",
    }
    renamed = ask(
        gateway, path, method="PUT", body={"aggregate": {"name": "new", "availability_zone": "az1"}}
    )
    assert (renamed.body["aggregate"]["name"], renamed.body["aggregate"]["availability_zone"]) == (
        "new",
        "az1",
    )
    metadata = {"availability_zone": "nova", "tier": "1", "host": "x", "id": "7"}
    assert own(gateway, "new") == {"Pod1": [([], metadata)], "Pod2": [([], metadata)], "Pod3": []}
    cached = {"cache": [{"id": "11111111-1111-4111-8111-111111111111"}]}
    assert ask(gateway, f"{path}/images", method="POST", body=cached).status == 202
    assert ask(gateway, f"{path}/images", "2.80", "POST", cached).status == 404
    assert all("cached" in one for name in ("Pod1", "Pod2") for one in _aggregates(gateway, name))


def _aggregates(gateway, pod_name):
    return gateway.cloud.pods[pod_name].nova.aggregates.values()


def test_it_does_not_move_to_another_zone(gateway):
    made = make(gateway, availability_zone="az1")
    path = f"{PATH}/{made['id']}"

    for answer in (
        ask(gateway, path, method="PUT", body={"aggregate": {"availability_zone": "az2"}}),
        act(gateway, made["id"], set_metadata={"metadata": {"availability_zone": "az2"}}),
        act(gateway, made["id"], add_host={"host": HOSTS[4]}),
    ):
        assert (answer.status, "az1" in answer.body["conflictingRequest"]["message"]) == (409, True)
    assert own(gateway)["Pod3"] == []
    away = ask(gateway, path, method="PUT", body={"aggregate": {"availability_zone": None}})
    assert away.body["aggregate"]["availability_zone"] is None


@pytest.mark.parametrize(
    ("method", "below", "body", "status"),
    [
        ("GET", "/x", None, 400),
        ("GET", "/7", None, 404),
        ("PUT", "/10009", {"aggregate": {"name": "n"}}, 404),
        ("POST", "", {"aggregate": {"name": ""}}, 400),
        ("POST", "", {"aggregate": 7}, 400),
        ("POST", "", {"aggregate": {"name": "n", "availability_zone": 7}}, 400),
        ("POST", "", b"{", 400),
        ("POST", "", b"[1]", 400),
        ("POST", "", {"aggregate": {"name": "ssd"}}, 409),
    ],
)
def test_a_refusal_is_novas_own(gateway, method, below, body, status):
    make(gateway)

    assert ask(gateway, f"{PATH}{below}", method=method, body=body).status == status
    assert len(shown(gateway, PATH, key="aggregates")) == 1


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ({"add_host": {"host": "nope"}}, 404),
        ({"add_host": {"host": "nope@Pod1"}}, 404),
        ({"add_host": {"host": "pod1-host1@Pod2"}}, 404),
        ({"add_host": {"host": "pod1-host1@NoPod"}}, 404),
        ({"remove_host": {"host": HOSTS[0]}}, 404),
        ({"foo": {}}, 400),
        ({}, 400),
    ],
)
def test_an_action_is_refused_as_nova_does(gateway, action, status):
    assert act(gateway, make(gateway)["id"], **action).status == status


def test_what_is_not_done_in_all_pods_is_told_by_zone_and_a_repeat_heals_it(gateway):
    pod3 = gateway.cloud.pods["Pod3"]
    pod3.kill()
    body = {"aggregate": {"name": "ssd"}}
    partly = ask(gateway, PATH, method="POST", body=body)
    assert partly.status == 504
    assert "done in az1; perhaps done, since no answer came, in az2" in str(partly.body)
    pod3.start()

    again = ask(gateway, PATH, method="POST", body=body)

    assert again.status == 200, again.body
    assert [len(each) for each in own(gateway).values()] == [1, 1, 1]
    (row,) = shown(gateway, PATH, key="aggregates")
    pod3.kill()
    changed = act(gateway, row["id"], set_metadata={"metadata": {"tier": "1"}})
    assert changed.status == 409
    assert "done in az1; not asked, since no answer came before, in az2" in str(changed.body)
    added = act(gateway, row["id"], add_host={"host": HOSTS[0]})
    assert (added.status, added.headers["x-trio2o-partial"]) == (200, "az2")
    pod3.start()
    assert act(gateway, row["id"], set_metadata={"metadata": {"tier": "1"}}).status == 200
    assert {metadata["tier"] for ((_, metadata),) in own(gateway).values()} == {"1"}


def test_a_name_that_one_pod_uses_otherwise_is_a_conflict(gateway):
    make(gateway, availability_zone="az2")

    answer = ask(gateway, PATH, method="POST", body={"aggregate": {"name": "ssd"}})

    assert (answer.status, "done in az1; refused in az2" in str(answer.body)) == (409, True)


def test_a_pod_that_came_later_gets_the_aggregate_with_its_first_host(gateway):
    made = make(gateway)
    act(gateway, made["id"], set_metadata={"metadata": {"tier": "1"}})
    gateway.cloud.pods["Pod3"].nova.aggregates.clear()

    changed = act(gateway, made["id"], add_host={"host": HOSTS[4]})

    assert changed.body["aggregate"]["hosts"] == HOSTS[4:]
    assert own(gateway)["Pod3"] == [(["pod3-host1"], {"tier": "1"})]


def test_any_members_id_names_the_aggregate(gateway):
    make(gateway, availability_zone="az1")
    gateway.cloud.pods["Pod1"].kill()
    (row,) = shown(gateway, PATH, key="aggregates")
    gateway.cloud.pods["Pod1"].start()

    (whole,) = shown(gateway, PATH, key="aggregates")

    assert row["id"] != whole["id"]
    assert shown(gateway, f"{PATH}/{row['id']}", key="aggregate") == whole
