"""Lists of all pods that come in pages: each pod's pages are read to their end, which must come."""

from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from chalicelib.adapters.memory.pod_number_store import MemoryPodNumberStore
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.pages import MOST_PAGES
from chalicelib.service.asking.pod_numbers import PodNumbers
from chalicelib.service.kinds.all_pods import AllPods, Gathered, Told, Wanted
from tests.builders import a_pod
from tests.service.desk import OPERATOR
from tests.service.kinds.scripted_pods import ScriptedPods, StrictFanOut, reply, roster_of

POD, OTHER = a_pod("pod-a"), a_pod("pod-b")
WHOLE = Wanted("hypervisors", marker="id", whole=True)
NOTHING = Told(OTHER, {"hypervisors": []})


def page(*ids, more=True):
    """A page of hypervisors; a last one has no link."""
    rows = [{"id": each} for each in ids]
    return reply({"hypervisors": rows, **({"hypervisors_links": [{"rel": "next"}]} if more else {})})


def pages(**after):
    """A pod whose page after a marker is given by the marker, ``first`` without one."""

    def says(request):
        (marker,) = parse_qs(request.path.partition("?")[2]).get("marker", ["first"])
        return after[marker]

    return says


def all_pods(says):
    numbers = PodNumbers(MemoryPodNumberStore())
    client = ScriptedPods(pod_a=says, pod_b=page(more=False))
    return AllPods(roster_of(POD, OTHER), client, StrictFanOut(), numbers, 5.0, 7.0)


def gather(says, path="/os-hypervisors", wanted=WHOLE):
    """What both pods tell, of which the other one has nothing, and what the first was asked."""
    asking = all_pods(says)
    gathered = asking.gather(OPERATOR, PodRequest("GET", path, read_timeout_seconds=60.0), wanted)
    return gathered, [request for pod_id, request in asking.client.asked if pod_id == "pod-a"]


@pytest.mark.parametrize(("path", "sign"), [("/os-hypervisors", "?"), ("/os-hypervisors?limit=2", "&")])
def test_pages_are_read_after_the_last_row_of_each_until_one_has_no_link(path, sign):
    gathered, asked = gather(
        pages(first=page("h1", "h 2"), **{"h 2": page("h3"), "h3": page("h4", more=False)}), path
    )

    rows = [{"id": each} for each in ("h1", "h 2", "h3", "h4")]
    assert gathered == Gathered((Told(POD, {"hypervisors": rows}), NOTHING))
    first = PodRequest("GET", path, read_timeout_seconds=5.0)
    assert asked == [
        first,
        replace(first, path=f"{path}{sign}marker=h+2"),
        replace(first, path=f"{path}{sign}marker=h3"),
    ]


def test_an_empty_page_ends_the_list_though_it_links_to_another():
    gathered, asked = gather(pages(first=page("h1"), h1=page()))

    assert (gathered.rows("hypervisors"), len(asked)) == ([{"id": "h1"}], 2)


def test_an_empty_first_page_with_a_link_is_the_whole_list():
    gathered, asked = gather(pages(first=page()))

    assert (gathered.rows("hypervisors"), len(asked)) == ([], 1)


def test_one_page_is_enough_where_not_the_whole_list_is_wanted():
    gathered, asked = gather(page("h1"), wanted=Wanted("hypervisors", marker="id"))

    assert (gathered.rows("hypervisors"), len(asked)) == ([{"id": "h1"}], 1)


@pytest.mark.parametrize(
    "odd_page",
    [
        page("h1"),  # goes back
        reply({"hypervisors": [{"hypervisor_hostname": "cmp1"}]}),
        reply({"hypervisors": [{"id": None}]}),
        reply({}),
        reply({"a": {}}, 500),
    ],
)
def test_a_pod_whose_next_page_is_none_is_silent(odd_page):
    gathered, _ = gather(pages(first=page("h1"), h1=odd_page))

    assert gathered == Gathered((NOTHING,), (POD,))


def test_the_first_page_must_have_the_marker_too():
    odd_row = reply({"hypervisors": [{"id": 1}]})
    gathered, asked = gather(odd_row, wanted=Wanted("hypervisors", marker="host"))

    assert (gathered, len(asked)) == (Gathered((NOTHING,), (POD,)), 1)


@pytest.mark.parametrize(("length", "is_read"), [(MOST_PAGES, True), (MOST_PAGES + 1, False)])
def test_a_list_may_have_only_so_many_pages(length, is_read):
    number = iter(range(1, length + 1))

    def says(_):
        place = next(number)
        return page(f"h{place}", more=place < length)

    gathered, asked = gather(says)

    assert len(asked) == length
    assert (len(gathered.rows("hypervisors")), gathered.silent) == ((length, ()) if is_read else (0, (POD,)))
