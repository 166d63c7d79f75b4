"""A dry run tells what a create would get: the same pod, counts or refusal, whatever the pods are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.model.affinity import GENERAL, affinity_group
from chalicelib.model.binding import Binding, change_of
from chalicelib.model.errors import InvalidField, NoPod
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.server_order import ServerOrder
from chalicelib.model.snapshot import snapshot_of
from chalicelib.model.trouble import Trouble
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.profile import PRESETS, Profile
from chalicelib.scheduler.profile_version import DEFAULT, ProfileVersion
from chalicelib.service.creating.no_pod import no_pod
from chalicelib.service.operating.decisions import WhatIf
from tests.builders import NOW, PROJECT, a_binding, a_capacity, a_flavor, a_pod
from tests.scheduler.strategies import PODS, TAG, ZONES, any_pod
from tests.service.desk import NOTHING_CACHED, OPERATOR, World

FLAVORS = ("m1.small", "m1.tagged")
CALLER = replace(OPERATOR, identity=replace(OPERATOR.identity, project_id=PROJECT))


@dataclass(frozen=True)
class Case:
    """Pods and what else decides; ``asked`` is what both the create and the dry run ask for."""

    pods: list[Pod]
    asked: dict[str, Any]
    bindings: list[Binding] = field(default_factory=list)
    silent: frozenset[str] = frozenset()
    profile: Profile = PRESETS["spread"]
    default_az_name: str = ""


class Pods:
    """The pods' Nova: it accepts every create, and knows no flavor that isn't in a catalogue."""

    def send(self, pod, request):
        if request.method == "GET":
            return PodReply(200, {}, b'{"servers": []}')
        return PodReply(202, {}, b'{"server": {"id": "s1"}}')

    def flavor(self, pod, flavor_id, caller):
        return None


def world_of(case: Case) -> World:
    pods = Pods()
    chosen = replace(NOTHING_CACHED, default_az_name=case.default_az_name)
    world = World(*case.pods, chosen=chosen, client=pods, flavors=pods)
    world.outside.profiles.put(ProfileVersion(DEFAULT, 1, case.profile.document()))
    for binding in case.bindings:
        world.outside.bindings.commit(change_of(None, binding))
    for pod_id in sorted(case.silent):
        world.outside.troubles.put(Trouble(pod_id, failed_calls=5, first_failed_at=NOW, opened_at=NOW))
    return world


def outcome(decision: Decision, pods: list[Pod], profile: Profile) -> dict[str, Any]:
    """What a client or an operator sees of a decision, but for its id."""
    refusal = None if decision.selected else no_pod(decision, snapshot_of(pods), profile)
    return {
        "action": decision.action,
        "pod": decision.selected and decision.selected.pod.pod_id,
        "rejected": decision.rejected_counts,
        "spec": replace(decision.spec, request_id=""),
        "refusal": refusal and (refusal.status, str(refusal)),
    }


def dry_run(case: Case) -> dict[str, Any] | str:
    world = world_of(case)
    try:
        decision = world.services.decisions.dry_run(WhatIf(PROJECT, **case.asked))
    except InvalidField:
        return "no such flavor"
    return outcome(decision, world.outside.pods.list(), case.profile)


def create(case: Case) -> dict[str, Any] | str:
    world = world_of(case)
    pods = world.outside.pods.list()
    order = ServerOrder(b"", {"server": {}}, "vm", **{**case.asked, "az_name": case.asked["az_name"] or None})
    refused = None
    try:
        answer = world.services.servers.create(CALLER, order, PodRequest("POST", "/servers"))
    except InvalidField:
        return "no such flavor"
    except NoPod as none:
        refused = none
    came = outcome(world.outside.decisions.list()[0], pods, case.profile)
    if refused:
        assert came["refusal"] == (refused.status, str(refused))
    else:
        assert came["pod"] == answer.pod.pod_id
    return came


@st.composite
def catalogues(draw: st.DrawFn) -> dict[str, Any] | None:
    """Flavors whose sizes, tags and access differ from pod to pod."""
    found = {
        flavor_id: a_flavor(
            flavor_id,
            vcpus=draw(st.sampled_from([1, 1, 2])),
            root_gb=draw(st.sampled_from([10, 10, 10, 9000])),
            extra_specs=draw(st.sampled_from([{}, {}, TAG])) if flavor_id == "m1.tagged" else {},
            project_ids=draw(st.sampled_from([None] * 6 + [frozenset({PROJECT}), frozenset({"another"})])),
        )
        for flavor_id in draw(st.sampled_from([FLAVORS, FLAVORS, FLAVORS[:1], ()]))
    }
    return draw(st.sampled_from([found, found, found, None]))


@st.composite
def pods(draw: st.DrawFn, pod_id: str) -> Pod:
    """Any pod at all, or one that takes most of what is asked for."""
    catalogue = draw(catalogues())
    plain = a_pod(pod_id, draw(st.sampled_from(ZONES)), capacity=a_capacity())
    return replace(draw(st.sampled_from([plain, plain, draw(any_pod(pod_id))])), catalogue=catalogue)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any pods, bindings, troubles and presets, and any request of them."""
    pod_ids = draw(st.lists(st.sampled_from(PODS), unique=True, min_size=2, max_size=6))
    bound = draw(st.dictionaries(st.sampled_from(ZONES), st.sampled_from(PODS)))
    group = draw(st.sampled_from([GENERAL, GENERAL, affinity_group(TAG)]))
    return Case(
        pods=[draw(pods(pod_id)) for pod_id in pod_ids],
        asked={
            "flavor_id": draw(st.sampled_from(FLAVORS)),
            "az_name": draw(st.sampled_from([*ZONES * 3, "", "", "az9"])),
            "count": draw(st.sampled_from([1, 1, 1, 5, 40])),
            "boots_from_volume": draw(st.booleans()),
        },
        bindings=[a_binding(pod_id, zone, affinity_group=group) for zone, pod_id in bound.items()],
        silent=draw(st.sampled_from([frozenset()] * 2 + [frozenset(pod_ids[:1]), frozenset(pod_ids[:2])])),
        profile=draw(st.sampled_from(list(PRESETS.values()))),
        default_az_name=draw(st.sampled_from(["", *ZONES])),
    )


SMALL = {"flavor_id": "m1.small", "az_name": "az2", "count": 1, "boots_from_volume": False}
OLD = a_pod("old", "az1", created_at=NOW.replace(year=2020), catalogue={"m1.small": a_flavor(vcpus=4)})
NEW = a_pod("new", "az2", catalogue={"m1.small": a_flavor(vcpus=1)})
DISAGREEING = Case([OLD, NEW], SMALL)


@settings(deadline=None)  # a world is built for each case
@given(cases())
@example(DISAGREEING)
@example(replace(DISAGREEING, asked={**SMALL, "az_name": ""}, default_az_name="az2"))
def test_a_dry_run_is_the_create(case: Case) -> None:
    assert dry_run(case) == create(case)


def test_where_zones_disagree_about_a_flavor_the_size_that_is_shown_counts() -> None:
    for told in (dry_run(DISAGREEING), create(DISAGREEING)):
        assert isinstance(told, dict)
        assert (told["pod"], told["spec"].need.vcpus) == (None, 4)
