"""What a client asks while a service fails, and what must be so when the service is back.

Each scene is named after a row of docs/faults.md. It asks while ``fail`` lets a service fail, checks what is
kept once that is over, and returns the client's answer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from chalicelib import wiring
from chalicelib.model.job import JobState
from tests.journeys.conftest import Answer
from tests.journeys.faults.faulty import Faulty
from tests.journeys.faults.world import ALONE, World

Fail = Callable[[Faulty], AbstractContextManager[None]]
Scene = Callable[[World, Fail], Answer]
MOST_TURNS = 9
REBOOT = {"reboot": {"type": "SOFT"}}


def in_pods(world: World) -> set[str]:
    """The ids of all servers that pods have."""
    return {server.id for pod in world.cloud.pods.values() for server in pod.servers()}


def listed(world: World) -> set[str]:
    """The ids of the servers that a tenant lists."""
    answer = world.call("GET", "/v2.1/servers")
    assert answer.status == 200
    assert "x-trio2o-partial" not in answer.headers
    return {server["id"] for server in answer.body["servers"]}


def a_server(world: World) -> str:
    """A server in the pod whose Nova may fail."""
    server_id: str = world.create(availability_zone=world.alone).body["server"]["id"]
    return server_id


def claimed(world: World) -> int:
    """How many servers hold a claim of room."""
    balance = world.stores.claims.read(world.pods[ALONE].pod_id)
    assert balance is not None
    return int(balance.claimed.instances)


def keystone_any(world: World, fail: Fail) -> Answer:
    """Nobody is let in, and nothing is asked of a pod."""
    before = in_pods(world)
    with fail(world.keystone):
        answer = world.create()
    assert in_pods(world) == before
    assert world.create().status == 202
    return answer


def dynamodb_read(world: World, fail: Fail) -> Answer:
    """The server is there afterwards as before."""
    server_id = a_server(world)
    wiring.services().located.known._known.clear()
    with fail(world.dynamodb):
        answer = world.call("GET", f"/v2.1/servers/{server_id}")
    assert world.call("GET", f"/v2.1/servers/{server_id}").status == 200
    return answer


def dynamodb_list(world: World, fail: Fail) -> Answer:
    """A list that the store fails is no empty list."""
    server_id = a_server(world)
    with fail(world.dynamodb):
        answer = world.call("GET", "/v2.1/servers/detail")
    assert server_id in listed(world)
    return answer


def dynamodb_delete(world: World, fail: Fail) -> Answer:
    """No server is deleted whose location can't be read."""
    server_id = a_server(world)
    with fail(world.dynamodb):
        answer = world.call("DELETE", f"/v2.1/servers/{server_id}")
    assert server_id in listed(world)
    return answer


def dynamodb_create(world: World, fail: Fail) -> Answer:
    """Nothing is sent to a pod before all that it needs is written."""
    before = in_pods(world)
    with fail(world.dynamodb):
        answer = world.create(availability_zone=world.alone)
    assert in_pods(world) == before
    assert world.create(availability_zone=world.alone).status == 202
    return answer


def dynamodb_after_the_post(world: World, fail: Fail) -> Answer:
    """The server is told, though it can't be written where it is; a show finds it."""
    with ExitStack() as failing:

        def posted(method: str, path: str) -> None:
            if method == "POST" and path.endswith("/servers"):
                failing.enter_context(fail(world.dynamodb))

        with world.nova.telling(posted):
            answer = world.create(availability_zone=world.alone)
    server_id = answer.body["server"]["id"]
    assert world.call("GET", f"/v2.1/servers/{server_id}").status == 200
    assert server_id in listed(world)
    return answer


def dynamodb_after_a_delete(world: World, fail: Fail) -> Answer:
    """The client learns that the pod took its delete; the location ends with the next answer about it."""
    server_id = a_server(world)
    with ExitStack() as failing:

        def deleting(method: str, path: str) -> None:
            if method == "DELETE":
                failing.enter_context(fail(world.dynamodb))

        with world.nova.telling(deleting):
            answer = world.call("DELETE", f"/v2.1/servers/{server_id}")
    assert server_id not in in_pods(world)
    assert world.call("GET", f"/v2.1/servers/{server_id}").status == 404
    location = world.stores.locations.get(server_id)
    assert location is not None
    assert location.ended_at is not None
    return answer


def sqs_drain(world: World, fail: Fail) -> Answer:
    """The job is written, and the clock sends its first slice again."""
    pod_id = world.pods["Pod2"].pod_id
    with fail(world.sqs):
        answer = world.call("POST", f"/v1.0/pods/{pod_id}/drain", {"rate_per_minute": 60}, user="admin")
    (job,) = wiring.services().jobs.list(pod_id, JobState.RUNNING)
    assert job.job_id in str(answer.body)
    while job.state is JobState.RUNNING and job.turn < MOST_TURNS:
        wiring.services().slices.run(job.job_id, job.turn)
        job = world.stores.jobs.get(job.job_id)
    assert job.state is JobState.DONE
    world.call("POST", f"/v1.0/pods/{pod_id}/enable", user="admin")
    return answer


def nova_create(world: World, fail: Fail) -> Answer:
    """Nothing came to the pod, so its room is free again and the client may try again."""
    world.refresh()
    before, held = in_pods(world), claimed(world)
    with fail(world.nova):
        answer = world.create(availability_zone=world.alone)
    assert (in_pods(world), claimed(world)) == (before, held)
    return answer


def nova_create_elsewhere(world: World, fail: Fail) -> Answer:
    """Another pod takes it."""
    with fail(world.nova):
        answer = world.create()
    assert answer.body["server"]["id"] in listed(world)
    return answer


def nova_create_unknown(world: World, fail: Fail) -> Answer:
    """The room stays claimed. If the server was made, it is shown and listed afterwards."""
    before, held = in_pods(world), claimed(world)
    with fail(world.nova):
        answer = world.create(availability_zone=world.alone)
    assert claimed(world) == held + 1
    for server_id in in_pods(world) - before:
        assert world.call("GET", f"/v2.1/servers/{server_id}").status == 200
    assert in_pods(world) - before <= listed(world)
    return answer


def nova_show(world: World, fail: Fail) -> Answer:
    """Never a 404: the server is there afterwards."""
    server_id = a_server(world)
    with fail(world.nova):
        answer = world.call("GET", f"/v2.1/servers/{server_id}")
    assert world.call("GET", f"/v2.1/servers/{server_id}").status == 200
    return answer


def nova_search(world: World, fail: Fail) -> Answer:
    """A server without a location is found once its pod answers."""
    server_id = a_server(world)
    forget(world, server_id)
    with fail(world.nova):
        answer = world.call("GET", f"/v2.1/servers/{server_id}")
    assert world.call("GET", f"/v2.1/servers/{server_id}").status == 200
    return answer


def forget(world: World, server_id: str) -> None:
    """Delete a location, as if it had never been written."""
    wiring.services().located.known._known.clear()
    locations: Any = world.stores.locations
    locations._locations(server_id).delete()


def _changing(method: str, suffix: str, body: object) -> Scene:
    def scene(world: World, fail: Fail) -> Answer:
        server_id = a_server(world)
        with fail(world.nova):
            answer = world.call(method, f"/v2.1/servers/{server_id}{suffix}", body)
        shown = world.call("GET", f"/v2.1/servers/{server_id}").status
        assert shown == (200 if server_id in in_pods(world) else 404)
        return answer

    return scene


def nova_list(world: World, fail: Fail) -> Answer:
    """A stub stands for each server of the silent pod, and the zone is named."""
    server_id = a_server(world)
    with fail(world.nova):
        answer = world.call("GET", "/v2.1/servers/detail")
    stubs = {server["id"]: server["status"] for server in answer.body["servers"]}
    assert stubs[server_id] == "UNKNOWN"
    assert answer.headers["x-trio2o-partial"] == world.alone
    assert server_id in listed(world)
    return answer


def nova_flavors(world: World, fail: Fail) -> Answer:
    """Pods that answer show what all offer."""
    with fail(world.nova):
        answer = world.call("GET", "/v2.1/flavors")
    assert answer.body["flavors"]
    return answer


SCENES: dict[str, Scene] = {
    "keystone-any": keystone_any,
    "dynamodb-read": dynamodb_read,
    "dynamodb-list": dynamodb_list,
    "dynamodb-create": dynamodb_create,
    "dynamodb-delete": dynamodb_delete,
    "dynamodb-after-the-post": dynamodb_after_the_post,
    "dynamodb-after-a-delete": dynamodb_after_a_delete,
    "sqs-drain": sqs_drain,
    "nova-create": nova_create,
    "nova-create-elsewhere": nova_create_elsewhere,
    "nova-create-unknown": nova_create_unknown,
    "nova-show": nova_show,
    "nova-search": nova_search,
    "nova-list": nova_list,
    "nova-flavors": nova_flavors,
    "nova-action": _changing("POST", "/action", REBOOT),
    "nova-action-unknown": _changing("POST", "/action", REBOOT),
    "nova-delete": _changing("DELETE", "", None),
    "nova-delete-unknown": _changing("DELETE", "", None),
}
