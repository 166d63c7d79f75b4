"""A pod takes nothing before it has proven itself, whoever says what of it meanwhile."""

from dataclasses import replace

import pytest

from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.model.errors import (
    Conflict,
    GenerationConflict,
    InvalidField,
    NoCredential,
    PodUnreachable,
    Unproven,
)
from chalicelib.model.pod import PodState
from chalicelib.model.pod_request import PodReply
from tests.builders import a_capacity, a_pod
from tests.service.desk import OPERATOR, Desk, ScriptedReader

PROVEN = {"pod_name": "Pod1", "az_name": "az1", "credential_ref": "pod1"}
SILENCE = PodUnreachable("id-1", "timed out", sent=False)
HTML, REFUSED = PodReply(200, {}, b"<html>"), PodReply(401, {}, b"{}")


def unknown_region(desk):
    desk.directory.refusal = Unproven("there is no region Pod1; there are Pod2, Pod3", "pod_name")


def no_compute(desk):
    desk.directory.catalogue = {"image": "https://glance.pod.example"}


def wrong_credential(desk):
    desk.directory.refusal = NoCredential("Keystone refuses the credential pod1: 401")


def no_nova(desk):
    desk.directory.silence = SILENCE


def says_nothing(desk):
    desk.nova.silence = SILENCE


def says_what_no_nova_says(desk):
    desk.nova.reply = HTML


def is_of_another_keystone(desk):
    desk.nova.reply = REFUSED


FAULTS = [
    (unknown_region, "pod_name", "Pod2, Pod3"),
    (no_compute, "endpoints.compute", "no compute endpoint"),
    (wrong_credential, "credential_ref", "refuses the credential pod1"),
    (no_nova, "endpoints.compute", "timed out"),
    (says_nothing, "endpoints.compute", "timed out"),
    (says_what_no_nova_says, "endpoints.compute", "your own token"),
    (is_of_another_keystone, "endpoints.compute", "401"),
]
by_fault = pytest.mark.parametrize(("fault", "field", "words"), FAULTS, ids=[f[0].__name__ for f in FAULTS])


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254", "http://nova.example", "https://10.0.0.5", "https://[64:ff9b::a00:5]"]
)
@pytest.mark.parametrize("credential_ref", ["pod1", ""])
def test_an_address_that_the_catalogue_gives_obeys_the_same_rules(url, credential_ref):
    desk = Desk(policy=EndpointRules())
    desk.directory.catalogue = {"compute": "https://nova.pod.example", "image": url}

    with pytest.raises(InvalidField) as refused:
        desk.pods.register({**PROVEN, "credential_ref": credential_ref}, OPERATOR, force=True)
    assert refused.value.field == "endpoints.image"
    assert desk.pods.list() == []


@by_fault
def test_a_pod_that_does_not_prove_itself_is_not_registered(fault, field, words):
    desk = Desk()
    fault(desk)

    with pytest.raises(Unproven, match=words) as refused:
        desk.pods.register(PROVEN, OPERATOR)

    assert refused.value.field == field
    assert "say force to register it disabled" in str(refused.value)
    assert desk.pods.list() == []


@by_fault
def test_with_force_it_is_registered_disabled_and_says_why(fault, field, words):
    desk = Desk()
    fault(desk)

    pod, (warning,) = desk.pods.register({**PROVEN, "state": PodState.CORDONED}, OPERATOR, force=True)

    assert (pod.state, pod.proven) == (PodState.DISABLED, False)
    assert words in warning
    assert "it is disabled" in warning
    assert desk.pods.get(pod.pod_id) == replace(pod, min_microversion="", max_microversion="")


@by_fault
def test_a_new_address_must_be_proven_like_a_new_pod(fault, field, words):
    desk = Desk(a_pod("p", pod_name="Old", credential_ref="pod1", capacity=a_capacity()))
    fault(desk)
    before = desk.pods.get("p")

    with pytest.raises(Unproven) as refused:
        desk.pods.update(before, 1, {"pod_name": "Pod1"}, OPERATOR)
    assert (refused.value.field, desk.pods.get("p")) == (field, before)
    assert "say force to write it and disable the pod" in str(refused.value)

    pod, (warning,) = desk.pods.update(before, 1, {"pod_name": "Pod1"}, OPERATOR, force=True)
    assert (pod.state, pod.proven, pod.generation) == (PodState.DISABLED, False, 2)
    assert words in warning
    assert not desk.pods.get("p").proven, "the last report is of the old address"


@pytest.mark.parametrize(
    "change",
    [{"pod_name": "New"}, {"endpoints": {"compute": "https://new.example"}}, {"credential_ref": "other"}],
    ids=lambda change: next(iter(change)),
)
def test_each_part_of_the_address_is_proven_anew(change):
    desk = Desk(a_pod("p", endpoints={"compute": "https://old.example"}, credential_ref="pod1"))
    desk.nova.silence = SILENCE

    with pytest.raises(Unproven):
        desk.pods.update(desk.pods.get("p"), 1, change, OPERATOR)


def test_a_proven_pod_counts_as_free_before_it_has_reported():
    pod, _ = Desk().pods.register(PROVEN, OPERATOR)

    assert (pod.proven, pod.state, pod.capacity) == (True, PodState.ENABLED, None)


def test_the_pods_nova_is_asked_with_the_operators_own_token():
    desk = Desk()
    desk.pods.register(PROVEN, OPERATOR)

    ((name, asked),) = desk.nova.heard
    assert (name, asked.token, asked.request_id) == ("Pod1", OPERATOR.token, OPERATOR.request_id)


def test_a_pod_without_a_credential_proves_itself_by_the_operators_token(monkeypatch):
    desk = Desk()
    monkeypatch.setattr(desk.directory, "endpoints", None)  # which would need a credential

    pod, warnings = desk.pods.register({"pod_name": "Pod1", "az_name": "az1"}, OPERATOR)

    assert (pod.proven, pod.state) == (True, PodState.ENABLED)
    assert warnings == ("no service credential, so no capacity reports",)
    assert pod.endpoints == {"compute": "https://nova.pod.example/Pod1"}


def test_force_lets_a_pod_narrow_the_microversions_and_it_stays_enabled():
    desk = Desk(a_pod("old", min_microversion="2.1", max_microversion="2.96"))
    desk.directory.versions = ("2.1", "2.60")

    pod, warnings = desk.pods.register(PROVEN, OPERATOR, force=True)

    assert (pod.state, pod.proven, warnings) == (PodState.ENABLED, True, ())


def test_an_unproven_pods_microversions_hold_nobody_back():
    desk = Desk(a_pod("p", proven=False, min_microversion="2.1", max_microversion="2.200"))

    assert desk.pods.register(PROVEN, OPERATOR).pod.proven


def forced(desk):
    """A pod that was registered by force while nobody answered; now everybody does."""
    desk.nova.silence = SILENCE
    pod, _ = desk.pods.register(PROVEN, OPERATOR, force=True)
    desk.nova.silence = None
    return pod


def enable(desk, pod_id, force=False):
    pod = desk.pods.get(pod_id)
    return desk.pods.update(pod, pod.generation, {"state": PodState.ENABLED}, OPERATOR, force)


def test_an_unproven_pod_is_enabled_when_it_proves_itself():
    desk = Desk()
    pod = forced(desk)

    pod, warnings = enable(desk, pod.pod_id)

    assert (pod.state, pod.proven, warnings) == (PodState.ENABLED, True, ())
    assert desk.pods.get(pod.pod_id).proven


@pytest.mark.parametrize("state", [PodState.ENABLED, PodState.CORDONED, PodState.DRAINING])
def test_an_unproven_pod_leaves_disabled_only_with_a_proof(state):
    desk = Desk()
    pod = forced(desk)
    desk.nova.silence = SILENCE

    with pytest.raises(Unproven):
        desk.pods.update(pod, 1, {"state": state}, OPERATOR)
    with pytest.raises(Conflict):
        desk.pods.set_state(pod.pod_id, state, OPERATOR)

    assert enable(desk, pod.pod_id, force=True).pod.state is PodState.DISABLED


def test_a_pod_that_was_let_in_unproven_says_so_and_enable_asks_for_the_proof():
    desk = Desk()
    pod = forced(desk)
    assert pod.state_reason == "it has not proven itself"
    desk.nova.silence = SILENCE
    with pytest.raises(Unproven) as refused:
        desk.pods.enable(pod.pod_id, OPERATOR)
    assert "force" not in str(refused.value), "there is nothing left to force"

    desk.nova.silence = None
    enabled = desk.pods.enable(pod.pod_id, OPERATOR).pod
    assert (enabled.state, enabled.proven, enabled.state_reason) == (PodState.ENABLED, True, "")


def test_a_pod_that_an_earlier_version_left_enabled_and_unproven_is_proven_by_enable():
    desk = Desk(a_pod("p", endpoints={"compute": "https://nova.example"}, proven=False))
    assert desk.pods.get("p").state is PodState.ENABLED
    desk.nova.silence = SILENCE
    with pytest.raises(Unproven):
        desk.pods.enable("p", OPERATOR)

    desk.nova.silence = None
    assert desk.pods.enable("p", OPERATOR).pod.proven
    assert desk.pods.get("p").proven


def test_the_top_region_proves_itself_when_it_gets_a_zone():
    desk = Desk()
    top, _ = desk.pods.register({"pod_name": "Top", "credential_ref": "pod1"}, OPERATOR)
    assert (top.proven, top.state, desk.nova.heard) == (False, PodState.ENABLED, [])
    desk.nova.silence = SILENCE

    with pytest.raises(Unproven):
        desk.pods.update(top, 1, {"az_name": "az1"}, OPERATOR)
    desk.nova.silence = None
    assert desk.pods.update(top, 1, {"az_name": "az1"}, OPERATOR).pod.proven


def test_other_changes_of_an_unproven_pod_ask_nobody():
    desk = Desk()
    pod = forced(desk)
    desk.nova.silence = SILENCE

    assert desk.pods.update(pod, 1, {"weight": 5.0}, OPERATOR).pod.weight == 5.0


def test_a_refresh_proves_a_forced_pod_and_leaves_it_disabled():
    desk = Desk()
    pod = forced(desk)

    desk.services.capacity_refresh.refresh(pod.pod_id)

    seen = desk.pods.get(pod.pod_id)
    assert (seen.proven, seen.state) == (True, PodState.DISABLED)
    desk.nova.silence = SILENCE
    assert enable(desk, pod.pod_id).pod.state is PodState.ENABLED, "the refresh was the proof"


def test_a_refresh_that_fails_proves_nothing():
    desk = Desk()
    pod = forced(desk)
    desk.reader.refusal = NoCredential("no")

    desk.services.capacity_refresh.refresh(pod.pod_id)

    assert not desk.pods.get(pod.pod_id).proven


def test_a_refresh_that_began_before_a_new_address_proves_the_old_one():
    class ReaderWhileAnOperatorWrites(ScriptedReader):
        def read(self, pod):
            desk.nova.silence = SILENCE
            seen = desk.pods.get(pod.pod_id)
            address = {"endpoints": {"compute": f"https://mistyped-{seen.generation}.example"}}
            desk.pods.update(seen, seen.generation, address, OPERATOR, force=True)
            return super().read(pod)

    desk = Desk(reader=ReaderWhileAnOperatorWrites())
    pod = forced(desk)

    for _ in range(2):
        desk.services.capacity_refresh.refresh(pod.pod_id)
        assert not desk.pods.get(pod.pod_id).proven


def test_of_two_operators_at_once_the_second_writes_nothing():
    """One enables a pod by its old address while another mistypes a new one."""
    desk = Desk(a_pod("p", state=PodState.DISABLED))
    read = desk.pods.get("p")
    desk.nova.silence = SILENCE
    desk.pods.update(read, 1, {"pod_name": "Mistyped"}, OPERATOR, force=True)

    with pytest.raises(GenerationConflict):
        desk.pods.update(read, 1, {"state": PodState.ENABLED}, OPERATOR)

    seen = desk.pods.get("p")
    assert (seen.proven, seen.state, seen.generation) == (False, PodState.DISABLED, 2)


def test_a_pod_proves_itself_by_its_answer_to_the_operators_own_token():
    desk = Desk()
    desk.pods.register(PROVEN, OPERATOR)

    ((_, question),) = desk.nova.heard
    assert (question.method, question.path) == ("GET", "/flavors?limit=1")
    assert (question.token, question.identity) == (OPERATOR.token, OPERATOR.identity)
    assert (question.request_id, question.deadline) == (OPERATOR.request_id, OPERATOR.deadline)
