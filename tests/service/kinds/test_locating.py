"""Lists write the locations that are missing, and never fail or wait for that."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import StoreBusy
from chalicelib.model.list_query import ListQuery
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS
from chalicelib.service.kinds import locating
from tests.builders import NOW, PROJECT, a_pod
from tests.service.desk import World
from tests.service.kinds.nova_pods import NovaPod, Vm
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods


class Cloud(World):
    """One pod with these servers, none of which has a location; ``asked`` counts reads of the store."""

    def __init__(self, *vms):
        self.pod = NovaPod(vms)
        super().__init__(a_pod("a"), client=ScriptedPods(a=self.pod))
        self.locations = self.outside.locations
        self.outside.projects.add(PROJECT, "a")
        self.asked = []

    def list(self, path="/servers/detail", caller=TENANT, **query):
        request = PodRequest("GET", path)
        page = self.services.merged.page(caller, SERVERS, ListQuery(**query), request)
        return [listed.row["id"] for listed in page.rows]

    def located(self):
        return [location.resource_id for location in self.locations.of_pod("a")]

    def counting(self, monkeypatch):
        found = self.locations.found

        def counted(ids):
            asked = list(ids)
            self.asked.append(len(asked))
            return found(asked)

        monkeypatch.setattr(self.locations, "found", counted)
        return self


def test_a_row_without_a_location_gets_one_as_its_pod_shows_it():
    vm = Vm(1, second=7, name="web")
    cloud = Cloud(vm)
    cloud.list()

    assert cloud.locations.get(vm.id) == Location(
        vm.id, PROJECT, "a", NOW + timedelta(seconds=7), "web", request_id=TENANT.request_id
    )


def test_one_that_is_not_dated_was_made_now():
    cloud = Cloud(Vm(1))
    del cloud.pod.rows[Vm(1).id]["created"]
    cloud.clock.passes(9)
    cloud.list()

    assert cloud.locations.get(Vm(1).id).created_at == NOW + timedelta(seconds=9)


def test_so_does_one_of_a_list_without_details():
    cloud = Cloud(Vm(1))

    assert cloud.list("/servers") == cloud.located() == [Vm(1).id]


def test_what_has_a_location_keeps_it_an_ended_one_too():
    cloud = Cloud(Vm(1), Vm(2))
    mine = cloud.locations.remember(Location(Vm(1).id, PROJECT, "a", NOW, decision_id="d"))
    cloud.locations.remember(Location(Vm(2).id, PROJECT, "a", NOW))
    cloud.locations.end(Vm(2).id, NOW, deleted=True)
    cloud.list()

    assert cloud.locations.get(Vm(1).id) == mine
    assert cloud.locations.get(Vm(2).id).ended_at == NOW


@pytest.mark.parametrize(
    "shown",
    [
        {"status": "DELETED"},
        {"status": "SOFT_DELETED"},
        {"OS-EXT-STS:task_state": "deleting"},
        {"tenant_id": "x"},
    ],
)
def test_what_is_gone_or_anothers_gets_none(shown):
    cloud = Cloud(Vm(1))
    cloud.pod.rows[Vm(1).id].update(shown)

    assert cloud.list() == [Vm(1).id]
    assert cloud.located() == []


def test_an_admins_list_of_all_projects_writes_nothing():
    cloud = Cloud(Vm(1))
    admin = replace(TENANT, identity=replace(TENANT.identity, roles=frozenset({"admin"})))
    cloud.list(caller=admin, all_tenants=True)

    assert cloud.located() == []


def test_the_store_is_asked_once_about_each_row_and_about_fifty_in_a_list(monkeypatch):
    monkeypatch.setattr(locating, "MOST_LOCATED", 3)
    cloud = Cloud(*map(Vm, range(5))).counting(monkeypatch)
    for _ in range(4):
        cloud.list()

    assert cloud.asked == [3, 2]
    assert len(cloud.located()) == 5


def test_a_store_that_is_busy_costs_no_client_its_list(monkeypatch):
    cloud = Cloud(Vm(1))

    def busy(ids):
        raise StoreBusy("too much")

    monkeypatch.setattr(cloud.locations, "found", busy)
    assert cloud.list() == [Vm(1).id]
    monkeypatch.undo()
    cloud.list()

    assert cloud.located() == [Vm(1).id]


def test_nothing_is_asked_or_written_when_the_request_has_little_time_left(monkeypatch):
    cloud = Cloud(Vm(1)).counting(monkeypatch)
    late = replace(TENANT, deadline=Deadline(NOW + timedelta(seconds=3), cloud.clock))
    cloud.list(caller=late)

    assert (cloud.asked, cloud.located()) == ([], [])


@pytest.mark.parametrize(("seconds", "found"), [(4.0, 1), (3.9, 0)])
def test_enough_time_is_what_a_slow_store_may_need(seconds, found):
    cloud = Cloud(Vm(1))
    cloud.list(caller=replace(TENANT, deadline=Deadline.after(seconds, cloud.clock)))

    assert len(cloud.located()) == found


def test_rows_for_which_no_time_is_left_are_located_by_a_later_list(monkeypatch):
    cloud = Cloud(Vm(1), Vm(2))
    remember = cloud.locations.remember

    def slowly(location):
        cloud.clock.passes(3.0)
        return remember(location)

    monkeypatch.setattr(cloud.locations, "remember", slowly)
    cloud.list(caller=replace(TENANT, deadline=Deadline.after(5.0, cloud.clock)))
    assert len(cloud.located()) == 1
    cloud.list()
    assert len(cloud.located()) == 2


def test_at_its_bound_a_process_forgets_which_ids_have_a_location(monkeypatch):
    monkeypatch.setattr(locating, "MOST_KNOWN", 2)
    cloud = Cloud(Vm(1), Vm(2)).counting(monkeypatch)
    for _ in range(2):
        cloud.list()
    assert cloud.asked == [2]

    cloud.pod.add(Vm(3))
    for _ in range(2):
        cloud.list()
    assert cloud.asked == [2, 1, 2]


@pytest.mark.parametrize("odd", ["vm-1", Vm(10).id.upper().replace("0", "A", 1)])
def test_an_id_that_no_location_can_have_gets_none(odd):
    cloud = Cloud(Vm(1))
    row = {**cloud.pod.rows.pop(Vm(1).id), "id": odd}
    cloud.pod.rows[odd] = row

    assert (cloud.list(), cloud.located()) == ([odd], [])
