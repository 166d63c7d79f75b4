"""Held: what lives in one pod and has no location is found there, and made in the project's home pod."""

from dataclasses import replace

import pytest

from chalicelib.model.binding import change_of
from chalicelib.model.errors import OutcomeUnknown, Unavailable
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod import PodState
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.proxied import FLOATING_IP_POOLS, NETWORKS, VOLUMES
from chalicelib.service.asking.answer import PodRefused
from tests.builders import PROJECT, a_binding, a_pod
from tests.service.desk import NOTHING_CACHED, OPERATOR, World
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, proxy_page, reply

PODS = [a_pod("pod-a"), a_pod("pod-b"), a_pod("pod-c")]
HERE = reply({"volume": {"id": "v"}})
DONE = reply(b"", 202, **{"x-openstack-request-id": "req-9"})
NOT_HERE = reply({"itemNotFound": {"code": 404, "message": "Volume v could not be found."}}, 404)
SHOW, DELETE = PodRequest("GET", "/os-volumes/v"), PodRequest("DELETE", "/os-volumes/v")
CREATE = PodRequest("POST", "/os-volumes", body=b"{}")


def world(placed_in=("pod-a", "pod-b"), bound_to="", pods=PODS, **says):
    """A project that was placed in some pods; pod-a is its home unless it is bound elsewhere."""
    client = ScriptedPods(**says)
    made = World(*pods, client=client)
    for pod_id in placed_in:
        made.outside.projects.add(PROJECT, pod_id)
    if bound_to:
        made.outside.bindings.commit(change_of(None, a_binding(bound_to)))
    return made, client


LIST_SECONDS = NOTHING_CACHED.list_timeout_seconds


def asked(client):
    return [(pod_id, request.method) for pod_id, request in client.asked]


@pytest.mark.parametrize("request_", [SHOW, DELETE])
def test_the_pod_that_has_it_gets_the_request(request_):
    made, client = world(pod_a=NOT_HERE, pod_b=HERE)

    assert made.services.held.send(TENANT, request_).pod.pod_id == "pod-b"
    assert asked(client) == [("pod-a", request_.method), ("pod-b", request_.method)]


def test_no_other_pod_hears_of_what_is_done():
    made, client = world(pod_a=DONE)

    assert made.services.held.send(TENANT, DELETE).reply.status == 202
    assert asked(client) == [("pod-a", "DELETE")]


def test_a_pod_that_the_project_does_not_use_is_not_asked():
    made, client = world(placed_in=["pod-b"], bound_to="pod-b", pod_b=NOT_HERE)

    assert made.services.held.send(TENANT, SHOW).reply.status == 404
    assert asked(client) == [("pod-b", "GET")]


def test_an_admin_finds_it_in_any_pod():
    made, _ = world(placed_in=(), pod_a=NOT_HERE, pod_b=NOT_HERE, pod_c=HERE)

    assert made.services.held.send(OPERATOR, SHOW).pod.pod_id == "pod-c"


@pytest.mark.parametrize("silence", [None, proxy_page(502)])
def test_what_is_changed_in_a_silent_pod_is_unknown_and_goes_nowhere_else(silence):
    made, client = world(pod_a=silence, pod_b=HERE)

    with pytest.raises(OutcomeUnknown):
        made.services.held.send(TENANT, DELETE)
    assert asked(client) == [("pod-a", "DELETE")]


@pytest.mark.parametrize("silence", [None, reply({}, 500)])
def test_a_404_of_one_is_none_while_another_says_nothing(silence):
    made, _ = world(pod_a=silence, pod_b=NOT_HERE)

    with pytest.raises(Unavailable):
        made.services.held.send(TENANT, SHOW)


def test_a_services_own_error_about_a_change_is_the_clients():
    made, _ = world(pod_a=reply({"computeFault": {"code": 500}}, 500), pod_b=HERE)

    assert made.services.held.send(TENANT, DELETE).reply.status == 500


def test_a_create_goes_to_the_bound_pod_which_joins_the_projects_pods():
    made, client = world(placed_in=(), bound_to="pod-b", pod_b=HERE)

    assert made.services.held.create(TENANT, CREATE).pod.pod_id == "pod-b"
    assert made.outside.projects.pod_ids(PROJECT) == {"pod-b"}
    assert client.asked == [("pod-b", CREATE)]


def test_what_is_made_of_a_thing_is_made_where_that_is():
    made, client = world(
        pod_a=lambda asked: NOT_HERE if asked.method == "GET" else reply({}, 500), pod_b=HERE
    )

    assert made.services.held.create(TENANT, CREATE, made_of="/os-snapshots/s").pod.pod_id == "pod-b"
    look = replace(CREATE, method="GET", path="/os-snapshots/s", body=None, read_timeout_seconds=LIST_SECONDS)
    assert client.asked == [("pod-a", look), ("pod-b", look), ("pod-b", CREATE)]


def test_what_is_made_of_nothing_that_is_there_is_refused_by_the_home_pod():
    refusal = reply({"badRequest": {"code": 400}}, 400)
    made, _ = world(pod_a=lambda asked: NOT_HERE if asked.method == "GET" else refusal, pod_b=NOT_HERE)

    answer = made.services.held.create(TENANT, CREATE, made_of="/os-snapshots/s")
    assert (answer.pod.pod_id, answer.reply) == ("pod-a", refusal)


def test_without_a_pod_nobody_can_say():
    made, _ = world(placed_in=(), pods=[a_pod("pod-a", state=PodState.DISABLED)])

    with pytest.raises(Unavailable):
        made.services.held.send(TENANT, SHOW)


# Lists


def listed(*ids, named="volumes", key="id"):
    return reply({named: [{key: each} for each in ids]})


def page(made, resource=VOLUMES, caller=TENANT, **query):
    return made.services.merged.page(
        caller, resource, ListQuery(**query), PodRequest("GET", f"/{resource.collection}")
    )


def ids(found, key="id"):
    return [row[key] for _, row in found.rows]


def test_a_list_is_that_of_the_projects_pods_the_home_pods_rows_first():
    made, client = world(bound_to="pod-b", pod_a=listed("1", "2"), pod_b=listed("3"))

    assert ids(page(made)) == ["3", "1", "2"]
    assert {pod_id for pod_id, _ in client.asked} == {"pod-a", "pod-b"}


def test_what_several_pods_call_the_same_is_shown_once():
    pools = listed("public", named="floating_ip_pools", key="name")
    made, _ = world(pod_a=pools, pod_b=pools)

    assert ids(page(made, FLOATING_IP_POOLS), "name") == ["public"]


def test_limit_and_offset_count_over_all_pods_and_other_filters_are_the_pods():
    made, client = world(pod_a=listed("1", "2"), pod_b=listed("3", "4"))
    found = page(made, limit=2, pairs=(("name", "x"), ("limit", "2"), ("offset", "1")))

    assert ids(found) == ["2", "3"]
    assert {request.path for _, request in client.asked} == {"/os-volumes?name=x"}


def test_a_limit_of_none_or_more_than_there_is_ends_nothing():
    made, _ = world(pod_a=listed("1", "2"), pod_b=listed("3", "4"))

    assert ids(page(made, limit=0, pairs=(("limit", "0"),))) == ["1", "2", "3", "4"]
    for far in (str(10**30), "9" * 5000):
        assert ids(page(made, pairs=(("offset", far),))) == []


def test_a_list_that_nova_does_not_limit_is_not_limited():
    made, client = world(pod_a=listed("1", "2", named="networks"), pod_b=listed(named="networks"))

    assert ids(page(made, NETWORKS, limit=1, pairs=(("limit", "1"),))) == ["1", "2"]
    assert {request.path for _, request in client.asked} == {"/os-networks?limit=1"}


def test_a_pods_list_is_read_to_its_end():
    full = [str(n) for n in range(1000)]
    made, _ = world(
        placed_in=["pod-a"], pod_a=lambda asked: listed("x") if "offset=1000" in asked.path else listed(*full)
    )

    assert ids(page(made, pairs=(("offset", "999"),))) == ["999", "x"]


def test_what_all_pods_refuse_is_refused_in_their_words():
    refusal = reply({"badRequest": {"code": 400}}, 400)
    made, client = world(pod_a=refusal, pod_b=refusal)

    with pytest.raises(PodRefused):
        page(made, pairs=(("offset", "x"),))
    assert all(request.path == "/os-volumes?offset=x" for _, request in client.asked)


@pytest.mark.parametrize("silence", [None, proxy_page(404), reply({"volumes": 5}), listed("1", key="no-id")])
def test_a_pod_that_says_nothing_is_named_by_its_zone(silence):
    pods = [a_pod("pod-a"), a_pod("pod-b", "az2")]
    made, _ = world(pods=pods, pod_a=listed("1"), pod_b=silence)
    found = page(made)

    assert (ids(found), found.partial) == (["1"], ("az2",))


def test_a_list_that_nobody_answers_is_503():
    made, _ = world(pod_a=None, pod_b=None)

    with pytest.raises(Unavailable):
        page(made)


def test_an_admin_lists_all_pods_with_all_tenants():
    made, _ = world(placed_in=(), pod_a=listed("1"), pod_b=listed("2"), pod_c=listed("3"))

    assert ids(page(made, caller=OPERATOR, all_tenants=True)) == ["1", "2", "3"]
    assert ids(page(made, caller=OPERATOR)) == ["1"]
    assert ids(page(made, all_tenants=True)) == ["1"]
