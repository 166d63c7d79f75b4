"""Pod projects: whom a pod with a Keystone of its own serves, each by a credential of the project's."""

import pytest

from chalicelib.model.binding import change_of
from chalicelib.model.deed import Deed
from chalicelib.model.errors import (
    Conflict,
    InvalidField,
    KeystoneUnavailable,
    NotFound,
)
from chalicelib.model.location import Location
from chalicelib.model.pod_project import PodProject
from tests.builders import NOW, a_binding
from tests.service.operating.door import INSIDE, OTHER, Door


def test_a_project_is_let_in_by_a_credential_of_its_own():
    door = Door()

    assert door.let_in() == (PodProject("p1", "ours", INSIDE), ())

    assert door.record == ({"p1": INSIDE}, {"p1": "ours"}, 2)
    assert door.last_deed == Deed(NOW, "op-1", "req-1", "a contract")
    assert door.service.get("hybrid", "p1") == PodProject("p1", "ours", INSIDE)
    assert door.service.list("second") == []


def test_all_of_a_pods_projects_are_listed_by_their_ids():
    door = Door()
    door.let_in("p2", "theirs")
    door.let_in("p1", "ours")

    assert door.service.list("hybrid") == [
        PodProject("p1", "ours", INSIDE),
        PodProject("p2", "theirs", OTHER),
    ]


def test_a_new_credential_for_the_same_project_takes_the_old_ones_place():
    door = Door()
    door.let_in()

    door.let_in("p1", "ours-too")

    assert door.record == ({"p1": INSIDE}, {"p1": "ours-too"}, 3)


def test_a_credential_of_an_admin_is_taken_with_a_warning():
    door = Door()
    door.inside.is_admins = True

    project, warnings = door.let_in()

    assert project == PodProject("p1", "ours", INSIDE)
    assert warnings == ("the credential has the role admin there, so it serves only admins of the project",)


def test_a_pod_that_shares_our_keystone_lets_nobody_in():
    with pytest.raises(Conflict) as refused:
        Door().let_in(pod_id="plain")

    assert str(refused.value) == "Plain shares our Keystone, and serves every project by its own tokens."


def test_a_credential_that_fails_is_named_with_what_keystone_says():
    assert Door().refusal("p1", "no-such") == (
        "credential_ref",
        "The credential doesn't work: Keystone refuses the credential no-such: 401",
    )


def test_the_pods_own_keystone_is_asked_by_its_address(monkeypatch):
    door, asked = Door(), []
    monkeypatch.setattr(
        door.inside, "project_of", lambda *args: asked.append(args) or (INSIDE, False), raising=False
    )

    door.let_in()

    assert asked == [("ours", "https://keystone.elsewhere.example/v3")]


def test_nothing_is_written_while_the_pods_keystone_is_silent(monkeypatch):
    door = Door()

    def silent(ref, auth_url):
        raise KeystoneUnavailable("down")

    monkeypatch.setattr(door.inside, "project_of", silent)

    with pytest.raises(KeystoneUnavailable):
        door.let_in()
    assert door.record == ({}, {}, 1)


def test_a_project_stays_the_same_one_inside():
    door = Door()
    door.let_in()

    assert door.refusal("p1", "theirs") == (
        "credential_ref",
        f"Hybrid knows the project as {INSIDE}, and the credential is for {OTHER}.",
    )


def test_a_project_inside_is_one_of_ours_for_good():
    door = Door()
    door.let_in()
    door.shut_out()

    field, message = door.refusal("p2", "ours")

    assert (field, "is that of the project p1 for good" in message) == ("credential_ref", True)
    door.let_in("p1", "ours-too")


def test_a_project_that_makes_the_record_too_large_is_refused():
    door = Door()

    with pytest.raises(InvalidField) as refused:
        door.let_in("p1" * 80_000)

    assert refused.value.field == "pod"


def test_a_project_without_servers_and_bindings_is_shut_out_and_the_others_stay():
    door = Door()
    door.let_in("p1", "ours")
    door.let_in("p2", "theirs")
    door.bindings.commit(change_of(None, a_binding("hybrid", project_id="p2")))
    door.bindings.commit(change_of(None, a_binding("second", project_id="p1")))
    for n, (project_id, pod_id) in enumerate((("p2", "hybrid"), ("p1", "second"))):
        door.locations.remember(Location(f"vm-{n}", project_id, pod_id, NOW))

    door.shut_out()

    assert door.record == ({"p2": OTHER}, {"p2": "theirs"}, 4)
    assert door.last_deed == Deed(NOW, "op-1", "req-1", "it is over")


@pytest.mark.parametrize("hold", ["binding", "server"])
def test_a_project_whose_things_nobody_could_reach_then_stays_in(hold):
    door = Door()
    door.let_in()
    if hold == "binding":
        door.bindings.commit(change_of(None, a_binding("hybrid", project_id="p1")))
    else:
        door.locations.remember(Location("vm", "p1", "hybrid", NOW))

    with pytest.raises(Conflict) as refused:
        door.shut_out()

    assert str(refused.value) == "The project has servers or bindings in Hybrid."
    assert door.record == ({"p1": INSIDE}, {"p1": "ours"}, 2)


def test_what_has_ended_holds_no_project():
    door = Door()
    door.let_in()
    binding = door.bindings.commit(change_of(None, a_binding("hybrid", project_id="p1")))
    door.bindings.commit(change_of(binding, binding.ended(NOW, "moved out")))
    door.locations.remember(Location("vm", "p1", "hybrid", NOW))
    door.locations.end("vm", NOW)

    door.shut_out()

    assert door.record == ({}, {}, 3)


@pytest.mark.parametrize("act", ["get", "shut_out"])
def test_a_project_that_is_not_in_is_not_found(act):
    door = Door()
    door.let_in("p2", "theirs")

    with pytest.raises(NotFound) as missing:
        door.shut_out() if act == "shut_out" else door.service.get("hybrid", "p1")

    assert str(missing.value) == "Project p1 could not be found."


def test_an_unknown_pod_is_not_found():
    with pytest.raises(NotFound) as missing:
        Door().let_in(pod_id="nowhere")

    assert missing.value.kind == "Pod"
