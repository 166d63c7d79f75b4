"""What is written of a pod, who is named for it, and what is refused in which words."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.deed import Deed
from chalicelib.model.errors import Conflict, GenerationConflict, InvalidField
from chalicelib.model.page import Page
from chalicelib.model.pod import PodState
from chalicelib.model.pod_event import Change, PodAction
from chalicelib.model.pod_table import RECORDED, write
from chalicelib.service.operating.pods import MOST_RECORD_BYTES, refuse_crossed_watermarks, refuse_large
from tests.builders import NOW, a_hybrid_pod, a_pod
from tests.service.desk import OPERATOR, Desk
from tests.service.operating.test_pod_proof import PROVEN, SILENCE
from tests.service.operating.test_pods import update


def deed(reason=""):
    return Deed(NOW, "op-1", "req-1", reason)


def last(desk, pod_id="p"):
    return desk.pods.history(pod_id)[-1]


@pytest.mark.parametrize("reason", ["", "new racks"])
@pytest.mark.parametrize("state", [PodState.CORDONED, PodState.DISABLED])
def test_a_pod_that_is_registered_out_of_service_shows_the_reason_that_was_given(state, reason):
    desk = Desk()

    pod, _ = desk.pods.register({**PROVEN, "state": state}, OPERATOR, reason=reason)

    assert (pod.state, pod.state_reason) == (state, reason)
    assert desk.pods.get("id-1").state_reason == reason
    assert (last(desk, "id-1").action, last(desk, "id-1").deed) == (PodAction.REGISTERED, deed(reason))


def test_a_pod_that_did_not_prove_itself_shows_the_operators_reason_before_ours():
    desk = Desk()
    desk.nova.silence = SILENCE

    assert desk.pods.register(PROVEN, OPERATOR, force=True).pod.state_reason == "it has not proven itself"
    named = {**PROVEN, "pod_name": "Pod2"}
    assert desk.pods.register(named, OPERATOR, force=True, reason="tests").pod.state_reason == "tests"


@pytest.mark.parametrize("reason", ["", "new switches"])
def test_an_update_that_changes_the_state_shows_the_reason_that_was_given(reason):
    desk = Desk(a_pod("p"))
    pod = desk.pods.get("p")

    written, _ = desk.pods.update(pod, 1, {"state": PodState.CORDONED}, OPERATOR, reason=reason)

    assert (written.state, written.state_reason, last(desk).deed) == (PodState.CORDONED, reason, deed(reason))
    assert last(desk).changes == {"state": Change("enabled", "cordoned")}


def test_an_update_of_anything_else_leaves_the_states_reason():
    desk = Desk(a_pod("p"))
    pod = desk.pods.set_state("p", PodState.CORDONED, OPERATOR, "new switches")

    written, _ = desk.pods.update(pod, 2, {"weight": 3.0}, OPERATOR, reason="larger")

    assert (written.state_reason, last(desk).deed.reason) == ("new switches", "larger")


def test_an_update_needs_no_reason():
    desk = Desk(a_pod("p"))

    update(desk, "p", 1, {"state": PodState.CORDONED})

    assert (desk.pods.get("p").state_reason, last(desk).deed) == ("", deed())


def test_the_generation_that_an_operator_knows_is_held_against_the_present_one():
    desk = Desk(a_pod("p"))

    with pytest.raises(GenerationConflict) as refused:
        update(desk, "p", 2, {"weight": 3.0})

    assert refused.value.field == "generation"
    assert str(refused.value) == "P is at generation 1, not 2: read it again"


def test_a_marker_that_names_no_pod_is_told_with_the_noun():
    with pytest.raises(InvalidField, match=r"^no pod has the id gone$"):
        Desk(a_pod()).pods.list(page=Page(marker="gone"))


def test_an_endpoint_that_is_sent_back_as_it_was_is_not_judged_anew():
    desk = Desk(a_pod("p", endpoints={"compute": "http://of-laxer-times"}))

    sent_back = {"endpoints": {"compute": "http://of-laxer-times"}, "weight": 3.0}
    assert update(desk, "p", 1, sent_back).pod.weight == 3.0
    assert update(desk, "p", 2, {"weight": 4.0}).pod.weight == 4.0
    with pytest.raises(InvalidField):
        update(desk, "p", 3, {"endpoints": {"compute": "http://another"}})


def test_a_pod_keeps_its_keystone_while_it_serves_projects_by_credentials_there():
    served = {"pod_project_ids": {"p1": "a" * 32}, "project_credentials": {"p1": "ours"}}
    desk = Desk(a_hybrid_pod("p", **served), a_hybrid_pod("free"))
    there = {"auth_url": "https://keystone.new.example/v3"}

    with pytest.raises(Conflict) as refused:
        update(desk, "p", 1, there)
    assert refused.value.field == "auth_url"
    assert str(refused.value) == "The projects that it serves have credentials for its old Keystone."
    assert update(desk, "p", 1, {"weight": 3.0}).pod.weight == 3.0
    assert update(desk, "free", 1, there).pod.auth_url == there["auth_url"]


def test_a_renamed_pod_keeps_the_endpoint_that_is_given_with_its_new_name():
    desk = Desk(a_pod("p", endpoints={"compute": "https://old.example"}))

    pod, _ = update(desk, "p", 1, {"pod_name": "New", "endpoints": {"compute": "https://mine.example"}})

    assert pod.endpoints == {"compute": "https://mine.example"}


def test_a_pod_with_a_new_credential_keeps_its_endpoints():
    desk = Desk(a_pod("p", endpoints={"compute": "https://mine.example"}))

    pod, _ = update(desk, "p", 1, {"credential_ref": "new"})

    assert (pod.endpoints, pod.address_generation) == ({"compute": "https://mine.example"}, 2)


def test_an_unproven_pod_that_was_left_enabled_is_not_asked_for_a_proof_by_other_changes():
    desk = Desk(a_pod("p", proven=False))
    desk.nova.silence = SILENCE

    assert update(desk, "p", 1, {"weight": 3.0}).pod.weight == 3.0
    assert update(desk, "p", 2, {"state": PodState.DISABLED}).pod.state is PodState.DISABLED
    assert desk.nova.heard == []


@pytest.mark.parametrize(("bind", "keep"), [(None, None), (0.9, None), (None, 0.1), (0.5, 0.51)])
def test_watermarks_that_do_not_cross_pass(bind, keep):
    refuse_crossed_watermarks(bind, keep)


@pytest.mark.parametrize("bind", [0.5, 0.6])
def test_watermarks_that_meet_or_cross_are_told(bind):
    with pytest.raises(InvalidField) as refused:
        refuse_crossed_watermarks(bind, 0.5)

    assert refused.value.field == "bind_watermark"
    assert str(refused.value) == f"bind_watermark {bind} must be below keep_watermark 0.5"


def test_a_record_may_be_as_large_as_a_store_can_keep_twice_and_no_larger():
    pod = a_pod("p", dc_name="")
    pod = replace(pod, dc_name="x" * (MOST_RECORD_BYTES - len(json.dumps(write(pod, RECORDED)))))
    refuse_large(pod)

    with pytest.raises(InvalidField) as refused:
        refuse_large(replace(pod, dc_name=pod.dc_name + "x"))
    assert refused.value.field == "pod"
    assert str(refused.value) == "its fields have 150001 bytes together, and may have 150000"


def test_an_observed_pod_without_a_report_shows_what_it_had():
    desk = Desk(a_pod("p"))
    desk.clock.now = NOW + timedelta(days=1)

    assert desk.pods.observed("p") == (desk.pods.get("p"), desk.clock.now)
