"""A pod's states: who put it in which, the reason that it shows, and the way that a deletion takes."""

import pytest

from chalicelib.model.errors import Conflict, Unproven
from chalicelib.model.pod import PodState
from chalicelib.model.pod_event import PodAction
from tests.builders import a_claim, a_pod
from tests.service.desk import OPERATOR, Desk
from tests.service.operating.test_pod_proof import SILENCE
from tests.service.operating.test_pods import NEED
from tests.service.operating.test_pods_writes import deed, last


@pytest.mark.parametrize("reason", ["", "sold"])
def test_a_deletion_that_fails_puts_the_pod_back_and_its_history_says_why(reason):
    desk = Desk(a_pod("p"))
    desk.pods.set_state("p", PodState.CORDONED, OPERATOR, "new switches")
    desk.pods.set_state("p", PodState.ENABLED, OPERATOR)
    desk.claims.claim(a_claim("p", NEED), NEED)
    desk.pods.set_state("p", PodState.CORDONED, OPERATOR, "newer switches")

    with pytest.raises(Conflict, match="1 server in creation") as held:
        desk.pods.delete("p", OPERATOR, reason=reason)

    pod = desk.pods.get("p")
    assert (pod.state, pod.state_reason) == (PodState.CORDONED, "newer switches")
    fence, back = desk.pods.history("p")[-2:]
    assert (fence.action, fence.deed) == (PodAction.DISABLED, deed(reason or "to be deleted"))
    assert (back.action, back.deed) == (PodAction.CORDONED, deed(str(held.value)))


def test_a_disabled_pod_that_can_not_go_yet_is_not_written():
    desk = Desk(a_pod("p"))
    desk.pods.set_state("p", PodState.CORDONED, OPERATOR)
    desk.pods.set_state("p", PodState.ENABLED, OPERATOR)
    desk.claims.claim(a_claim("p", NEED), NEED)
    desk.pods.set_state("p", PodState.DISABLED, OPERATOR, "fire")

    with pytest.raises(Conflict, match="1 server in creation"):
        desk.pods.delete("p", OPERATOR)

    assert (desk.pods.get("p").generation, desk.pods.get("p").state_reason) == (4, "fire")


def test_a_deletion_by_force_forgets_where_projects_were_placed_before_the_pod_goes(monkeypatch):
    desk, known = Desk(a_pod("p", state=PodState.DISABLED)), []
    desk.projects.add("p1", "p")
    delete = desk.pod_store.delete
    monkeypatch.setattr(
        desk.pod_store,
        "delete",
        lambda pod, deed: known.append(desk.projects.pod_ids("p1")) or delete(pod, deed),
    )

    desk.pods.delete("p", OPERATOR, force=True)

    assert known == [frozenset()]


@pytest.mark.parametrize("state", PodState)
def test_who_sets_a_state_is_named_with_the_reason_that_the_pod_shows_unless_another_is_shown(state):
    desk = Desk(a_pod("p", state=PodState.CORDONED if state is PodState.ENABLED else PodState.ENABLED))
    shown = "" if state is PodState.ENABLED else "job-1"

    pod = desk.pods.set_state("p", state, OPERATOR, "a drain", "job-1")

    assert (pod.state, pod.state_reason, last(desk).deed) == (state, shown, deed("a drain"))


def test_a_pod_in_its_state_already_gets_a_new_reason_and_keeps_the_old_one_without():
    desk = Desk(a_pod("p"))
    desk.pods.set_state("p", PodState.CORDONED, OPERATOR, "new switches")

    assert desk.pods.set_state("p", PodState.CORDONED, OPERATOR).generation == 2
    assert desk.pods.set_state("p", PodState.CORDONED, OPERATOR, "new switches").generation == 2
    pod = desk.pods.set_state("p", PodState.CORDONED, OPERATOR, "new racks")
    assert (pod.generation, pod.state_reason, last(desk).deed) == (3, "new racks", deed("new racks"))


def test_a_disabled_pod_is_told_to_be_enabled_first():
    desk = Desk(a_pod("p", state=PodState.DISABLED))

    with pytest.raises(Conflict, match=r"^P is disabled: enable it first$"):
        desk.pods.set_state("p", PodState.CORDONED, OPERATOR)
    pod = desk.pods.set_state("p", PodState.DISABLED, OPERATOR, "fire")
    assert (pod.state_reason, pod.generation) == ("fire", 2)


def test_an_unproven_pod_that_is_enabled_is_told_what_it_lacks_and_of_no_way_out():
    desk = Desk(a_pod("p", state=PodState.DISABLED, proven=False, endpoints={"compute": "https://nova"}))
    desk.nova.silence = SILENCE

    with pytest.raises(Unproven) as refused:
        desk.pods.enable("p", OPERATOR)

    assert str(refused.value) == "its compute endpoint doesn't answer your own token as Nova does: timed out"


def test_enabling_is_written_with_its_reason_and_only_where_it_changes_something():
    desk = Desk(a_pod("p", state=PodState.DISABLED), a_pod("top", "", proven=False))

    assert desk.pods.enable("p", OPERATOR, "repaired").pod.state is PodState.ENABLED
    assert last(desk).deed == deed("repaired")
    assert desk.pods.enable("p", OPERATOR).pod.generation == 2
    assert desk.pods.enable("top", OPERATOR) == (desk.pods.get("top"), ())
