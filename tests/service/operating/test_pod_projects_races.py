"""Pod projects: nothing is lost to those who write the same pod meanwhile."""

from dataclasses import replace

import pytest

from chalicelib.model.deed import Deed
from chalicelib.model.errors import GenerationConflict
from chalicelib.service.operating import pod_projects
from tests.service.operating.door import INSIDE, Door


def overtaken(door, times):
    """The door, where somebody else writes the pod first, so often."""
    update, left = door.pod_store.update, [times]

    def update_after_a_rival(before, after, deed):
        if left[0]:
            left[0] -= 1
            pod = door.pod_store.get(before.pod_id)
            update(pod, replace(pod, weight=9.0), Deed())
        return update(before, after, deed)

    door.pod_store.update = update_after_a_rival
    return door


@pytest.mark.parametrize("act", ["let_in", "shut_out"])
def test_nothing_is_lost_to_those_who_write_the_pod_meanwhile(act):
    door = Door()
    if act == "shut_out":
        door.let_in()
    overtaken(door, pod_projects.WRITE_ATTEMPTS - 1)

    getattr(door, act)()

    assert door.record[0] == ({"p1": INSIDE} if act == "let_in" else {})
    assert door.pods.get("hybrid").weight == 9.0


@pytest.mark.parametrize("act", ["let_in", "shut_out"])
def test_who_is_overtaken_at_each_try_gives_up(act):
    door = Door()
    if act == "shut_out":
        door.let_in()
    overtaken(door, pod_projects.WRITE_ATTEMPTS)

    with pytest.raises(GenerationConflict):
        getattr(door, act)()
