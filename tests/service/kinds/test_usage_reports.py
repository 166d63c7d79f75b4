"""Usage reports: one report over all pods that have some of the servers, page by page as over cells."""

from dataclasses import replace

import pytest

from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import Unavailable
from chalicelib.model.location import Location
from chalicelib.model.pod import PodState
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.kinds.usage_reports import UsagePage
from tests.builders import NOW, PROJECT, SetClock, a_pod
from tests.service.desk import OPERATOR, World
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, StrictFanOut, proxy_page, reply

OLDEST, OTHER, THIRD = a_pod("pod-a", "az1"), a_pod("pod-b", "az2"), a_pod("pod-c", "az1")
PODS = (OLDEST, OTHER, THIRD)
REQUEST = PodRequest("GET", f"/os-simple-tenant-usage/{PROJECT}?detailed=1", read_timeout_seconds=60.0)
REFUSED = reply({"badRequest": {"code": 400}}, 400)
FORBIDDEN = reply({"forbidden": {"code": 403}}, 403)
UNKNOWN_MARKER = reply({"badRequest": {"message": "Marker m could not be found."}}, 400)
UNREADABLE = b'{"tenant_usage": NaN}'
SILENCES = (
    None,
    proxy_page(200),
    proxy_page(400),
    reply({"a": {}}, 500),
    reply({"tenant_usage": {"a": 1}}),
    reply(UNREADABLE),
    reply(UNREADABLE, 202),
    reply({"tenant_usage": {}}, 202),
)
HURRIED = replace(TENANT, deadline=Deadline.after(3.0, SetClock()))


def server(number):
    return {"instance_id": f"00000000-0000-4000-8000-{number:012}", "hours": 2, "vcpus": 3}


def project(*numbers, tenant_id=PROJECT):
    """What a pod tells of a project whose servers have these numbers."""
    return {"tenant_id": tenant_id, "server_usages": [server(number) for number in numbers]}


def report(*numbers):
    return reply({"tenant_usage": project(*numbers)})


def all_reports(*projects):
    return reply({"tenant_usages": list(projects)})


def summed(*numbers, tenant_id=PROJECT):
    """The project as clients see it, with sums over these servers."""
    hours = 2 * len(numbers)
    sums = {"total_local_gb_usage": 0, "total_vcpus_usage": 3 * hours, "total_memory_mb_usage": 0}
    return {**project(*numbers, tenant_id=tenant_id), "total_hours": hours, **sums}


def reports(pods=PODS, placed_in=("pod-a", "pod-b", "pod-c"), **says):
    world = World(*pods)
    for pod_id in placed_in:
        world.outside.projects.add(PROJECT, pod_id)
    scripted = ScriptedPods(**says)
    return replace(
        world.services.usage_reports, client=scripted, fan_out=StrictFanOut(), deadline_seconds=5.0
    )


def page(caller=TENANT, project_id=PROJECT, most=None, marker="", request=REQUEST, **given):
    """The page, and which pods were asked for which paths."""
    asking = reports(**given)
    found = asking.page(caller, project_id, request, most, marker)
    assert all(
        asked == replace(request, path=asked.path, read_timeout_seconds=5.0)
        for _, asked in asking.client.asked
    )
    return found, [(pod_id, asked.path) for pod_id, asked in asking.client.asked]


def test_a_project_is_told_of_its_servers_in_all_its_pods_oldest_first():
    found, asked = page(placed_in=("pod-c", "pod-a"), pod_a=report(1, 2), pod_c=report(3))

    assert found == UsagePage([summed(1, 2, 3)], "", ())
    assert asked == [("pod-a", REQUEST.path), ("pod-c", REQUEST.path)]


@pytest.mark.parametrize(("caller", "wait"), [(TENANT, 5.0), (HURRIED, 3.0)])
def test_nobody_waits_longer_than_a_pod_may_take_or_than_the_request_has(caller, wait):
    asking = reports(pod_a=report(1), pod_b=report(2), pod_c=report(3))

    asking.page(caller, PROJECT, REQUEST, None, "")

    assert asking.fan_out.waits == [wait]


@pytest.mark.parametrize("project_id", ["", PROJECT])
def test_an_operator_is_told_what_all_pods_have(project_id):
    found, asked = page(
        OPERATOR,
        project_id,
        placed_in=(),
        pod_a=all_reports(project(1), project(2, tenant_id="other")),
        pod_b=reply({"tenant_usage": {}}),
        pod_c=all_reports(project(3)),
    )

    assert found == UsagePage([summed(1, 3), summed(2, tenant_id="other")], "", ())
    assert [pod_id for pod_id, _ in asked] == ["pod-a", "pod-b", "pod-c"]


def test_a_project_that_was_placed_nowhere_has_its_query_judged_by_the_oldest_pod_open_to_it():
    ours = a_pod("pod-a", allowed_project_ids=frozenset({PROJECT}))
    pods = (a_pod("pod-0", state=PodState.DISABLED), ours, OTHER)

    assert page(pods=pods, placed_in=(), pod_a=reply({"tenant_usage": {}})) == (
        UsagePage([], "", ()),
        [("pod-a", REQUEST.path)],
    )


def test_a_pod_that_is_not_proven_is_asked_only_if_it_has_servers_of_ours():
    pods = (a_pod("pod-a", proven=False), OTHER)
    placed_in = ("pod-a", "pod-b")
    says = {"pod_a": report(1), "pod_b": report(2)}
    _, asked = page(pods=pods, placed_in=placed_in, **says)
    assert [pod_id for pod_id, _ in asked] == ["pod-b"]

    asking = reports(pods=pods, placed_in=placed_in, **says)
    asking.located.locations.remember(Location("vm", "other", "pod-a", NOW))
    assert asking.page(TENANT, PROJECT, REQUEST, None, "") == UsagePage([summed(1, 2)], "", ())


@pytest.mark.parametrize("silence", SILENCES)
def test_a_pod_that_tells_nothing_is_named_by_its_zone(silence):
    found, _ = page(pod_a=silence, pod_b=report(1), pod_c=silence)

    assert found == UsagePage([summed(1)], "", ("az1",))


def test_a_pod_that_refuses_what_another_tells_counts_as_silent():
    found, _ = page(pod_a=None, pod_b=REFUSED, pod_c=report(1))

    assert found == UsagePage([summed(1)], "", ("az1", "az2"))


@pytest.mark.parametrize("other", [FORBIDDEN, None])
def test_a_query_that_nobody_takes_is_refused_in_the_oldest_ones_words(other):
    with pytest.raises(PodRefused) as refused:
        page(pod_a=other, pod_b=REFUSED, pod_c=FORBIDDEN)

    answer = PodAnswer(OTHER, REFUSED) if other is None else PodAnswer(OLDEST, FORBIDDEN)
    assert refused.value.answer == answer


def test_where_no_pod_answers_there_is_no_report():
    with pytest.raises(Unavailable):
        page(pod_a=None, pod_b=None, pod_c=None)


def test_where_there_is_no_pod_the_report_is_empty():
    assert page(pods=(), placed_in=()) == (UsagePage([], "", ()), [])


@pytest.mark.parametrize(
    ("most", "numbers", "last"), [(2, (1, 2), 2), (3, (1, 2, 3), 3), (4, (1, 2, 3), None)]
)
def test_a_page_ends_with_its_last_server_where_more_may_follow(most, numbers, last):
    found, _ = page(most=most, pod_a=report(1, 2), pod_b=report(3), pod_c=report())

    assert [each["instance_id"] for each in found.projects[0]["server_usages"]] == [
        server(number)["instance_id"] for number in numbers
    ]
    assert found.last == (server(last)["instance_id"] if last else "")


def after(reply_after, without=REFUSED):
    """A pod that replies this after a marker, and else the other."""
    return lambda request: reply_after if "marker=" in request.path else without


@pytest.mark.parametrize(
    ("path", "sign"), [("/os-simple-tenant-usage", "?"), ("/os-simple-tenant-usage?a=1", "&")]
)
def test_a_page_goes_on_after_the_marker_in_its_pod_and_then_in_the_younger_ones(path, sign):
    found, asked = page(
        marker="vm 1",
        request=replace(REQUEST, path=path),
        pod_a=after(UNKNOWN_MARKER),
        pod_b=after(report(2)),
        pod_c=after(UNKNOWN_MARKER, report(3)),
    )

    assert found == UsagePage([summed(2, 3)], "", ())
    with_marker = [(pod.pod_id, f"{path}{sign}marker=vm+1") for pod in PODS]
    assert asked == [*with_marker, ("pod-c", path)]


def test_the_last_pod_may_end_the_report():
    found, asked = page(
        marker="vm", pod_a=after(UNKNOWN_MARKER), pod_b=after(UNKNOWN_MARKER), pod_c=after(report(3))
    )

    assert found == UsagePage([summed(3)], "", ())
    assert len(asked) == 3


def test_a_pod_that_is_silent_twice_is_named_once_and_one_before_the_marker_too():
    found, _ = page(marker="vm", pod_a=None, pod_b=after(report(2)), pod_c=None)

    assert found == UsagePage([summed(2)], "", ("az1",))


@pytest.mark.parametrize(
    ("youngest", "numbers", "partial"), [(report(3), (1, 3), ("az2",)), (REFUSED, (1,), ("az1", "az2"))]
)
def test_younger_pods_that_refuse_the_rest_leave_what_the_markers_pod_told(youngest, numbers, partial):
    found, _ = page(
        marker="vm",
        pod_a=after(report(1)),
        pod_b=after(UNKNOWN_MARKER, FORBIDDEN),
        pod_c=after(UNKNOWN_MARKER, youngest),
    )

    assert found == UsagePage([summed(*numbers)], "", partial)


def test_a_marker_that_no_pod_knows_is_refused_in_the_oldest_ones_words():
    with pytest.raises(PodRefused) as refused:
        page(marker="m", pod_a=UNKNOWN_MARKER, pod_b=FORBIDDEN, pod_c=UNKNOWN_MARKER)

    assert refused.value.answer == PodAnswer(OLDEST, UNKNOWN_MARKER)


@pytest.mark.parametrize(
    "given", [{"pods": (), "placed_in": ()}, {"pod_a": None, "pod_b": UNKNOWN_MARKER, "pod_c": REFUSED}]
)
def test_a_marker_that_a_silent_pod_may_know_cannot_be_looked_up(given):
    with pytest.raises(Unavailable, match="marker"):
        page(marker="m", **given)
