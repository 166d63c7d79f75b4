"""Home pod: where what a project makes is kept, if nothing it names says where it belongs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.errors import Unavailable
from chalicelib.model.pod import PodState
from chalicelib.service.asking.home_pod import HomePods
from tests.builders import NOW, PROJECT, a_binding, a_pod
from tests.service.desk import World

OLD, YOUNG = NOW - timedelta(days=2), NOW - timedelta(days=1)


class Bindings:
    """A project's active bindings of the general group."""

    def __init__(self, *bindings):
        self.bindings = list(bindings)

    def of_project(self, project_id, affinity_group):
        assert (project_id, affinity_group) == (PROJECT, "general")
        return self.bindings


def homes(*pods, bound=(), default_az_name=""):
    world = World(*pods)
    return HomePods(world.services.roster, Bindings(*bound), world.outside.projects, default_az_name)


def home(*pods, **given):
    return homes(*pods, **given).of(PROJECT).pod_id


def test_it_is_the_bound_pod_of_the_default_zone():
    pods = a_pod("pod-a", "az1"), a_pod("pod-b", "az2")
    bound = a_binding("pod-a", "az1", created_at=OLD), a_binding("pod-b", "az2", created_at=YOUNG)

    assert home(*pods, bound=bound, default_az_name="az2") == "pod-b"


def test_where_no_zone_is_the_default_the_oldest_binding_names_it():
    pods = a_pod("pod-a", "az1"), a_pod("pod-b", "az2")
    bound = a_binding("pod-a", "az1", created_at=YOUNG), a_binding("pod-b", "az2", created_at=OLD)

    assert home(*pods, bound=bound) == "pod-b"


@pytest.mark.parametrize(
    "gone", [{"state": PodState.DISABLED}, {"proven": False}, {"allowed_project_ids": frozenset({"other"})}]
)
def test_a_bound_pod_that_serves_the_project_no_more_is_no_home(gone):
    pods = a_pod("pod-a", "az1", **gone), a_pod("pod-b", "az1")

    assert home(*pods, bound=(a_binding("pod-a", "az1"),)) == "pod-b"


def test_without_a_binding_it_is_the_oldest_pod_of_the_default_zone():
    pods = (
        a_pod("pod-a", "az1", created_at=OLD),
        a_pod("pod-b", "az2", created_at=YOUNG),
        a_pod("pod-c", "az2", created_at=OLD),
    )

    assert home(*pods, default_az_name="az2") == "pod-c"


@pytest.mark.parametrize("loath", [{"state": PodState.CORDONED}, {"affinity_tags": {"resource": "GPU"}}])
def test_without_a_binding_a_pod_that_takes_servers_goes_before_an_older_one(loath):
    pods = a_pod("pod-a", created_at=OLD, **loath), a_pod("pod-b", created_at=YOUNG)

    assert home(*pods) == "pod-b"


def test_a_pod_that_takes_nothing_is_better_than_none():
    assert home(a_pod("pod-a", state=PodState.CORDONED)) == "pod-a"


def test_no_open_pod_is_no_home():
    with pytest.raises(Unavailable):
        home(a_pod("pod-a", state=PodState.DISABLED))


def test_a_project_that_makes_something_there_has_the_pod_in_its_set():
    found = homes(a_pod("pod-a"))

    assert found.entered(PROJECT).pod_id == "pod-a"
    assert found.projects.pod_ids(PROJECT) == {"pod-a"}


def test_a_bound_pod_that_is_gone_is_no_home():
    assert home(a_pod("pod-b"), bound=(a_binding("pod-a"),)) == "pod-b"


def test_a_pod_for_the_project_alone_is_open_to_it():
    ours = {"allowed_project_ids": frozenset({PROJECT})}
    old, young = a_pod("pod-a", created_at=OLD, **ours), a_pod("pod-b", created_at=YOUNG)

    assert home(old) == "pod-a"
    assert home(old, young) == "pod-a"
    oldest = a_pod("pod-0", created_at=OLD - timedelta(days=1))
    assert home(oldest, old, bound=[a_binding("pod-a")]) == "pod-a"


def test_of_the_bound_pods_only_one_of_the_default_zone_is_a_home():
    pods = [
        a_pod(pod_id, az_name) for pod_id, az_name in (("pod-a", "az2"), ("pod-b", "az2"), ("pod-c", "az1"))
    ]
    bound = a_binding("pod-b", "az2", created_at=YOUNG), a_binding("pod-c", "az1", created_at=OLD)

    assert home(*pods, bound=bound, default_az_name="az2") == "pod-b"


def test_a_pod_that_is_in_the_projects_set_is_not_written_again():
    class Projects:
        def pod_ids(self, project_id):
            return frozenset({"pod-a"}) if project_id == PROJECT else frozenset()

    assert replace(homes(a_pod("pod-a")), projects=Projects()).entered(PROJECT).pod_id == "pod-a"
