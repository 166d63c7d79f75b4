from datetime import UTC, datetime

import pytest

from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.binding import change_of
from chalicelib.model.capacity import CapacityReport, HostCapacity
from chalicelib.model.deed import Deed
from chalicelib.model.errors import (
    Conflict,
    GenerationConflict,
    InvalidField,
    KeystoneUnavailable,
    NotFound,
    PodClosed,
)
from chalicelib.model.location import Location
from chalicelib.model.page import Page
from chalicelib.model.pod import PodState
from chalicelib.service.operating import pod_references
from chalicelib.service.operating.pod_query import PodQuery
from tests.builders import NOW, PROJECT, a_binding, a_capacity, a_claim, a_pod
from tests.service.desk import OPERATOR, Desk


def register(desk, pod_name="Pod1", force=False, **fields):
    return desk.pods.register({"pod_name": pod_name, "az_name": "az1", **fields}, OPERATOR, force)


def update(desk, pod_id, generation, changes, force=False):
    return desk.pods.update(desk.pods.get(pod_id), generation, changes, OPERATOR, force)


def test_a_registered_pod_has_an_id_a_creation_time_and_its_endpoints_from_the_catalogue():
    desk = Desk()

    pod, warnings = register(desk, credential_ref="pod1")

    assert (pod.pod_id, pod.created_at, pod.generation, warnings) == ("id-1", NOW, 1, ())
    assert pod.endpoints == {"compute": "https://nova.pod.example/Pod1"}
    assert (pod.min_microversion, pod.max_microversion) == ("2.1", "2.96")
    assert desk.pods.get("id-1").endpoints == pod.endpoints


def test_an_endpoint_that_the_operator_gives_wins_over_the_catalogue():
    pod, _ = register(Desk(), endpoints={"compute": "https://other.example"})

    assert pod.endpoints == {"compute": "https://other.example"}


def test_nothing_is_registered_while_keystone_cannot_be_asked():
    desk = Desk()
    desk.directory.refusal = KeystoneUnavailable("down")

    with pytest.raises(KeystoneUnavailable):
        register(desk)

    assert desk.pods.list() == []


def test_an_endpoint_that_the_policy_refuses_is_named():
    with pytest.raises(InvalidField) as refused:
        register(Desk(), endpoints={"image": "http://169.254.169.254"})

    assert refused.value.field == "endpoints.image"


def test_an_endpoint_of_the_catalogue_meets_the_same_policy():
    desk = Desk()
    desk.directory.catalogue["network"] = "http://neutron"

    with pytest.raises(InvalidField) as refused:
        register(desk)

    assert refused.value.field == "endpoints.network"


def test_a_second_pod_of_the_same_name_is_a_conflict_that_names_the_field():
    desk = Desk()
    register(desk)

    with pytest.raises(Conflict) as refused:
        register(desk)

    assert refused.value.field == "pod_name"


def test_a_pod_that_no_store_could_keep_is_refused_for_its_size():
    desk = Desk(a_pod("p"))
    many = frozenset(f"{number:0255}" for number in range(1000))

    for write in (
        lambda: register(desk, allowed_project_ids=many),
        lambda: update(desk, "p", 1, {"denied_project_ids": many}),
    ):
        with pytest.raises(InvalidField) as refused:
            write()
        assert refused.value.field == "pod"
    assert [pod.generation for pod in desk.pods.list()] == [1]


def test_watermarks_the_wrong_way_round_are_refused():
    with pytest.raises(InvalidField) as refused:
        register(Desk(), bind_watermark=0.9, keep_watermark=0.9)

    assert refused.value.field == "bind_watermark"


@pytest.mark.parametrize("versions", [("2.1", "2.95"), ("2.2", "2.96")])
def test_a_pod_that_narrows_the_microversion_range_needs_force(versions):
    desk = Desk(a_pod("old", min_microversion="2.1", max_microversion="2.96"))
    desk.directory.versions = versions

    with pytest.raises(Conflict) as refused:
        register(desk)
    pod, _ = register(desk, force=True)

    assert refused.value.field == "force"
    assert pod.max_microversion == versions[1]


@pytest.mark.parametrize("highest", ["2.96", "2.100"])
def test_a_pod_that_speaks_at_least_what_all_others_speak_needs_no_force(highest):
    desk = Desk(a_pod("old", min_microversion="2.1", max_microversion="2.96"))
    desk.directory.versions = ("2.1", highest)

    assert register(desk).pod.max_microversion == highest


def test_pods_are_listed_by_zone_state_and_name():
    desk = Desk(a_pod("a"), a_pod("b", "az2"), a_pod("c", "az2", state=PodState.CORDONED), a_pod("top", ""))

    def listed(**query):
        return [pod.pod_id for pod in desk.pods.list(PodQuery(**query))]

    assert listed(az_name="az2") == ["b", "c"]
    assert listed(az_name="az2", state=PodState.CORDONED) == ["c"]
    assert listed(az_name="") == ["top"]
    assert listed(pod_name="A") == ["a"]


def test_pages_of_pods_meet_without_gap_or_overlap():
    desk = Desk(*(a_pod(f"p{n}", "az2" if n % 2 else "az1") for n in range(6)))

    first = desk.pods.list(PodQuery(az_name="az2"), Page(limit=2))
    second = desk.pods.list(PodQuery(az_name="az2"), Page(limit=2, marker=first[-1].pod_id))

    assert [pod.pod_id for pod in first + second] == ["p1", "p3", "p5"]


def test_an_update_changes_what_it_names_and_keeps_the_rest():
    desk = Desk(a_pod("p", weight=7.0, dc_name="here"))

    pod, _ = update(desk, "p", 1, {"weight": 9.0})

    assert (pod.weight, pod.dc_name, pod.generation) == (9.0, "here", 2)
    assert desk.pods.get("p") == pod


def test_an_update_of_what_somebody_else_wrote_is_refused():
    desk = Desk(a_pod("p"))
    update(desk, "p", 1, {"weight": 9.0})

    with pytest.raises(GenerationConflict):
        update(desk, "p", 1, {"weight": 5.0})

    assert desk.pods.get("p").weight == 9.0


def test_a_rename_to_a_taken_name_is_a_conflict_that_names_the_field():
    desk = Desk(a_pod("p"), a_pod("q"))

    with pytest.raises(Conflict) as refused:
        update(desk, "q", 1, {"pod_name": "P"})

    assert refused.value.field == "pod_name"


@pytest.mark.parametrize("sent_back", [{}, {"endpoints": {"compute": "https://nova.pod.example/P"}}])
def test_a_renamed_pod_takes_its_endpoints_from_the_new_region(sent_back):
    desk = Desk(a_pod("p", endpoints={"compute": "https://nova.pod.example/P"}))

    pod, _ = update(desk, "p", 1, {"pod_name": "New", **sent_back})

    assert pod.endpoints == {"compute": "https://nova.pod.example/New"}
    assert pod.address_generation == pod.generation == 2, "the next report is of the new address"


def test_a_change_of_weight_asks_nothing_of_the_pod():
    desk = Desk(a_pod("p", endpoints={"compute": "https://nova"}))
    desk.directory.refusal = desk.directory.silence = KeystoneUnavailable("down")

    sent_back = {"pod_name": "P", "endpoints": {"compute": "https://nova"}, "credential_ref": ""}
    assert update(desk, "p", 1, {**sent_back, "weight": 1.0}).pod.weight == 1.0


def test_a_change_of_endpoint_meets_the_policy_and_the_microversion_check():
    desk = Desk(a_pod("p"), a_pod("q", min_microversion="2.1", max_microversion="2.96"))
    desk.directory.versions = ("2.1", "2.50")

    with pytest.raises(InvalidField):
        update(desk, "p", 1, {"endpoints": {"compute": "http://nova"}})
    with pytest.raises(Conflict) as refused:
        update(desk, "p", 1, {"endpoints": {"compute": "https://nova"}})

    assert refused.value.field == "force"


def test_an_endpoint_that_the_policy_refuses_is_named_before_anybody_is_asked():
    desk = Desk(a_pod("p", endpoints={"compute": "https://nova"}))
    fields = {"endpoints": {"compute": "http://nova"}}

    for before in (None, desk.pods.get("p")):
        with pytest.raises(InvalidField) as refused:
            desk.pods.refuse(fields, before)
        assert "endpoints.compute" in str(refused.value.field or refused.value)


def test_a_pod_shows_why_an_update_disabled_it_and_its_history_who_did():
    desk = Desk(a_pod("p"))

    pod, _ = desk.pods.update(desk.pods.get("p"), 1, {"state": PodState.DISABLED}, OPERATOR, reason="fire")
    assert pod.state_reason == "fire"
    assert desk.pods.history("p")[-1].deed == Deed.of(OPERATOR, desk.clock(), "fire")


def test_a_pod_that_holds_bindings_stays_in_its_zone():
    desk = Desk(a_pod("p"))
    bind(desk, a_binding("p"))

    with pytest.raises(Conflict) as refused:
        update(desk, "p", 1, {"az_name": "az2"})

    assert refused.value.field == "az_name"
    assert "1 active binding" in str(refused.value)


def test_a_pod_without_bindings_may_change_its_zone():
    desk = Desk(a_pod("p"))

    assert update(desk, "p", 1, {"az_name": "az2"}).pod.az_name == "az2"


def test_watermarks_are_held_against_those_that_are_kept():
    desk = Desk(a_pod("p", bind_watermark=0.8, keep_watermark=0.9))

    with pytest.raises(InvalidField):
        update(desk, "p", 1, {"bind_watermark": 0.95})


def bind(desk, binding):
    desk.bindings.commit(change_of(None, binding))


def test_deleting_what_still_holds_something_says_what():
    desk = Desk(a_pod("p"))
    bind(desk, a_binding("p"))
    desk.locations.remember(Location("vm-1", "project", "p", NOW))
    desk.locations.remember(Location("vm-2", "project", "p", NOW))
    desk.projects.add("project", "p")

    with pytest.raises(Conflict) as refused:
        desk.pods.delete("p", OPERATOR)

    assert str(refused.value) == (
        f"P can't be deleted while it has 1 active binding ({PROJECT}:az1:general), "
        "2 servers (vm-1, vm-2), 1 project placed there (project)"
    )
    assert desk.pods.get("p")


@pytest.mark.parametrize("hold", ["binding", "server", "project"])
def test_each_reference_alone_keeps_a_pod(hold):
    desk = Desk(a_pod("p"))
    if hold == "binding":
        bind(desk, a_binding("p"))
    elif hold == "server":
        desk.locations.remember(Location("vm-1", "project", "p", NOW))
    else:
        desk.projects.add("project", "p")

    with pytest.raises(Conflict) as refused:
        desk.pods.delete("p", OPERATOR)

    assert f"1 {'active ' if hold == 'binding' else ''}{hold}" in str(refused.value)


def test_a_pod_that_nothing_refers_to_is_forgotten_with_its_reports():
    desk = Desk(a_pod("p"))
    bind(desk, a_binding("p"))
    binding = desk.bindings.get(a_binding("p").key)
    desk.bindings.commit(change_of(binding, binding.ended(NOW, "moved out")))
    desk.capacities.failed("p", NOW, "timed out")

    desk.pods.delete("p", OPERATOR)

    with pytest.raises(NotFound):
        desk.pods.get("p")
    assert desk.capacities.get("p")[2].error == ""


NEED = Amounts(vcpus=1, instances=1)


def test_a_create_that_comes_between_a_deletions_look_and_its_end_is_not_lost(monkeypatch):
    desk = Desk(a_pod("p", state=PodState.CORDONED))
    desk.pods.set_state("p", PodState.ENABLED, OPERATOR)
    looked = desk.projects.projects_in

    def look_and_then_somebody_creates(pod_id):
        found = looked(pod_id)
        if desk.pods.get("p").state is PodState.ENABLED:
            desk.claims.claim(a_claim("p", NEED), NEED)
        return found

    monkeypatch.setattr(desk.projects, "projects_in", look_and_then_somebody_creates)

    with pytest.raises(Conflict, match="1 server in creation"):
        desk.pods.delete("p", OPERATOR)

    assert desk.pods.get("p").state is PodState.ENABLED
    desk.clock.passes(120)
    monkeypatch.undo()
    desk.pods.delete("p", OPERATOR)
    with pytest.raises(NotFound):
        desk.pods.get("p")


@pytest.mark.parametrize(("age_seconds", "waits"), [(0, True), (59, True), (60, True), (61, False)])
def test_a_deletion_waits_a_minute_for_the_server_of_a_create_that_has_claimed_room(age_seconds, waits):
    desk = Desk(a_pod("p", state=PodState.CORDONED))
    desk.pods.set_state("p", PodState.ENABLED, OPERATOR)
    desk.claims.claim(a_claim("p", NEED), NEED)
    desk.clock.passes(age_seconds)

    if waits:
        with pytest.raises(Conflict, match="1 server in creation"):
            desk.pods.delete("p", OPERATOR)
    else:
        desk.pods.delete("p", OPERATOR)

    assert [pod.pod_id for pod in desk.pods.list()] == (["p"] if waits else [])


def test_nothing_is_claimed_on_a_pod_that_is_being_deleted(monkeypatch):
    desk = Desk(a_pod("p"))
    delete = desk.pod_store.delete

    def delete_after_somebody_tried(pod, deed):
        with pytest.raises(PodClosed):
            desk.claims.claim(a_claim("p", NEED), NEED)
        delete(pod, deed)

    desk.pods.set_state("p", PodState.CORDONED, OPERATOR)
    desk.pods.set_state("p", PodState.ENABLED, OPERATOR)
    monkeypatch.setattr(desk.pod_store, "delete", delete_after_somebody_tried)

    desk.pods.delete("p", OPERATOR)


@pytest.mark.parametrize("state", [PodState.CORDONED, PodState.DRAINING])
def test_a_pod_is_cordoned_and_drained_and_comes_back(state):
    desk = Desk(a_pod("p"))

    assert desk.pods.set_state("p", state, OPERATOR).state is state
    assert desk.pods.set_state("p", PodState.ENABLED, OPERATOR).state is PodState.ENABLED


def test_a_second_cordon_writes_nothing():
    desk = Desk(a_pod("p"))
    first = desk.pods.set_state("p", PodState.CORDONED, OPERATOR)

    assert desk.pods.set_state("p", PodState.CORDONED, OPERATOR).generation == first.generation


def test_a_disabled_pod_comes_back_only_by_an_update():
    desk = Desk(a_pod("p", state=PodState.DISABLED))

    with pytest.raises(Conflict) as refused:
        desk.pods.set_state("p", PodState.ENABLED, OPERATOR)

    assert refused.value.field == "state"
    assert update(desk, "p", 1, {"state": PodState.ENABLED}).pod.state is PodState.ENABLED


def test_a_cordon_is_not_lost_to_a_write_in_between(monkeypatch):
    desk = Desk(a_pod("p"))
    read, rivals = desk.pod_store.get, ["one"]

    def read_and_then_a_rival_writes(pod_id):
        pod = read(pod_id)
        if rivals.pop() if rivals else None:
            update(desk, pod_id, pod.generation, {"weight": 3.0})
        return pod

    monkeypatch.setattr(desk.pod_store, "get", read_and_then_a_rival_writes)

    pod = desk.pods.set_state("p", PodState.CORDONED, OPERATOR)

    assert (pod.state, pod.weight, pod.generation) == (PodState.CORDONED, 3.0, 3)


def test_a_pod_is_observed_at_the_clocks_time():
    desk = Desk(a_pod("p"))
    desk.clock.now = datetime(2030, 1, 1, tzinfo=UTC)

    assert desk.pods.observed("p").at == desk.clock.now


def test_an_observed_pod_shows_its_hosts_which_no_list_carries():
    desk = Desk(a_pod("p"))
    host = HostCapacity("h1", Totals(vcpus=8), Amounts(vcpus=3))
    desk.capacities.save("p", CapacityReport(a_capacity(hosts=(host,))))

    assert desk.pods.observed("p").pod.capacity.hosts == (host,)
    assert desk.pods.get("p").capacity.hosts == ()


def test_a_pod_that_projects_were_placed_in_leaves_only_when_disabled_and_forced():
    desk = Desk(a_pod("p"))
    desk.projects.add("p1", "p")
    with pytest.raises(Conflict, match="1 project placed there"):
        desk.pods.delete("p", OPERATOR, force=True)
    update(desk, "p", 1, {"state": PodState.DISABLED})
    with pytest.raises(Conflict, match="1 project placed there"):
        desk.pods.delete("p", OPERATOR)

    desk.pods.delete("p", OPERATOR, force=True)

    assert desk.pods.list() == []
    assert desk.projects.pod_ids("p1") == frozenset()


def burnt_down(desk):
    """The pod p, disabled, with two servers of a project."""
    desk.projects.add("p1", "p")
    for name in ("vm-1", "vm-2"):
        desk.locations.remember(Location(name, "p1", "p", NOW))
    update(desk, "p", 1, {"state": PodState.DISABLED})


def test_a_pod_that_burnt_down_goes_with_its_servers_which_keep_who_said_so_and_why():
    desk = Desk(a_pod("p"))
    burnt_down(desk)
    with pytest.raises(Conflict, match="2 servers"):
        desk.pods.delete("p", OPERATOR, force=True)
    with pytest.raises(InvalidField, match="say why"):
        desk.pods.delete("p", OPERATOR, forget_servers=True)
    desk.pods.delete("p", OPERATOR, reason="it burnt down", forget_servers=True)

    assert (desk.pods.list(), desk.projects.pod_ids("p1")) == ([], frozenset())
    ended = desk.locations.get("vm-1")
    assert (ended.ended_at, ended.deed) == (NOW, Deed.of(OPERATOR, NOW, "it burnt down"))
    assert desk.pod_store.history("p")[-1].deed.reason == "it burnt down"


def test_what_else_holds_a_burnt_pod_keeps_it_with_its_servers():
    desk = Desk(a_pod("p"))
    burnt_down(desk)
    bind(desk, a_binding("p"))
    with pytest.raises(Conflict, match=rf"it has 1 active binding \({PROJECT}:az1:general\)$"):
        desk.pods.delete("p", OPERATOR, reason="it burnt down", forget_servers=True)

    assert len(desk.locations.of_pod("p")) == 2


def test_servers_of_a_pod_that_is_not_disabled_are_not_forgotten():
    desk = Desk(a_pod("p"))
    desk.locations.remember(Location("vm-1", "p1", "p", NOW))
    with pytest.raises(Conflict, match=r"1 server \(vm-1\)"):
        desk.pods.delete("p", OPERATOR, reason="it burnt down", forget_servers=True)

    assert desk.locations.get("vm-1").ended_at is None


def test_more_servers_than_one_request_ends_take_several(monkeypatch):
    monkeypatch.setattr(pod_references, "MOST_FORGOTTEN", 1)
    desk = Desk(a_pod("p"))
    burnt_down(desk)
    with pytest.raises(Conflict, match="repeat it"):
        desk.pods.delete("p", OPERATOR, reason="it burnt down", forget_servers=True)
    desk.pods.delete("p", OPERATOR, reason="it burnt down", forget_servers=True)

    assert desk.pods.list() == []
