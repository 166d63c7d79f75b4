"""Decision text: whole decisions as an operator and a tenant read them in a terminal."""

from dataclasses import replace
from textwrap import dedent

from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision_text import binding_reason, tenant_text, text
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from tests.builders import a_filled_pod, a_flavor, a_pod, a_spec

FULL, IDLE = (
    a_filled_pod(pod_id, vcpus_used=used, pod_name=pod_id.title())
    for pod_id, used in (("full", 96), ("idle", 30))
)
LONG_NAME = a_filled_pod("busy", vcpus_used=80, pod_name="Busy-And-Far")
ELSEWHERE = a_pod("elsewhere", az_name="az2", pod_name="Elsewhere")
FEW_WEIGHERS = replace(
    SPREAD, weighers={"idle_capacity": 1.0, "current_binding": 2.5}, name="plain", version=3
)


def decided(*pods, **spec):
    return decide(snapshot_of(pods, version=9), a_spec(**spec), FEW_WEIGHERS, "decision-1")


def read(told):
    return dedent(told).lstrip("\n")


def test_a_move_is_read_with_the_request_the_weights_and_the_bound_pods_rejections_first():
    decision = decided(
        ELSEWHERE,
        FULL,
        LONG_NAME,
        IDLE,
        bound_to="full",
        count=2,
        request_id="req-1",
        failed_pod_ids=frozenset({"gone"}),
        flavor=a_flavor(extra_specs={}),
    )

    assert text(decision) == read("""
        UPDATE  moved from Full to Idle: vcpus would be 98% full, limit 95%

          asked     2 x m1.small in az1: 2 vcpus, 2048 MB memory, 20 GB disk
          by        project 5f4dcc3b5aa765d61d8327deb882cf99, general affinity
          at        2025-06-01 12:00:00 UTC, request req-1, attempt 2
          decision  decision-1, profile plain v3, snapshot 9

        2 passed all filters; higher wins:
              pod           zone  score  idle_capacity  current_binding
          ->  Idle          az1   0.680  +0.680         +0.000
              Busy-And-Far  az1   0.180  +0.180         +0.000

        Stopped by filters: 1 by availability_zone, 1 by capacity
            Full (bound)  capacity           vcpus would be 98% full, limit 95%
            Elsewhere     availability_zone  is in az2, and az1 was asked for
          A pod stops at its first filter; a bound one is asked by all.
    """)


def test_a_kept_binding_is_marked_where_its_pod_is_weighed():
    loyal, other = decided(LONG_NAME, IDLE, bound_to="busy"), decided(LONG_NAME, IDLE, az_name=None)
    outweighed = replace(FEW_WEIGHERS, weighers={"idle_capacity": 1.0, "current_binding": 0.0})
    moved = decide(snapshot_of([LONG_NAME, IDLE]), a_spec(bound_to="busy"), outweighed, "decision-1")

    assert text(loyal).splitlines()[-3:] == [
        "      pod                   zone  score  idle_capacity  current_binding",
        "  ->  Busy-And-Far (bound)  az1   2.690  +0.190         +2.500",
        "      Idle                  az1   0.690  +0.690         +0.000",
    ]
    assert text(loyal).startswith("KEEP  stays with Busy-And-Far: the best of 2 pods that can take it\n\n")
    assert "asked     m1.small in any zone: 1 vcpus" in text(other)
    assert "  *   Busy-And-Far (bound)  az1" in text(moved)


def test_without_a_pod_nothing_is_weighed_and_without_any_nothing_is_stopped():
    request = [
        "  asked     m1.small in az1: 1 vcpus, 1024 MB memory, 10 GB disk",
        "  by        project 5f4dcc3b5aa765d61d8327deb882cf99, general affinity",
        "  at        2025-06-01 12:00:00 UTC, request -",
        "  decision  decision-1, profile plain v3, snapshot 9",
    ]

    assert text(decided()).splitlines() == ["NONE  no pod: no pod is in the zone az1", "", *request]
    assert text(decided(FULL)).splitlines() == [
        "NONE  no pod: 1 by capacity",
        "",
        *request,
        "",
        "Stopped by filters: 1 by capacity",
        "    Full  capacity  vcpus would be 97% full, limit 90%",
        "  A pod stops at its first filter; a bound one is asked by all.",
    ]
    assert binding_reason(decided(az_name=None)) == "no pod: there are none"


def test_long_lists_are_cut_where_the_decision_keeps_no_more_and_after_twenty_rejections():
    weighed = [replace(IDLE, pod_id=f"pod-{n:02}", pod_name=f"P{n}") for n in range(18)]
    stopped = [replace(FULL, pod_id=f"pod-{n:02}", pod_name=f"F{n}") for n in range(21)]

    assert text(decided(*weighed)).endswith("\n     and 2 more\n")
    assert "more" not in text(decided(*weighed[:16]))
    assert text(decided(*stopped)).splitlines()[-2:] == [
        "     and 1 more",
        "  A pod stops at its first filter; a bound one is asked by all.",
    ]
    assert "more" not in text(decided(*stopped[:20]))
    assert text(decided(*stopped)).count("capacity  vcpus") == 20


def test_a_reason_that_several_filters_give_in_the_same_words_is_told_once():
    both = replace(LONG_NAME, state=PodState.DRAINING, capacity=FULL.capacity)
    decision = decided(IDLE, both, bound_to="busy")
    (rejected,) = decision.rejected
    doubled = replace(decision, rejected=(rejected._replace(rejections=rejected.rejections * 2),))

    assert (
        binding_reason(decision)
        == binding_reason(doubled)
        == (
            "moved from Busy-And-Far to Idle: is draining: it takes nothing new, and bindings move; "
            "vcpus would be 97% full, limit 95%"
        )
    )


def test_a_tenant_reads_what_became_of_its_create_for_each_action():
    told = {
        "CREATE": decided(IDLE, LONG_NAME),
        "KEEP": decided(IDLE, bound_to="idle"),
        "UPDATE": decided(IDLE, FULL, bound_to="full"),
        "DIVERT": decided(IDLE, replace(LONG_NAME, state=PodState.CORDONED), bound_to="busy"),
        "NONE": decided(FULL, ELSEWHERE),
    }

    assert {action: tenant_text(decision).splitlines()[0] for action, decision in told.items()} == {
        "CREATE": "CREATE  your first server here: its place was chosen among 2 that could take it",
        "KEEP": "KEEP  it is where your servers in this zone go",
        "UPDATE": "UPDATE  your new servers now go to another place, chosen among 1 that could take it",
        "DIVERT": (
            "DIVERT  this server alone went elsewhere, chosen among 1 that could take it; your next may not"
        ),
        "NONE": "NONE  no place could take it",
    }
    assert tenant_text(told["NONE"]) == read("""
        NONE  no place could take it

          zone  az1
          at    2025-06-01 12:00:00 UTC
          1 passed over: is in another availability zone
          1 passed over: has not enough room
    """)
