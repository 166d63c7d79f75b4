"""Used pods: where a project was ever placed, its home pod first; an admin may ask for all."""

from datetime import timedelta

import pytest

from chalicelib.model.errors import Unavailable
from chalicelib.model.pod import PodState
from chalicelib.service.kinds.used_pods import UsedPods
from tests.builders import NOW, PROJECT, a_caller, a_pod
from tests.service.desk import World

CALLER = a_caller()
OPEN_TO_OTHERS = {"allowed_project_ids": frozenset({"other"})}


def used(*pods, placed_in=(), everywhere=False):
    """The ids of the pods, of which an earlier one is older."""
    aged = [
        a_pod(pod_id, **{"created_at": NOW + timedelta(days=number), **fields})
        for number, (pod_id, fields) in enumerate(pods)
    ]
    world = World(*aged)
    for pod_id in placed_in:
        world.outside.projects.add(PROJECT, pod_id)
    found = UsedPods(world.services.located, world.services.home_pods).of(CALLER, everywhere)
    return [pod.pod_id for pod in found]


def test_the_home_pod_comes_first_and_once_be_the_project_placed_there_or_not():
    pods = ("old", OPEN_TO_OTHERS), ("home", {}), ("young", {})

    assert used(*pods, placed_in=["old", "young"]) == ["home", "old", "young"]
    assert used(*pods, placed_in=["old", "home"]) == ["home", "old"]
    assert used(*pods) == ["home"]
    assert used(*pods, everywhere=True) == ["home", "old", "young"]


def test_without_a_home_they_are_those_where_the_project_was_placed():
    pods = ("old", OPEN_TO_OTHERS), ("off", {"state": PodState.DISABLED})

    assert used(*pods, placed_in=["off"]) == ["off"]
    assert used(*pods, everywhere=True) == ["old", "off"]


def test_without_any_nobody_can_be_asked():
    with pytest.raises(Unavailable):
        used(("old", OPEN_TO_OTHERS))
