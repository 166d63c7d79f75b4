"""What every pod store does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.capacity import CapacityReport, PodHealth
from chalicelib.model.deed import Deed
from chalicelib.model.errors import Conflict, GenerationConflict, NotFound
from chalicelib.model.pod import PodState
from chalicelib.model.pod_event import Change
from tests.builders import NOW, a_capacity, a_flavor, a_full_pod, a_hybrid_pod, a_pod


@pytest.mark.parametrize("pod", [a_pod(), a_full_pod(), a_pod("top", az_name="")], ids=lambda pod: pod.pod_id)
def test_a_pod_is_read_as_it_was_written(stores, pod):
    stores.pods.create(pod)

    assert stores.pods.get(pod.pod_id) == pod


def test_an_unknown_pod_is_not_found(stores):
    with pytest.raises(NotFound):
        stores.pods.get("nowhere")


def test_a_name_is_not_a_pod(stores):
    stores.pods.create(a_pod(pod_name="Pod1"))

    with pytest.raises(NotFound):
        stores.pods.get("name#Pod1")


def test_two_pods_cant_share_a_name_or_an_id(stores):
    stores.pods.create(a_pod("pod-a", pod_name="Pod1"))

    for twin in (a_pod("pod-b", pod_name="Pod1"), a_pod("pod-a", pod_name="Pod2")):
        with pytest.raises(Conflict) as refused:
            stores.pods.create(twin)
        assert refused.value.field == "pod_name"
    assert [pod.pod_name for pod in stores.pods.list()] == ["Pod1"]


def test_pods_are_listed_oldest_first(stores):
    stores.pods.create(a_pod("young", created_at=NOW))
    stores.pods.create(a_pod("old", created_at=NOW - timedelta(days=9)))
    stores.pods.create(a_pod("middle", created_at=NOW - timedelta(days=2)))

    assert [pod.pod_id for pod in stores.pods.list()] == ["old", "middle", "young"]


def test_an_update_counts_the_generation_on(stores):
    stores.pods.create(a_pod())

    after = stores.pods.update(a_pod(), a_pod(weight=5.0))

    assert (after.generation, after.weight) == (2, 5.0)
    assert stores.pods.get("pod-a") == after


def test_an_update_of_an_older_generation_is_refused(stores):
    stores.pods.create(a_pod())
    stores.pods.update(a_pod(), a_pod(weight=5.0))

    with pytest.raises(GenerationConflict):
        stores.pods.update(a_pod(), a_pod(weight=6.0))
    assert stores.pods.get("pod-a").weight == 5.0


def test_an_update_of_a_pod_that_is_gone_is_refused(stores):
    with pytest.raises(GenerationConflict):
        stores.pods.update(a_pod(), a_pod())


def test_a_renamed_pod_frees_its_old_name_and_holds_the_new_one(stores):
    stores.pods.create(a_pod("pod-a", pod_name="Before"))
    stores.pods.update(a_pod("pod-a", pod_name="Before"), a_pod("pod-a", pod_name="After"))

    stores.pods.create(a_pod("pod-b", pod_name="Before"))
    with pytest.raises(Conflict):
        stores.pods.create(a_pod("pod-c", pod_name="After"))


def test_a_pod_cant_be_renamed_to_a_name_that_is_taken(stores):
    stores.pods.create(a_pod("pod-a", pod_name="Pod1"))
    stores.pods.create(a_pod("pod-b", pod_name="Pod2"))

    with pytest.raises(Conflict) as refused:
        stores.pods.update(a_pod("pod-b", pod_name="Pod2"), a_pod("pod-b", pod_name="Pod1"))
    assert refused.value.field == "pod_name"
    assert stores.pods.get("pod-b").generation == 1


def test_a_deleted_pod_is_gone_and_its_name_is_free(stores):
    stores.pods.create(a_pod())
    stores.pods.delete(a_pod())

    assert stores.pods.list() == []
    stores.pods.create(a_pod("pod-b", pod_name=a_pod().pod_name))


def test_a_pod_written_since_it_was_read_is_not_deleted(stores):
    stores.pods.create(a_pod())
    stores.pods.update(a_pod(), a_pod(weight=5.0))

    with pytest.raises(GenerationConflict):
        stores.pods.delete(a_pod())
    assert stores.pods.get("pod-a").weight == 5.0


def test_a_pod_comes_with_what_it_last_reported(stores):
    stores.pods.create(a_pod())
    capacity = a_capacity(used=Amounts(vcpus=7))
    catalogue = {"m1.small": a_flavor(extra_specs={"a": "b"}, project_ids=frozenset({"p1"}))}
    stores.capacities.save("pod-a", CapacityReport(capacity, catalogue, "2.1", "2.96"))

    expected = replace(
        a_pod(),
        capacity=capacity,
        catalogue=catalogue,
        health=PodHealth(refreshed_at=NOW),
        min_microversion="2.1",
        max_microversion="2.96",
    )
    assert stores.pods.list() == [expected]
    assert stores.pods.get("pod-a") == expected


def test_a_pod_that_never_reported_has_null_capacity(stores):
    stores.pods.create(a_pod())

    (pod,) = stores.pods.list()
    assert (pod.capacity, pod.catalogue, pod.health) == (None, None, PodHealth())


def test_a_pod_whose_only_refresh_failed_is_known_to_be_out_of_reach(stores):
    stores.pods.create(a_pod())
    stores.capacities.failed("pod-a", NOW, "connection refused")

    (pod,) = stores.pods.list()
    assert pod.capacity is None
    assert pod.health == PodHealth(None, NOW, "connection refused", NOW)


def test_a_new_catalogue_replaces_the_one_that_was_read_before(stores):
    stores.pods.create(a_pod())
    stores.capacities.save("pod-a", CapacityReport(a_capacity(), {"small": a_flavor("small")}))
    assert set(stores.pods.list()[0].catalogue) == {"small"}

    stores.capacities.save("pod-a", CapacityReport(a_capacity(), {"big": a_flavor("big")}))

    assert set(stores.pods.list()[0].catalogue) == {"big"}


def test_an_operators_write_leaves_the_report_alone(stores):
    stores.pods.create(a_pod())
    stores.capacities.save("pod-a", CapacityReport(a_capacity()))
    stores.pods.update(a_pod(), a_pod(weight=5.0))

    assert stores.pods.get("pod-a").capacity == a_capacity()


def test_a_report_proves_a_pod_whose_address_is_no_newer(stores):
    forced = a_pod(proven=False, generation=3, address_generation=3)
    stores.pods.create(forced)
    assert not stores.pods.get("pod-a").proven

    for generation, proven in ((2, False), (3, True), (4, True)):
        stores.capacities.save("pod-a", CapacityReport(a_capacity(), generation=generation))
        assert stores.pods.get("pod-a").proven is proven
        assert [pod.proven for pod in stores.pods.list()] == [proven]


def test_a_refresh_that_failed_proves_nothing(stores):
    stores.pods.create(a_pod(proven=False))
    stores.capacities.failed("pod-a", NOW, "401", reachable=True)

    assert not stores.pods.get("pod-a").proven


def test_a_report_proves_a_pod_that_was_written_since_at_the_same_address(stores):
    pod = a_pod(proven=False, generation=3, address_generation=3)
    stores.pods.create(pod)
    stores.pods.update(pod, replace(pod, weight=5.0))

    stores.capacities.save("pod-a", CapacityReport(a_capacity(), generation=3))

    assert stores.pods.get("pod-a").proven


def test_a_proof_outlasts_other_writes(stores):
    stores.pods.create(a_pod(proven=False))
    stores.capacities.save("pod-a", CapacityReport(a_capacity()))
    read = stores.pods.get("pod-a")

    stores.pods.update(read, replace(read, weight=5.0))

    assert stores.pods.get("pod-a").proven


DEED = Deed(NOW, "op-1", "req-1", "new switches")


def actions(stores, **which):
    return [(event.generation, event.action.value) for event in stores.pods.history("pod-a", **which)]


def test_each_write_of_a_pod_leaves_one_event_with_who_did_it_why_and_what_changed(stores):
    stores.pods.create(a_pod(weight=5.0), DEED)
    read = stores.pods.get("pod-a")
    cordoned = stores.pods.update(read, replace(read, state=PodState.CORDONED, headroom=0.1), DEED)
    stores.pods.delete(cordoned, replace(DEED, user_id="op-2"))

    assert actions(stores) == [(1, "registered"), (2, "cordoned"), (3, "deleted")]
    first, second, third = stores.pods.history("pod-a")
    assert first.changes == {
        "pod_name": Change(None, "PodA"),
        "az_name": Change(None, "az1"),
        "weight": Change(None, 5.0),
    }
    assert second.changes == {"state": Change("enabled", "cordoned"), "headroom": Change(0.0, 0.1)}
    assert third.changes["headroom"] == Change(0.1, None)
    assert (first.deed, second.deed, third.deed.user_id) == (DEED, DEED, "op-2")
    assert {event.pod_name for event in (first, second, third)} == {"PodA"}


def test_a_full_pods_event_is_read_as_it_was_written(stores):
    stores.pods.create(a_full_pod("pod-a"), DEED)

    (event,) = stores.pods.history("pod-a")
    assert event.changes["allowed_project_ids"] == Change(None, ["p-1", "p-2"])
    assert event.changes["windows"].after[0]["reason"] == "new switches"


def test_a_write_that_is_refused_leaves_no_event(stores):
    stores.pods.create(a_pod())
    stores.pods.update(a_pod(), a_pod(weight=5.0))

    for refused in (
        lambda: stores.pods.create(a_pod()),
        lambda: stores.pods.update(a_pod(), a_pod(weight=6.0)),
        lambda: stores.pods.delete(a_pod()),
    ):
        with pytest.raises(Conflict):
            refused()

    assert actions(stores) == [(1, "registered"), (2, "changed")]


def test_a_history_is_read_in_pages(stores):
    pod = a_pod()
    stores.pods.create(pod)
    for number in range(4):
        pod = stores.pods.update(pod, replace(pod, weight=float(number + 1)))

    assert [generation for generation, _ in actions(stores, limit=2)] == [1, 2]
    assert [generation for generation, _ in actions(stores, after=2, limit=2)] == [3, 4]
    assert [generation for generation, _ in actions(stores, after=4)] == [5]
    assert actions(stores, after=5) == []
    assert stores.pods.history("pod-b") == []


def inside(pod_id, **projects):
    refs = dict.fromkeys(projects, "a-ref")
    return a_hybrid_pod(pod_id, pod_project_ids=projects, project_credentials=refs)


def test_a_project_inside_is_given_once_and_for_good(stores):
    for pod_id in ("pod-a", "pod-b"):
        stores.pods.create(inside(pod_id))
    first = stores.pods.update(stores.pods.get("pod-a"), inside("pod-a", ours="1" * 32))
    empty = stores.pods.update(first, inside("pod-a"))

    for before in (empty, stores.pods.get("pod-b")):
        with pytest.raises(Conflict, match="that of the project ours for good"):
            stores.pods.update(before, inside(before.pod_id, another="1" * 32))
    again = stores.pods.update(empty, inside("pod-a", ours="1" * 32))
    assert stores.pods.get("pod-a") == again
    assert stores.pods.update(stores.pods.get("pod-b"), inside("pod-b", ours="1" * 32)).lets_in("ours")
