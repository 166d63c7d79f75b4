"""Located: a request goes to the pod that holds the resource, and a 404 is told only when it is sure."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import GATHERED_AFTER_SECONDS
from chalicelib.model.deadline import Deadline
from chalicelib.model.deed import Deed
from chalicelib.model.errors import NotFound, OutcomeUnknown, PodUnreachable, Unavailable
from chalicelib.model.list_order import SortKey
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS, Resource
from tests.builders import NOW, PROJECT, a_caller, a_claim, a_pod
from tests.service.desk import OPERATOR, World
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, proxy_page, reply

VOLUMES = Resource(
    "volume", "volumes", "volume", "Volume", located=True, sort_keys={"created_at": SortKey("created_at")}
)
ID = "00000000-0000-4000-8000-00000000000a"
SHOWN = reply({"server": {"id": ID, "name": "vm"}})
NOT_THERE = reply({"itemNotFound": {"code": 404}}, 404)
PODS = [a_pod("pod-a"), a_pod("pod-b")]


class Cloud(World):
    def __init__(self, **by_pod):
        self.client = ScriptedPods(**by_pod)
        super().__init__(*PODS, client=self.client)
        for pod in PODS:
            self.outside.projects.add(PROJECT, pod.pod_id)
        self.locations, self.located = self.outside.locations, self.services.located

    def remember(self, pod_id, **fields):
        self.locations.remember(Location(ID, fields.pop("project_id", PROJECT), pod_id, NOW, **fields))
        return self

    def send(self, method="GET", path=f"/servers/{ID}", resource=SERVERS, resource_id=ID):
        return self.located.send(TENANT, resource, resource_id, PodRequest(method, path))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", [202, 401, 403, 500, 503])
def test_a_request_goes_to_the_pod_of_the_location_whatever_its_nova_replies(method, status):
    said = replace(reply({"x": {"code": status}}, status), headers={"x-openstack-request-id": "req-9"})
    cloud = Cloud(pod_b=said).remember("pod-b")

    answer = cloud.send(method)

    assert (answer.pod.pod_id, answer.reply) == ("pod-b", said)
    assert [pod_id for pod_id, _ in cloud.client.asked] == ["pod-b"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", [200, 302, 403, 500, 502, 503, 504])
def test_a_proxy_that_may_have_passed_a_change_on_leaves_its_outcome_unknown(method, status):
    cloud = Cloud(pod_b=proxy_page(status)).remember("pod-b")

    with pytest.raises(OutcomeUnknown):
        cloud.send(method)
    assert cloud.locations.get(ID).ended_at is None


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", [400, 401, 404, 413, 429])
def test_a_proxy_that_passes_nothing_on_is_a_pod_that_gives_no_answer(method, status):
    cloud = Cloud(pod_b=proxy_page(status)).remember("pod-b")

    with pytest.raises(PodUnreachable):
        cloud.send(method)
    assert cloud.locations.get(ID).ended_at is None


def test_a_pod_that_hides_it_from_an_admins_own_project_there_ends_no_location():
    hybrid = a_pod("pod-b", auth_url="https://keystone.b/v3", pod_project_ids={PROJECT: "1", "theirs": "2"})
    client = ScriptedPods(pod_b=NOT_THERE)
    world = World(hybrid, client=client)
    location = world.outside.locations.remember(Location(ID, "theirs", "pod-b", NOW))
    for caller, ended in [(a_caller(PROJECT, role="admin"), False), (a_caller("theirs"), True)]:
        answer = world.services.located.send(caller, SERVERS, ID, PodRequest("GET", f"/servers/{ID}"))

        assert answer.reply.status == 404
        assert (world.outside.locations.get(location.resource_id).ended_at is not None) is ended


def test_what_the_pod_says_where_a_location_was_before_it_was_moved_ends_nothing():
    cloud = Cloud(pod_a=SHOWN, pod_b=SHOWN).remember("pod-a")
    cloud.send()  # so that this process remembers where it is
    cloud.locations.move(cloud.locations.get(ID), "pod-b", Deed(NOW, "an-admin", "req-1", "moved"))
    cloud.client.by_pod["pod-a"] = NOT_THERE

    assert cloud.send().reply.status == 404
    assert cloud.locations.get(ID).ended_at is None
    assert cloud.send().pod.pod_id == "pod-b"


def test_another_projects_is_not_there():
    others = Cloud(pod_a=NOT_THERE, pod_b=NOT_THERE).remember("pod-b", project_id="other")
    nowhere = Cloud(pod_a=NOT_THERE, pod_b=NOT_THERE)

    for cloud in (others, nowhere):
        with pytest.raises(NotFound, match=f"Instance {ID} could not be found"):
            cloud.send()
    assert sorted(pod for pod, _ in others.client.asked) == sorted(pod for pod, _ in nowhere.client.asked)


def test_a_pod_that_shows_another_projects_as_the_callers_is_not_believed():
    cloud = Cloud(pod_a=SHOWN, pod_b=NOT_THERE).remember("pod-b", project_id="other")

    with pytest.raises(NotFound):
        cloud.send()
    assert (cloud.locations.get(ID).project_id, cloud.locations.get(ID).pod_id) == ("other", "pod-b")


def test_one_without_a_location_is_searched_and_remembered():
    cloud = Cloud(pod_a=NOT_THERE, pod_b=reply({"server": {"name": "vm"}}))

    assert cloud.send("DELETE").pod.pod_id == "pod-b"
    assert cloud.locations.get(ID) == Location(ID, PROJECT, "pod-b", NOW, "vm", "req-1")
    assert [request.method for _, request in cloud.client.asked] == ["GET", "GET", "DELETE"]


def test_a_search_asks_as_the_client_and_no_longer_than_a_search_or_the_request_may_last():
    cloud = Cloud(pod_a=NOT_THERE, pod_b=SHOWN)
    asked, ask = [], cloud.located.fan_out.ask
    fan_out = SimpleNamespace(
        ask=lambda pods, question, seconds: asked.append(seconds) or ask(pods, question, seconds)
    )
    caller = replace(TENANT, deadline=Deadline.after(3.0, lambda: NOW))

    replace(cloud.located, fan_out=fan_out).send(caller, SERVERS, ID, PodRequest("DELETE", f"/servers/{ID}"))

    question = PodRequest(
        "GET",
        f"/servers/{ID}",
        "compute",
        token="a-token",
        identity=caller.identity,
        request_id="req-1",
        read_timeout_seconds=cloud.located.search_seconds,
        deadline=caller.deadline,
    )
    assert cloud.client.asked[0][1] == question
    assert asked == [3.0]


def test_what_an_admin_finds_may_be_any_projects_and_gets_no_location():
    cloud = Cloud(pod_a=NOT_THERE, pod_b=SHOWN)

    found = cloud.located.send(OPERATOR, SERVERS, ID, PodRequest("GET", f"/servers/{ID}"))

    assert (found.pod.pod_id, cloud.locations.get(ID)) == ("pod-b", None)


def test_it_is_nowhere_when_every_pod_said_so():
    with pytest.raises(NotFound):
        Cloud(pod_a=NOT_THERE, pod_b=NOT_THERE).send()


@pytest.mark.parametrize(
    "silence",
    [
        None,
        proxy_page(404),
        proxy_page(200),
        reply({}, 503),
        reply({}, 401),
        reply({}, 403),
        reply({}, 409),
        reply({}),
    ],
)
def test_it_may_be_somewhere_while_one_pod_says_nothing(silence):
    with pytest.raises(Unavailable, match="Instance"):
        Cloud(pod_a=NOT_THERE, pod_b=silence).send()


def test_its_pods_404_ends_a_location_and_a_200_revives_it():
    cloud = Cloud(pod_b=NOT_THERE).remember("pod-b")
    cloud.send()
    assert cloud.locations.get(ID).ended_at == NOW

    cloud.client.by_pod["pod-b"] = SHOWN
    cloud.send()
    assert cloud.locations.get(ID).ended_at is None


@pytest.mark.parametrize("status", [204, 404])
def test_a_delete_ends_the_location_and_says_whether_its_pod_accepted_it(status):
    cloud = Cloud(pod_b=reply({"x": {"code": status}}, status)).remember("pod-b")

    cloud.send("DELETE")

    ended = cloud.locations.get(ID)
    assert (ended.ended_at, ended.deleted) == (NOW, status == 204)


@pytest.mark.parametrize(
    ("method", "status"), [("PUT", 204), ("GET", 204), ("POST", 202), ("DELETE", 202), ("DELETE", 409)]
)
def test_what_is_neither_an_accepted_delete_nor_a_404_ends_nothing(method, status):
    cloud = Cloud(pod_b=reply({"x": {"code": status}}, status)).remember("pod-b")

    cloud.send(method)

    assert cloud.locations.get(ID).ended_at is None


def test_a_404_that_is_not_about_it_ends_nothing():
    cloud = Cloud(pod_b=NOT_THERE).remember("pod-b")
    cloud.send(path=f"/servers/{ID}/tags/x")
    assert cloud.locations.get(ID).ended_at is None


@pytest.mark.parametrize(
    "path", [f"/servers/{ID.upper()}", f"/%73ervers/{ID}", f"/servers/{ID.replace('-', '%2D')}?x=1"]
)
def test_an_id_and_a_path_are_known_however_they_are_spelled(path):
    cloud = Cloud(pod_a=NOT_THERE, pod_b=SHOWN)
    cloud.send(path=path, resource_id=ID.upper())
    assert [found.resource_id for found in cloud.locations.of_project(PROJECT, "pod-b")] == [ID]

    cloud.client.by_pod["pod-b"] = NOT_THERE
    cloud.send(path=path, resource_id=ID.upper())
    assert cloud.locations.get(ID).ended_at == NOW


def test_a_server_that_is_being_deleted_is_not_revived():
    cloud = Cloud(pod_b=reply({"server": {"id": ID, "OS-EXT-STS:task_state": "deleting"}}))
    cloud.remember("pod-b", ended_at=NOW - timedelta(seconds=5)).send()
    assert cloud.locations.get(ID).ended_at


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("GET", PodUnreachable),
        ("POST", OutcomeUnknown),
        ("PUT", OutcomeUnknown),
        ("DELETE", OutcomeUnknown),
    ],
)
def test_a_pod_that_is_down_is_never_a_404(method, error):
    with pytest.raises(error):
        Cloud(pod_b=None).remember("pod-b").send(method)


def test_another_noun_is_found_at_its_own_service_and_named_and_dated_in_its_own_words():
    made = NOW - timedelta(days=3)
    volume = reply({"volume": {"id": ID, "created_at": made.isoformat()}})
    cloud = Cloud(pod_a=NOT_THERE, pod_b=volume)

    assert cloud.send(path=f"/volumes/{ID}", resource=VOLUMES).reply is volume
    searches = {(request.service, request.path) for _, request in cloud.client.asked[:2]}
    assert searches == {("volume", f"/volumes/{ID}")}
    assert cloud.locations.get(ID).created_at == made
    with pytest.raises(NotFound, match="Volume x could not be found"):
        cloud.send(resource=VOLUMES, resource_id="x")


@pytest.mark.parametrize(
    ("age", "given"), [(0, 1), (GATHERED_AFTER_SECONDS - 1, 1), (GATHERED_AFTER_SECONDS, 0)]
)
def test_the_room_of_a_server_that_went_is_given_back_while_its_claim_may_still_count(age, given):
    cloud = Cloud(pod_b=NOT_THERE)
    share = a_claim("pod-b", Amounts(vcpus=1)).share(0)
    cloud.remember("pod-b", share=share, decision_id="d", ended_at=NOW, deleted=True)
    cloud.clock.passes(age)
    given_back = []
    located = replace(cloud.located, give_back=given_back.append)

    located.send(TENANT, SERVERS, ID, PodRequest("GET", f"/servers/{ID}"))

    assert given_back == [share] * given


def test_a_server_whose_delete_another_process_took_gives_its_room_back_also_where_it_is_known_as_live():
    said = [SHOWN, NOT_THERE]
    cloud = Cloud(pod_b=lambda _: said.pop(0))
    share = a_claim("pod-b", Amounts(vcpus=1)).share(0)
    cloud.remember("pod-b", share=share, decision_id="d")
    given_back = []
    located = replace(cloud.located, give_back=given_back.append)

    def show():
        return located.send(TENANT, SERVERS, ID, PodRequest("GET", f"/servers/{ID}"))

    show()
    cloud.locations.end(ID, NOW, deleted=True)  # by another process
    show()

    assert given_back == [share]


def test_a_server_of_a_pod_that_was_removed_is_not_there():
    cloud = Cloud().remember("gone")
    cloud.locations.end(ID, NOW)

    with pytest.raises(NotFound, match=f"Instance {ID} could not be found"):
        cloud.send()


@pytest.mark.parametrize("status", [403, 409, 500, 503])
def test_a_delete_that_was_refused_or_failed_ends_nothing(status):
    said = replace(reply({"x": {"code": status}}, status), headers={"x-openstack-request-id": "req-9"})
    cloud = Cloud(pod_b=said).remember("pod-b")
    cloud.send("DELETE")

    assert cloud.locations.get(ID).ended_at is None


@pytest.mark.parametrize("said", [None, proxy_page(204), proxy_page(404), proxy_page(502)])
def test_a_delete_of_which_nobody_heard_ends_nothing(said):
    cloud = Cloud(pod_b=said).remember("pod-b")
    with pytest.raises((PodUnreachable, OutcomeUnknown)):
        cloud.send("DELETE")

    assert cloud.locations.get(ID).ended_at is None


def test_a_forced_delete_that_the_pod_took_leaves_the_end_to_the_pods_own_list():
    cloud = Cloud(pod_b=reply({}, 202)).remember("pod-b")
    cloud.send("POST", f"/servers/{ID}/action")

    assert cloud.locations.get(ID).ended_at is None
