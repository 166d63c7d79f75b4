import json
from dataclasses import replace

from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision_codec import pack, unpack
from chalicelib.scheduler.decision_text import binding_reason, sentence, tenant_text, tenant_view, text
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import FILTERS, SPREAD
from chalicelib.scheduler.rule import Rejection, Scope
from tests.builders import a_filled_pod, a_flavor, a_pod, a_spec
from tests.scheduler.reference import replay

POD1 = a_filled_pod("pod-1", vcpus_used=96, pod_name="Pod1", weight=37.0)
POD2 = a_filled_pod("pod-2", vcpus_used=30, pod_name="Pod2")
POD3 = a_filled_pod("pod-3", vcpus_used=80, pod_name="Pod3")


def decided(*pods, **spec):
    return decide(snapshot_of(pods), a_spec(**spec), SPREAD, "decision-1")


def test_a_sentence_has_its_numbers_without_needless_digits():
    full = Rejection("capacity", Scope.POD, "full", ("vcpus", 0.97, 0.95))

    assert sentence(full) == "vcpus would be 97% full, limit 95%"
    assert sentence(full._replace(numbers=("vcpus", 0.9501, 0.95))) == "vcpus would be 95.01% full, limit 95%"


def test_every_rejection_of_every_filter_has_its_sentence():
    for rule in FILTERS.values():
        for code in rule.sentences:
            told = sentence(Rejection(rule.name, Scope.POD, code, (0.5, 0.5, 0.5, 0.5)))
            assert not told.startswith(f"{rule.name}: {code}")


def test_a_rejection_that_nobody_knows_any_more_is_still_told():
    assert sentence(Rejection("moon_phase", Scope.POD, "full", (3, "x"))) == "moon_phase: full (3, x)"
    assert sentence(Rejection("capacity", Scope.POD, "full", ("vcpus",))) == "capacity: full (vcpus)"


def test_a_move_says_from_where_to_where_and_why():
    reason = binding_reason(decided(POD1, POD2, bound_to="pod-1"))

    assert reason == "moved from Pod1 to Pod2: vcpus would be 97% full, limit 95%"


def test_a_move_from_an_outweighed_pod_gives_both_scores():
    pods = [POD2, replace(POD3, weight=10.0)]
    loyal = replace(SPREAD, weighers={**SPREAD.weighers, "current_binding": 0.0})
    decision = decide(snapshot_of(pods), a_spec(bound_to="pod-3"), loyal, "decision-1")

    assert binding_reason(decision) == "moved from Pod3 to Pod2: outweighed, 0.690 against 0.290"


def test_a_move_from_a_pod_that_is_gone_says_so():
    assert binding_reason(decided(POD2, bound_to="pod-9")) == "moved from pod-9 to Pod2: that pod is gone"


def test_a_later_attempt_of_a_create_says_which_it_is():
    first, second = decided(POD2), decided(POD2, failed_pod_ids=frozenset({"pod-1"}))

    assert "attempt" not in text(first)
    assert "UTC, request -, attempt 2\n" in text(second)


def test_a_divert_says_what_stays():
    cordoned = replace(POD3, state=PodState.CORDONED)

    assert binding_reason(decided(POD2, cordoned, bound_to="pod-3")) == (
        "diverted to Pod2, still bound to Pod3: is cordoned: it takes nothing new, and bindings stay"
    )


def test_a_first_binding_and_a_kept_one_say_among_how_many():
    assert binding_reason(decided(POD2, POD3)) == "bound to Pod2: the best of 2 pods that can take it"
    assert binding_reason(decided(POD2, bound_to="pod-2")) == "stays with Pod2: the only pod that can take it"


def test_no_pod_is_told_by_counts():
    assert binding_reason(decided(POD1)) == "no pod: 1 by capacity"
    assert binding_reason(decided(POD1, az_name="az9")) == "no pod: no pod is in the zone az9"


def test_an_operator_reads_request_weights_and_reasons():
    told = text(decided(POD1, POD2, POD3, a_pod("pod-4", az_name="az2", pod_name="Pod4"), bound_to="pod-1"))

    assert told.splitlines()[0].startswith("UPDATE  moved from Pod1 to Pod2")
    assert "asked     m1.small in az1: 1 vcpus, 1024 MB memory, 10 GB disk" in told
    assert "->  Pod2" in told
    assert "Pod1 (bound)  capacity" in told
    assert "is in az2, and az1 was asked for" in told


def test_a_long_list_of_rejected_pods_is_cut_and_counted():
    told = text(decided(*(replace(POD1, pod_id=f"pod-{n}", pod_name=f"Full{n}") for n in range(50)), POD2))

    assert "and 30 more" in told


def test_what_was_kept_is_told_alike():
    decision = decided(POD1, POD2, POD3, bound_to="pod-1")

    assert text(unpack(pack(decision))) == text(decision)


def test_a_tenant_sees_action_zone_counts_and_reasons_and_nothing_else():
    pods = [POD1, POD2, replace(POD3, allowed_project_ids=frozenset({"another-project"}))]
    view = tenant_view(decided(*pods, bound_to="pod-1"))

    assert view == {
        "action": "update",
        "availability_zone": "az1",
        "pods_eligible": 1,
        "pods_rejected": [
            {"filter": "project_access", "count": 1, "reason": "is not open to this project"},
            {"filter": "capacity", "count": 1, "reason": "has not enough room"},
        ],
    }
    for secret in ("Pod1", "Pod2", "pod-", "97", "37", "another-project"):
        assert secret not in json.dumps(view)


def test_a_tenant_that_asked_for_no_zone_reads_the_one_it_got():
    assert tenant_view(decided(POD2, az_name=None))["availability_zone"] == "az1"


def test_a_tenant_without_a_pod_reads_the_zone_it_asked_for():
    view = tenant_view(decided(POD1, flavor=a_flavor(vcpus=4)))

    assert (view["action"], view["availability_zone"], view["pods_eligible"]) == ("none", "az1", 0)


def test_a_create_that_lost_every_race_says_what_had_been_decided():
    decision = decided(POD1, POD2, bound_to="pod-1").given_way()

    assert binding_reason(decision) == (
        "diverted to Pod2: other requests kept winning the binding; update was decided"
    )
    assert replay(unpack(pack(decision))) == unpack(pack(decision))


def test_a_tenant_reads_its_decision_in_a_terminal_and_nothing_of_pods():
    told = tenant_text(decided(POD1, POD2, bound_to="pod-1"))

    assert told.splitlines() == [
        "UPDATE  your new servers now go to another place, chosen among 1 that could take it",
        "",
        "  zone  az1",
        "  at    2025-06-01 12:00:00 UTC",
        "  1 passed over: has not enough room",
    ]
    assert tenant_text(decided(POD1)).startswith("NONE  no place could take it")
    assert "zone  any" in tenant_text(decided(POD1, az_name=None))
