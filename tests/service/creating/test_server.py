"""Server creation: what fails without asking anybody fails before anybody is asked."""

import pytest

from chalicelib.model.pod_request import PodRequest
from chalicelib.model.server_order import ServerOrder
from tests.builders import a_filled_pod, a_flavor
from tests.service.desk import World
from tests.service.kinds.scripted_pods import TENANT


class Unasked:
    """Pods that nobody may ask anything."""

    def send(self, pod, request):
        raise AssertionError("a pod was asked")

    flavor = send


@pytest.mark.parametrize("pod_az_name", ["", "nova"])
def test_a_body_that_can_not_be_made_takes_no_room_and_binds_nothing(pod_az_name):
    pod = a_filled_pod(pod_az_name=pod_az_name, catalogue={"m1.small": a_flavor()})
    world = World(pod, client=Unasked(), flavors=Unasked())
    unwritable = {"server": {"availability_zone": "az1", "metadata": object()}}
    order = ServerOrder(b"", unwritable, "vm", "m1.small", az_name="az1")

    with pytest.raises(TypeError):
        world.services.servers.create(TENANT, order, PodRequest("POST", "/servers"))

    assert world.outside.bindings.of_project(TENANT.identity.project_id, "general") == []
    assert world.outside.decisions.list() == []
