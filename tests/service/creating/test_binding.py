"""Binder: what a create does to its project's binding, and what becomes of a lost race."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.adapters.memory.binding_store import MemoryBindingStore
from chalicelib.adapters.memory.claim_store import MemoryClaimStore
from chalicelib.adapters.memory.decision_store import MemoryDecisionStore
from chalicelib.adapters.memory.project_store import MemoryProjectStore
from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import Binding, BindingAction, change_of
from chalicelib.model.errors import BindingConflict, NoPod, StoreBusy
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.profile_version import ProfileVersion
from tests.builders import NOW, PROJECT, a_binding, a_claim, a_filled_pod, a_flavor, a_pod, a_spec
from tests.service.desk import World

KEY = a_binding().key


class Room(World):
    """A binder in a room of memory stores, all of which a test can look at."""

    def __init__(self, pods, bindings=None, **scripted):
        super().__init__(*pods, bindings=bindings or MemoryBindingStore(), **scripted)
        self.listed, self.binder = snapshot_of(pods), self.services.servers.attempts.binder
        self.bindings, self.projects = self.outside.bindings, self.outside.projects
        self.decisions, self.claims = self.outside.decisions, self.outside.claims

    def bind(self, spec=None):
        now = snapshot_of(self.outside.pods.list())
        return self.binder.bind(spec or a_spec(request_id="req-1"), now, user_id="u1")

    def bind_on_old_news(self, spec=None):
        """Bind on pods that were listed before anything was claimed."""
        return self.binder.bind(spec or a_spec(), self.listed)

    @property
    def stored(self) -> Binding:
        return self.bindings.get(KEY)

    def bound_to(self, pod_id: str) -> Room:
        self.bindings.commit(change_of(None, a_binding(pod_id)))
        return self


EMPTY, HALF, FULL = (a_filled_pod(f"pod-{name}", used) for name, used in (("e", 0), ("h", 50), ("f", 100)))


def test_a_first_create_binds_the_project_to_the_best_pod():
    room = Room([HALF, EMPTY])

    chosen = room.bind()

    assert (chosen.pod.pod_id, chosen.action) == ("pod-e", Action.CREATE)
    assert chosen.binding == room.stored
    assert (room.stored.pod_id, room.stored.generation) == ("pod-e", 1)
    (event,) = room.bindings.history(KEY)
    assert (event.action, event.request_id, event.user_id) == (BindingAction.CREATED, "req-1", "u1")
    assert event.decision_id == chosen.decision.decision_id
    assert event.reason == "bound to PodE: the best of 2 pods that can take it"


def test_a_create_in_the_bound_pod_writes_nothing():
    room = Room([HALF, EMPTY]).bound_to("pod-e")

    chosen = room.bind()

    assert (chosen.pod.pod_id, chosen.action) == ("pod-e", Action.KEEP)
    assert chosen.binding == room.stored == a_binding("pod-e")


def test_a_full_pod_loses_its_binding_and_the_history_says_why():
    room = Room([FULL, EMPTY]).bound_to("pod-f")

    chosen = room.bind()

    assert chosen.action is Action.UPDATE
    assert (room.stored.pod_id, room.stored.generation) == ("pod-e", 2)
    assert chosen.binding == room.stored
    last = room.bindings.history(KEY)[-1]
    assert (last.previous_pod_id, last.pod_id, last.action) == ("pod-f", "pod-e", BindingAction.UPDATED)
    assert last.reason == "moved from PodF to PodE: vcpus would be 101% full, limit 95%"


def test_a_cordoned_pod_keeps_its_binding_and_the_create_is_diverted():
    room = Room([replace(HALF, state=PodState.CORDONED), EMPTY]).bound_to("pod-h")

    chosen = room.bind()

    assert (chosen.pod.pod_id, chosen.action, chosen.binding) == ("pod-e", Action.DIVERT, None)
    assert room.stored == a_binding("pod-h")


def test_a_pod_that_failed_this_create_is_diverted_from():
    room = Room([HALF, EMPTY]).bound_to("pod-h")

    chosen = room.bind(a_spec().failed_in("pod-h"))

    assert (chosen.pod.pod_id, chosen.action) == ("pod-e", Action.DIVERT)
    assert room.stored == a_binding("pod-h")


def test_a_binding_that_ended_comes_back_and_counts_on():
    room = Room([EMPTY]).bound_to("pod-h")
    room.bindings.commit(change_of(room.stored, room.stored.ended(NOW, "over")))

    chosen = room.bind()

    assert chosen.action is Action.CREATE
    assert (chosen.binding.generation, chosen.binding.pod_id) == (3, "pod-e")
    assert [event.generation for event in room.bindings.history(KEY)] == [1, 2, 3]


def test_bindings_are_read_afresh_and_not_taken_from_the_caller():
    room = Room([HALF, EMPTY]).bound_to("pod-e")

    assert room.bind(a_spec(bound_to="pod-h")).action is Action.KEEP


def test_each_affinity_group_has_a_binding_of_its_own():
    cad = replace(EMPTY, affinity_tags={"resource": "CAD"})
    room = Room([cad, HALF]).bound_to("pod-h")
    flavor = a_flavor("cad", extra_specs={"pod:resource": "CAD"})

    chosen = room.bind(a_spec(flavor))

    assert (chosen.pod.pod_id, chosen.binding.key.affinity_group) == ("pod-e", "resource=CAD")
    assert room.stored == a_binding("pod-h")


@pytest.mark.parametrize("spec", [a_spec(), a_spec().failed_in("pod-h")], ids=["keep", "divert"])
def test_the_pod_is_in_the_projects_set_before_any_create(spec):
    room = Room([HALF, EMPTY]).bound_to("pod-h")
    chosen = room.bind(spec)

    assert chosen.pod.pod_id in room.projects.pod_ids(PROJECT)


def test_a_binding_and_the_projects_pod_are_written_together():
    room = Room([EMPTY])
    room.bind()

    assert room.projects.pod_ids(PROJECT) == {"pod-e"}


def test_a_pod_that_is_known_to_be_in_the_projects_set_is_not_asked_for_again():
    class Counting(MemoryProjectStore):
        reads = 0

        def pod_ids(self, project_id):
            self.reads += 1
            return super().pod_ids(project_id)

    room = Room([EMPTY], projects=Counting()).bound_to("pod-e")
    room.bind()
    before = room.projects.reads
    for _ in range(3):
        room.bind()

    assert before > 0
    assert room.projects.reads == before


def test_the_decision_is_kept_before_the_reply():
    room = Room([EMPTY])
    chosen = room.bind()

    assert room.decisions.get(chosen.decision.decision_id) == chosen.decision


def test_a_decision_that_cant_be_kept_fails_no_create():
    class Broken(MemoryDecisionStore):
        def save(self, decision):
            raise StoreBusy("no")

    room = Room([EMPTY], decisions=Broken(lambda: NOW))

    assert room.bind().pod.pod_id == "pod-e"


NO_POD = {
    "unknown zone": ([EMPTY], a_spec(az_name="nowhere"), 400),
    "no access": ([replace(EMPTY, denied_project_ids=frozenset({PROJECT}))], a_spec(), 403),
    "all full": ([FULL], a_spec(), 409),
}


@pytest.mark.parametrize(("pods", "spec", "status"), NO_POD.values(), ids=NO_POD)
def test_without_a_pod_the_client_learns_why_and_no_pods_name(pods, spec, status):
    room = Room(pods)

    with pytest.raises(NoPod) as refused:
        room.bind(spec)

    assert refused.value.status == status
    assert room.decisions.get(refused.value.decision_id).action is Action.NONE
    assert not any(pod.pod_name in str(refused.value) or pod.pod_id in str(refused.value) for pod in pods)
    assert room.stored is None


def test_a_full_zone_is_told_by_counts():
    with pytest.raises(NoPod, match="1 by capacity"):
        Room([FULL, a_pod("other", az_name="az2")]).bind()


class LateRival(MemoryBindingStore):
    """A store in which another request binds between our read and our write, ``times`` times."""

    def __init__(self, pod_id: str, times: int = 1, ends: bool = False):
        super().__init__()
        self._pod_id, self._left, self._ends = pod_id, times, ends

    def commit(self, change, also=()):
        if self._left:
            self._left -= 1
            before = self.get(change.after.key)
            after = before.moved(self._pod_id, NOW, "rival") if before else a_binding(self._pod_id)
            super().commit(change_of(before, after))
            if self._ends:
                super().commit(change_of(after, after.ended(NOW, "over")))
        return super().commit(change, also)


def test_a_request_that_loses_the_race_gets_the_winners_pod_without_weighing():
    room = Room([EMPTY, HALF], LateRival("pod-h"))

    chosen = room.bind()

    assert (chosen.pod.pod_id, chosen.action) == ("pod-h", Action.KEEP)
    assert chosen.binding == room.stored == a_binding("pod-h")
    assert "pod-h" in room.projects.pod_ids(PROJECT)
    assert room.decisions.get(chosen.decision.decision_id).selected.pod.pod_id == "pod-h"


def test_a_request_that_loses_to_a_pod_that_cant_take_it_decides_again():
    room = Room([EMPTY, FULL], LateRival("pod-f"))

    chosen = room.bind()

    assert (chosen.pod.pod_id, chosen.action) == ("pod-e", Action.UPDATE)
    assert (room.stored.pod_id, room.stored.generation) == ("pod-e", 2)


def test_a_request_that_loses_to_a_binding_that_ended_at_once_decides_again():
    room = Room([EMPTY, HALF], LateRival("pod-h", ends=True))

    chosen = room.bind()

    assert (chosen.pod.pod_id, chosen.binding.generation) == ("pod-e", 3)


def test_a_request_that_loses_every_race_goes_beside_the_binding_and_gets_no_error():
    room = Room([EMPTY, FULL], LateRival("pod-f", times=99))

    chosen = room.bind()

    assert (chosen.pod.pod_id, chosen.action, chosen.binding) == ("pod-e", Action.DIVERT, None)
    assert room.stored.generation == 3
    kept = room.decisions.get(chosen.decision.decision_id)
    assert (kept.action, kept.contested) == (Action.DIVERT, Action.UPDATE)


def test_a_winner_that_carries_our_decision_is_us():
    class Forgetful(MemoryBindingStore):
        """Writes, and then says that another request was first."""

        def commit(self, change, also=()):
            raise BindingConflict(super().commit(change, also))

    room = Room([EMPTY, HALF], Forgetful())

    chosen = room.bind()

    assert (chosen.action, chosen.binding) == (Action.CREATE, room.stored)
    assert chosen.decision.decision_id == room.stored.decision_id


def test_a_project_bound_between_two_reads_has_lost_the_race():
    class Between(MemoryBindingStore):
        """Shows nothing to the first reader of the project's bindings."""

        def of_project(self, project_id, affinity_group):
            found = super().of_project(project_id, affinity_group)
            return found if self.get(KEY).generation > 1 else []

    room = Room([EMPTY, HALF], Between()).bound_to("pod-h")

    assert room.bind().binding == a_binding("pod-h")


def test_a_store_too_busy_to_bind_is_not_mistaken_for_a_lost_race():
    class Busy(MemoryBindingStore):
        def commit(self, change, also=()):
            raise StoreBusy("no")

    with pytest.raises(StoreBusy):
        Room([EMPTY], Busy()).bind()


def test_a_create_too_big_for_the_bound_pod_goes_elsewhere_and_the_binding_stays():
    room = Room([HALF, EMPTY]).bound_to("pod-h")

    chosen = room.bind(a_spec(need=Amounts(vcpus=60)))

    assert (chosen.pod.pod_id, chosen.action) == ("pod-e", Action.DIVERT)
    assert room.stored == a_binding("pod-h")


def test_the_zone_asked_for_decides_by_its_own_profile_and_no_zone_by_the_default():
    room = Room([EMPTY, a_filled_pod("pod-b", 50, az_name="az2")])
    room.outside.profiles.put(ProfileVersion("default", 1, {"tie_margin": 0.0}))
    room.outside.profiles.put(ProfileVersion("zone:az2", 1, {"bind_watermark": 0.4}))

    with pytest.raises(NoPod):
        room.bind(a_spec(az_name="az2"))
    elsewhere = room.bind(replace(a_spec(project_id="another"), az_name=None))

    assert room.decisions.list(PROJECT)[0].profile["name"] == "zone:az2"
    assert elsewhere.decision.profile["name"] == "default"
    assert elsewhere.decision.weighed_count == 2


def spent(room: Room, pod_id: str) -> Amounts:
    """What is claimed of a pod now."""
    balance = room.claims.read(pod_id)
    return balance.claimed if balance else Amounts()


def used_up(room: Room, pod: Pod) -> None:
    """Others claim all of a pod, of which the pods that a decision is made on know nothing."""
    room.claims.open(pod)
    room.claims.claim(a_claim(pod.pod_id, Amounts(vcpus=100 - pod.used.vcpus), "others"), Amounts())


def test_a_create_claims_its_need_and_names_the_claim():
    room = Room([EMPTY])
    chosen = room.bind(a_spec(count=3))

    assert spent(room, "pod-e") == a_flavor().need().times(3) == chosen.claim.need


def test_a_released_chosen_leaves_nothing_claimed():
    room = Room([EMPTY])
    chosen = room.bind()
    chosen.release()
    chosen.release()

    assert spent(room, "pod-e") == Amounts()


def test_a_pod_that_filled_up_since_it_was_listed_is_passed_over_for_the_next_best():
    room = Room([EMPTY, HALF])
    used_up(room, EMPTY)

    chosen = room.bind_on_old_news()

    assert (chosen.pod.pod_id, chosen.action) == ("pod-h", Action.CREATE)
    assert chosen.decision.rejected_counts == {"capacity": 1}
    assert spent(room, "pod-h") == a_flavor().need()


def test_a_bound_pod_that_filled_up_since_it_was_listed_loses_its_binding_and_the_history_says_why():
    room = Room([EMPTY, HALF]).bound_to("pod-e")
    used_up(room, EMPTY)

    chosen = room.bind_on_old_news()

    assert (chosen.pod.pod_id, chosen.action) == ("pod-h", Action.UPDATE)
    reason = room.bindings.history(KEY)[-1].reason
    assert reason == "moved from PodE to PodH: vcpus would be 101% full, limit 95%"


@pytest.mark.parametrize(("projects", "most"), [((PROJECT, PROJECT), 95), (("another", "a third"), 90)])
def test_a_claim_holds_the_keep_watermark_for_the_bound_pod_and_the_bind_watermark_for_others(projects, most):
    room = Room([EMPTY]).bound_to("pod-e")
    room.claims.open(EMPTY)
    room.claims.claim(a_claim("pod-e", Amounts(vcpus=most - 1), "others"), Amounts())

    room.bind_on_old_news(a_spec(project_id=projects[0]))
    with pytest.raises(NoPod):
        room.bind_on_old_news(a_spec(project_id=projects[1]))

    assert spent(room, "pod-e").vcpus == most


@pytest.mark.parametrize("pod", [EMPTY, a_pod("pod-e")], ids=["read", "never read"])
def test_a_fence_that_the_listed_pods_dont_show_holds_for_the_bound_pod_too(pod):
    room = Room([pod, HALF]).bound_to("pod-e")
    store = room.outside.pods
    before = store.get("pod-e")
    store.update(before, replace(before, state=PodState.CORDONED))

    chosen = room.bind_on_old_news()

    assert (chosen.pod.pod_id, chosen.action) == ("pod-h", Action.DIVERT)
    assert room.stored == a_binding("pod-e")
    assert spent(room, "pod-e") == Amounts()


def test_a_pod_that_is_gone_is_passed_over():
    room = Room([EMPTY, HALF])
    room.outside.pods.delete(EMPTY)

    assert room.bind_on_old_news().pod.pod_id == "pod-h"


def test_after_three_full_pods_the_client_gets_the_usual_answer_with_counts():
    pods = [a_filled_pod(f"pod-{number}") for number in range(5)]
    room = Room(pods)
    for pod in pods:
        used_up(room, pod)

    with pytest.raises(NoPod, match="3 by capacity") as refused:
        room.bind_on_old_news()

    assert refused.value.status == 409
    assert room.decisions.get(refused.value.decision_id).action is Action.NONE
    assert room.stored is None


@pytest.mark.parametrize("rival", ["pod-h", "pod-f"])
def test_a_lost_race_gives_its_claim_back(rival):
    room = Room([EMPTY, HALF, FULL], LateRival(rival))
    chosen = room.bind()

    claimed = {pod_id: spent(room, pod_id).instances for pod_id in ("pod-e", "pod-h", "pod-f")}
    assert claimed == {"pod-e": 0, "pod-h": 0, "pod-f": 0, chosen.pod.pod_id: 1}


def test_a_race_lost_to_a_pod_that_just_filled_up_is_decided_again():
    room = Room([EMPTY, HALF], LateRival("pod-h"))
    used_up(room, HALF)

    chosen = room.bind_on_old_news()

    assert (chosen.pod.pod_id, chosen.action) == ("pod-e", Action.UPDATE)
    assert spent(room, "pod-e").instances == 1


def test_a_create_that_loses_every_race_claims_once():
    room = Room([EMPTY, FULL], LateRival("pod-f", times=99))
    room.bind()

    assert spent(room, "pod-e") == a_flavor().need()


class BusyBindings(MemoryBindingStore):
    """A store that takes no binding."""

    def commit(self, change, also=()):
        raise StoreBusy("no")


class LostProjects(MemoryProjectStore):
    """A store that can't say where a project was placed."""

    def pod_ids(self, project_id):
        raise StoreBusy("no")


@pytest.mark.parametrize("broken", [{"bindings": BusyBindings()}, {"projects": LostProjects()}], ids=list)
def test_a_failure_after_the_claim_gives_it_back(broken):
    room = Room([EMPTY], **broken)
    if "projects" in broken:
        room.bound_to("pod-e")

    with pytest.raises(StoreBusy):
        room.bind()
    assert room.claims.read("pod-e").free.vcpus == 100


class FailingAfterClaims(MemoryClaimStore):
    """A store that takes a claim and then fails in a way that nobody foresaw."""

    def claim(self, claim, least):
        super().claim(claim, least)
        raise RuntimeError("no")


def test_a_claim_that_fails_though_it_was_taken_is_given_back():
    claims = FailingAfterClaims()
    room = Room([EMPTY], claims=claims)
    claims.open(EMPTY)

    with pytest.raises(RuntimeError):
        room.bind()
    assert claims.read("pod-e").claims == {}


def test_a_profile_without_a_capacity_filter_fills_pods_beyond_any_limit():
    room = Room([FULL])
    profile = ProfileVersion("default", 1, {"filters": ["all_pods", "availability_zone"]})
    room.outside.profiles.put(profile)

    assert room.bind().pod.pod_id == "pod-f"
    assert room.claims.read("pod-f").free.vcpus == -1


def test_a_claim_that_cant_be_given_back_fails_no_create(monkeypatch):
    def fail(claim):
        raise StoreBusy("no")

    room = Room([EMPTY, HALF], LateRival("pod-h"))
    monkeypatch.setattr(room.claims, "release", fail)

    assert room.bind().pod.pod_id == "pod-h"
