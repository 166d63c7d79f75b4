"""What refers to a pod is counted and named, as far as an operator can use the names."""

from datetime import timedelta

import pytest

from chalicelib.model.affinity import GENERAL
from chalicelib.model.binding import BindingKey, change_of
from chalicelib.model.deed import Deed
from chalicelib.model.errors import Conflict
from chalicelib.model.job import JobState
from chalicelib.model.location import Location
from chalicelib.model.pod import PodState
from chalicelib.service.operating import pod_references
from tests.builders import NOW, a_binding, a_claim, a_job, a_pod
from tests.service.desk import Desk
from tests.service.operating.test_pods import NEED


class Office(Desk):
    def __init__(self):
        super().__init__(a_pod("p"), a_pod("q"))
        self.references = self.pods.references
        self.pod = self.pods.get("p")

    def servers(self, count):
        for n in range(count):
            made = NOW + timedelta(seconds=n)
            self.locations.remember(Location(f"vm-{n}", "p1", "p", made))

    def bind(self, count):
        for n in range(count):
            self.bindings.commit(change_of(None, a_binding("p", project_id=f"p{n:03}")))

    def refusal(self, **asked):
        with pytest.raises(Conflict) as refused:
            self.references.refuse_deletion(self.pod, **asked)
        return str(refused.value)


HELD = "P can't be deleted while it has "


@pytest.mark.parametrize(("there", "told"), [(99, "99 servers"), (100, "100 or more servers")])
def test_a_hundred_servers_are_counted_and_named(there, told):
    office = Office()
    office.servers(there)
    names = ", ".join(f"vm-{n}" for n in range(there))

    assert office.refusal() == f"{HELD}{told} ({names})"
    office.servers(there + 3)
    if there == 100:
        assert office.refusal() == f"{HELD}{told} ({names})"


@pytest.mark.parametrize(
    ("there", "told"), [(99, "99 active bindings"), (100, "100 or more active bindings")]
)
def test_a_hundred_bindings_are_counted_and_named(there, told):
    office = Office()
    office.bind(there)
    names = ", ".join(BindingKey(f"p{n:03}", "az1", GENERAL).binding_id for n in range(there))

    assert office.refusal() == f"{HELD}{told} ({names})"
    if there == 100:
        office.bindings.commit(change_of(None, a_binding("p", project_id="z")))
        assert office.refusal() == f"{HELD}{told} ({names})"


def test_a_job_that_runs_for_the_pod_holds_it_and_no_other_does():
    office = Office()
    office.job_store.create(a_job("done", pod_id="p", state=JobState.DONE))
    office.job_store.create(a_job("other", pod_id="q"))
    office.references.refuse_deletion(office.pod)
    office.job_store.create(a_job("mine", pod_id="p"))

    assert office.refusal() == f"{HELD}1 job running (mine)"
    office.job_store.create(a_job("twin", pod_id="p"))
    assert "2 jobs running (" in office.refusal()


def test_what_is_in_creation_counts_from_a_moment_on_by_its_servers():
    office = Office()
    office.references.refuse_deletion(office.pod, since=NOW)
    office.outside.pods.update(office.pod, office.pod)
    office.claims.open(office.pod)
    for token, count, age in (("t1", 2, 0), ("t2", 1, 61)):
        at = NOW - timedelta(seconds=age)
        need = NEED.times(count)
        office.claims.claim(a_claim("p", need, token, at, count), need)

    assert office.refusal(since=NOW) == f"{HELD}2 servers in creation"
    assert office.refusal(since=NOW - timedelta(seconds=61)) == f"{HELD}3 servers in creation"
    office.references.refuse_deletion(office.pod, since=NOW + timedelta(seconds=1))
    office.references.refuse_deletion(office.pod)


def test_a_pod_in_service_is_not_let_go_by_force_and_needs_no_word_of_it():
    office = Office()
    office.projects.add("p1", "p")
    office.servers(1)

    both = f"{HELD}1 server (vm-0), 1 project placed there (p1)"
    assert office.refusal() == office.refusal(force=True) == office.refusal(forget_servers=True) == both


def test_a_disabled_pod_keeps_its_projects_and_servers_unless_that_is_said():
    office = Office()
    office.projects.add("p1", "p")
    office.servers(1)
    office.pod = a_pod("p", state=PodState.DISABLED)

    assert office.refusal() == f"{HELD}1 server (vm-0), 1 project placed there (p1)"
    assert office.refusal(force=True) == f"{HELD}1 server (vm-0)"
    office.references.refuse_deletion(office.pod, forget_servers=True)


def test_a_zone_is_kept_for_the_sake_of_active_bindings_alone():
    office = Office()
    office.servers(1)
    office.references.refuse_zone_change(office.pod)
    office.bind(2)

    with pytest.raises(Conflict) as refused:
        office.references.refuse_zone_change(office.pod)
    assert refused.value.field == "az_name"
    assert str(refused.value) == (
        "P can't leave az1 while it has 2 active bindings (p000:az1:general, p001:az1:general)"
    )


@pytest.mark.parametrize(("there", "left"), [(2, 0), (3, 1)])
def test_one_call_forgets_so_many_servers_and_says_when_there_are_more(monkeypatch, there, left):
    monkeypatch.setattr(pod_references, "MOST_FORGOTTEN", 2)
    office, asked = Office(), []
    office.servers(there)
    of_pod, deed = office.locations.of_pod, Deed(NOW + timedelta(hours=1), "op-1", "req-1", "it burnt")

    def noted(pod_id, limit):
        asked.append((pod_id, limit))
        return of_pod(pod_id, limit)

    monkeypatch.setattr(office.locations, "of_pod", noted)

    if left:
        with pytest.raises(Conflict, match="2 servers of P were forgotten and it has more: repeat it"):
            office.references.forget_servers(office.pod, deed)
    else:
        office.references.forget_servers(office.pod, deed)

    assert asked == [("p", 3)]
    assert len(of_pod("p")) == left
    ended = office.locations.get("vm-0")
    assert (ended.ended_at, ended.deed, ended.deleted) == (deed.at, deed, False)


def test_a_deed_without_a_time_ends_a_server_when_it_was_made():
    office = Office()
    office.servers(2)

    office.references.forget_servers(office.pod, Deed(reason="simulated"))

    assert office.locations.get("vm-1").ended_at == NOW + timedelta(seconds=1)
