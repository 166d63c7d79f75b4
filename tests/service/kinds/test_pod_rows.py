"""Pod rows: of one pod no more is read than is needed, and with details only where they tell."""

from dataclasses import replace
from itertools import islice
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.model.errors import NoAnswer
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.dates import Dates
from chalicelib.service.asking.pages import Listed
from chalicelib.service.kinds.pod_rows import PodRows
from chalicelib.service.kinds.walk import Walk
from tests.builders import a_pod
from tests.service.kinds.nova_pods import NovaPod, Vm
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, reply

POD = a_pod("pod-a")
BRIEF, DETAIL = "/servers", "/servers/detail"
BY_DATE = "sort_key=created_at&sort_dir=desc&sort_key=uuid&sort_dir=desc"
ALONE, AMONG_OTHERS = {"pod-a": 0}, {"pod-a": 0, "pod-b": 1}


class Reading:
    """A pod with these servers, made one second after the other, and what reads it."""

    def __init__(self, *numbers):
        self.nova = NovaPod(Vm(number, second=number) for number in numbers)
        self.client, self.dates = ScriptedPods(pod_a=self.nova), Dates()
        self.rows = PodRows(self.client, self.dates, 5.0)

    def after(self, path=DETAIL, ranks=AMONG_OTHERS, limit=None, marker="", most=None, pairs=()):
        """The ids of the rows that are read, ``most`` at most, and the request that they are read by."""
        query, request = ListQuery(pairs, limit), PodRequest("GET", path, token="a-token", request_id="req-1")
        walk = Walk(TENANT, SERVERS, query, request, False, query.order(SERVERS), ranks, None)
        found = list(islice(self.rows.after(POD, walk, marker), most))
        for pod_id, asked in self.client.asked:
            assert pod_id == "pod-a"
            assert asked == replace(request, path=asked.path, read_timeout_seconds=5.0)
        assert all(pod is POD for pod, _ in found)
        return found

    def asked(self):
        """The paths since this was last asked."""
        paths = [request.path for _, request in self.client.asked]
        self.client.asked.clear()
        return paths


def numbers(found):
    return [int(row["id"][-3:]) for _, row in found]


def limits(paths):
    return [int(parse_qs(urlsplit(path).query)["limit"][0]) for path in paths]


def test_a_list_is_read_in_the_pods_own_order_after_the_marker():
    reading = Reading(1, 2, 3)

    assert numbers(reading.after()) == [3, 2, 1]
    assert reading.asked() == [f"{DETAIL}?{BY_DATE}&limit=1000"]
    assert numbers(reading.after(marker=Vm(3).id)) == [2, 1]
    assert reading.asked() == [f"{DETAIL}?{BY_DATE}&limit=1000&marker={Vm(3).id}"]


def test_who_walks_on_asks_for_four_times_as_much_each_time_up_to_novas_own_limit():
    reading = Reading(*range(700))

    assert len(reading.after(limit=1)) == 700
    assert limits(reading.asked()) == [2, 8, 32, 128, 512, 1000]


def test_no_page_is_read_before_a_row_of_it_is_needed():
    reading = Reading(*range(9))

    assert numbers(reading.after(limit=1, most=2)) == [8, 7]
    assert limits(reading.asked()) == [2]
    assert numbers(reading.after(limit=1, most=3)) == [8, 7, 6]
    assert limits(reading.asked()) == [2, 8]


def test_rows_of_a_single_pod_need_no_details_where_the_client_wants_none():
    reading = Reading(1, 2)

    assert reading.after(BRIEF, ALONE) == [Listed(POD, {"id": Vm(n).id, "name": "vm"}) for n in (2, 1)]
    assert reading.asked() == [f"{BRIEF}?{BY_DATE}&limit=1000"]
    reading.after(DETAIL, ALONE)
    assert reading.asked() == [f"{DETAIL}?{BY_DATE}&limit=1000"]


def test_among_others_rows_are_read_with_details_until_their_dates_are_known():
    reading = Reading(1, 2)
    detailed = [Vm(number, second=number).row() for number in (2, 1)]

    assert [row for _, row in reading.after(BRIEF)] == detailed
    assert reading.asked() == [f"{DETAIL}?{BY_DATE}&limit=1000"]
    dated = [{key: row[key] for key in ("id", "name", "created")} for row in detailed]
    assert [row for _, row in reading.after(BRIEF)] == dated
    assert reading.asked() == [f"{BRIEF}?{BY_DATE}&limit=1000"]


@pytest.mark.parametrize(
    ("key", "path"), [("display_name", BRIEF), ("uuid", BRIEF), ("created_at", DETAIL), ("vm_state", DETAIL)]
)
def test_rows_show_what_they_are_merged_by(key, path):
    reading = Reading(1, 2)

    reading.after(BRIEF, pairs=(("sort_key", key),))

    assert [urlsplit(asked).path for asked in reading.asked()] == [path]


def test_a_known_date_does_not_help_where_another_field_is_merged_by_too():
    reading = Reading(1, 2)
    reading.after()
    reading.asked()

    reading.after(BRIEF, pairs=(("sort_key", "vm_state"), ("sort_key", "created_at")))

    assert [urlsplit(asked).path for asked in reading.asked()] == [DETAIL]


def test_details_are_read_up_to_the_last_row_whose_date_is_not_known():
    reading = Reading(1, 2, 3, 5)
    reading.after()
    reading.asked()
    for new in (4, 6):
        reading.nova.add(Vm(new, second=new))

    found = reading.after(BRIEF)

    assert numbers(found) == [6, 5, 4, 3, 2, 1]
    assert [row["created"] for _, row in found] == [
        Vm(n, second=n).row()["created"] for n in (6, 5, 4, 3, 2, 1)
    ]
    assert reading.asked() == [f"{BRIEF}?{BY_DATE}&limit=1000", f"{DETAIL}?{BY_DATE}&limit=3"]
    reading.after(BRIEF)
    assert reading.asked() == [f"{BRIEF}?{BY_DATE}&limit=1000"], "what was read is known from then on"


def test_the_details_are_those_after_the_same_marker():
    reading = Reading(1, 2)
    reading.after()
    reading.nova.add(Vm(0))
    reading.asked()

    assert numbers(reading.after(BRIEF, marker=Vm(2).id)) == [1, 0]
    assert reading.asked() == [
        f"{BRIEF}?{BY_DATE}&limit=1000&marker={Vm(2).id}",
        f"{DETAIL}?{BY_DATE}&limit=2&marker={Vm(2).id}",
    ]


@pytest.mark.parametrize("limit", [None, 1])
def test_where_rows_come_between_two_answers_one_answer_alone_tells_the_page(limit):
    reading = Reading(1, 2)
    reading.after()
    reading.asked()
    reading.nova.add(Vm(3, second=3))

    def grows(request):
        said = reading.nova(request)
        if urlsplit(request.path).path == BRIEF:
            reading.nova.add(Vm(4, second=4))
        return said

    reading.client.by_pod["pod-a"] = grows
    most = 2 if limit else None
    assert numbers(reading.after(BRIEF, limit=limit, most=most)) == [4, 3, 2, 1][: most or 4]
    whole = limit + 1 if limit else 1000
    assert limits(reading.asked()) == [whole, 1, whole]


def test_that_answer_is_read_after_the_same_marker():
    reading = Reading(1, 2, 3)
    reading.after()
    reading.nova.add(Vm(0))
    gone = Vm(0).id

    def shrinks(request):
        said = reading.nova(request)
        if urlsplit(request.path).path == BRIEF:
            reading.nova.deleted.add(gone)
        return said

    reading.client.by_pod["pod-a"] = shrinks
    assert numbers(reading.after(BRIEF, marker=Vm(3).id)) == [2, 1]


def test_rows_of_a_page_without_details_keep_that_another_page_follows():
    reading = Reading(1, 2, 3)
    reading.after()
    reading.asked()

    assert numbers(reading.after(BRIEF, limit=1)) == [3, 2, 1]
    assert limits(reading.asked()) == [2, 8]
    reading.nova.add(Vm(4, second=4))
    assert numbers(reading.after(BRIEF, limit=1)) == [4, 3, 2, 1]
    assert limits(reading.asked()) == [2, 1, 8]


def test_a_pod_that_gives_no_list_is_silent():
    reading = Reading()
    reading.client.by_pod["pod-a"] = reply({"servers": None})

    with pytest.raises(NoAnswer):
        reading.after()


def test_a_pod_whose_pages_go_back_is_silent():
    reading = Reading()
    reading.client.by_pod["pod-a"] = reply({"servers": [Vm(1).row()], "servers_links": [{"rel": "next"}]})

    with pytest.raises(NoAnswer, match="a list of PodA goes back"):
        reading.after()
