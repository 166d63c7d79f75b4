"""Walks over the pages of several pods: every server once, in order, and back the same way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.model.list_query import ListQuery
from chalicelib.model.resource import SERVERS
from tests.builders import NOW
from tests.service.kinds.nova_pods import BRIEF, DETAIL, Collation, NovaCloud, Pairs, Vm, flat, turned
from tests.service.kinds.walks import HORIZON, a_limit, any_order, clouds

STRANGE: dict[str, Collation] = {
    "by code points": lambda text: text,
    "backwards": lambda text: [-ord(letter) for letter in text],
    "by length": lambda text: (len(text), text[::-1]),
}


@given(clouds(), any_order, a_limit, st.sampled_from((BRIEF, DETAIL)))
@example((Vm(1, 0), Vm(3, 0), Vm(2, 1), Vm(4, 1)), (), 1, DETAIL)
@example((Vm(1, 0), Vm(3, 0), Vm(2, 1), Vm(4, 1)), HORIZON, 2, BRIEF)
def test_every_server_comes_once_in_order_and_back_in_the_exact_reverse(
    vms: tuple[Vm, ...], order: Pairs, limit: int, path: str
) -> None:
    cloud = NovaCloud(vms)
    whole = cloud.ids(order)

    pages = cloud.forward(order, limit, path)

    assert sorted(whole) == sorted(cloud.vms)
    assert flat(pages) == whole
    assert cloud.ids(turned(order)) == whole[::-1]
    position = ListQuery(order).order(SERVERS).position
    places = [position(cloud.vms[each].row(), 0) for each in whole]
    assert not any(later < earlier for earlier, later in pairwise(places))
    for page in pages:
        before = whole[: whole.index(page[0])]
        assert cloud.ids(turned(order), limit, page[0], path) == before[::-1][:limit]


@pytest.mark.parametrize("collation", STRANGE.values(), ids=STRANGE)
@given(vms=clouds(), order=any_order, limit=a_limit)
@example(
    # Read by length, "Z" holds "web1" back, and more than a page of the other pod's rows goes before it.
    vms=(
        Vm(1, name="Z"),
        Vm(2, name="web1"),
        *(Vm(n, 1, name="web_1") for n in (3, 4, 5)),
        Vm(6, 1, name="zz-zzz"),
    ),
    order=(("sort_key", "display_name"), ("sort_dir", "asc")),
    limit=1,
)
def test_whatever_a_pod_sorts_text_by_no_server_is_lost_or_doubled(
    collation: Collation, vms: tuple[Vm, ...], order: Pairs, limit: int
) -> None:
    cloud = NovaCloud(vms, collation)

    found = flat(cloud.forward(order, limit))

    assert sorted(found) == sorted(cloud.vms)
    assert found == cloud.ids(order)


class Mishap(NamedTuple):
    """Before this page a pod fails, or one comes back, or these servers are deleted."""

    page: int
    failing: int | None = None
    back: int | None = None
    deleted: frozenset[int] = frozenset()


mishaps = st.lists(
    st.builds(
        Mishap,
        st.integers(0, 4),
        st.none() | st.integers(0, 2),
        st.none() | st.integers(0, 2),
        st.frozensets(st.integers(0, 99), max_size=4),
    ),
    max_size=4,
)


@given(clouds(), any_order, a_limit, st.sampled_from((BRIEF, DETAIL)), mishaps)
@example((Vm(1), Vm(2, 1), Vm(3), Vm(4, 1)), (), 2, BRIEF, [Mishap(1, deleted=frozenset({1, 2, 3, 4}))])
@example((Vm(1), Vm(2, 1), Vm(3), Vm(4, 1)), (), 1, DETAIL, [Mishap(1, failing=0), Mishap(3, back=0)])
def test_whatever_fails_or_is_deleted_between_pages_no_server_is_lost_or_doubled(
    vms: tuple[Vm, ...], order: Pairs, limit: int, path: str, mishaps: list[Mishap]
) -> None:
    # Where two pods' rows are equal but for fractions of a second, a stub can't know its pod's order of them.
    cloud = NovaCloud([replace(vm, fraction=0) for vm in vms])
    whole, places = cloud.ids(order), ListQuery(order).order(SERVERS)
    is_told = places.is_shown_by({"id": "", "name": "", "created": ""})
    deleted: set[str] = set()
    excused: set[str] = set()  # what a page didn't show, and no later page had to
    found: list[str] = []
    for number in range(2 * len(vms) + 5):
        for mishap in mishaps:
            if mishap.page == number:
                deleted |= cloud.suffer(mishap.failing, mishap.back, mishap.deleted)
        down = cloud.down()
        if found and not is_told and cloud.pod_of(found[-1]) in down:
            return  # nobody can tell where the page starts: see the test of that
        page = cloud.page(order, limit, found[-1] if found else "", path)
        shown = [listed.row["id"] for listed in page.rows]
        found += shown
        assert page.partial == tuple(sorted(f"az{pod_id[-1]}" for pod_id in down))
        if not is_told:
            excused |= {each for each in whole if cloud.pod_of(each) in down}
        if not page.more:
            break

    assert [each for each in whole if each in found] == found
    assert set(whole) - set(found) <= deleted | excused


def test_a_page_may_start_after_a_server_that_the_list_leaves_out() -> None:
    names = {1: "b", 2: "c", 3: "ba", 6: "be", 7: "cb", 8: "db"}
    cloud = NovaCloud([Vm(number, number % 2, name=name) for number, name in names.items()])
    order: Pairs = (("sort_key", "display_name"), ("sort_dir", "asc"), ("name", "b"))

    assert cloud.ids(order, marker=Vm(2).id) == [Vm(7).id, Vm(8).id]


@pytest.mark.parametrize(
    ("order", "of_the_markers_pod", "of_the_other"),
    [((), 1, 2), (HORIZON, 1, 2), ((("sort_key", "display_name"),), 3, 2)],
)
def test_only_where_pods_may_sort_otherwise_is_the_markers_pod_read_from_its_start(
    order: Pairs, of_the_markers_pod: int, of_the_other: int
) -> None:
    cloud = NovaCloud(
        [Vm(number, pod=number % 2, second=number, name=f"{number:02}") for number in range(20)]
    )
    marker = cloud.forward(order, 2)[3][-1]
    cloud.client.asked.clear()

    cloud.ids(order, 2, marker)

    lists = [pod_id for pod_id, request in cloud.client.asked if request.path.startswith("/servers/detail")]
    markers = f"pod-{cloud.vms[marker].pod}"
    assert lists.count(markers) == of_the_markers_pod
    assert len(lists) - lists.count(markers) == of_the_other


def test_of_a_single_pod_a_page_is_asked_once_whatever_the_order() -> None:
    cloud = NovaCloud([Vm(number, name="b") for number in range(9)])
    cloud.client.asked.clear()

    cloud.ids((("sort_key", "display_name"),), 2, Vm(4).id)

    assert len(cloud.client.asked) == 2  # the marker itself, and what follows it


def test_a_page_may_start_after_a_server_that_was_deleted_at_the_very_place_where_it_stood() -> None:
    # The location knows it by another second: it was written when the create was answered.
    cloud = NovaCloud([Vm(1, 0, second=3), Vm(2, 1, second=2), Vm(3, 0, second=1)])
    marker = cloud.ids((), 2)[-1]
    late = replace(cloud.outside.locations.get(marker), created_at=NOW + timedelta(seconds=9))
    cloud.outside.locations.end(marker, NOW)
    cloud.outside.locations.remember(late)
    cloud.delete(marker)

    assert cloud.ids((), 2, marker) == [Vm(3).id]


def test_lists_without_details_are_asked_for_without_them_once_the_dates_are_known() -> None:
    cloud = NovaCloud([Vm(number, number % 2, second=number) for number in range(10)])
    whole = cloud.ids(())
    cloud.client.asked.clear()

    assert cloud.ids((), path=BRIEF) == whole
    assert {request.path.partition("?")[0] for _, request in cloud.client.asked} == {BRIEF}


@pytest.mark.parametrize("order", [(), (("sort_key", "vm_state"),)])
def test_of_a_single_pod_no_details_are_asked_for_a_list_without_them(order: Pairs) -> None:
    cloud = NovaCloud([Vm(number, second=number) for number in range(4)])

    assert cloud.ids(order, path=BRIEF) == cloud.ids(order)
    assert cloud.client.asked[0][1].path.startswith(f"{BRIEF}?")


def test_only_new_servers_are_asked_for_with_details_to_place_them() -> None:
    cloud = NovaCloud([Vm(number, number % 2, second=number) for number in range(10)])
    cloud.ids((), path=BRIEF)
    cloud.add(Vm(90, 0, second=90))
    cloud.client.asked.clear()

    assert cloud.ids((), path=BRIEF)[0] == Vm(90).id
    details = [request.path for _, request in cloud.client.asked if request.path.startswith(DETAIL)]
    assert [path.endswith("limit=1") for path in details] == [True]


def test_the_date_of_a_server_that_is_building_is_not_believed_for_good() -> None:
    cloud = NovaCloud([Vm(1, 0, second=1, status="BUILD"), Vm(2, 1, second=2)])
    assert cloud.ids((), path=BRIEF) == [Vm(2).id, Vm(1).id]
    cloud.add(Vm(1, 0, second=3))  # its scheduler is done, and Nova has made it anew

    assert cloud.ids((), path=BRIEF) == [Vm(1).id, Vm(2).id]
