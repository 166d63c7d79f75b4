"""Walks over the pages of several pods: every server once, in order, and back the same way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.model.list_query import ListQuery
from chalicelib.model.resource import SERVERS
from tests.service.kinds.nova_pods import Collation, NovaCloud, Pairs, Vm, flat, turned

NAMES = ("a", "A", "b", "web-1", "web1", "web_1", "web-10", "Z")
HORIZON: Pairs = tuple(("sort_key", key) for key in ("created_at", "display_name", "uuid"))
STRANGE: dict[str, Collation] = {
    "by code points": lambda text: text,
    "backwards": lambda text: [-ord(letter) for letter in text],
    "by length": lambda text: (len(text), text[::-1]),
}


@st.composite
def clouds(draw: st.DrawFn) -> tuple[Vm, ...]:
    """Up to ten servers in three pods, many of them of one second and one name."""
    numbers = draw(st.lists(st.integers(0, 99), max_size=10, unique=True))
    return tuple(
        Vm(
            number,
            pod=draw(st.integers(0, 2)),
            second=draw(st.integers(0, 2)),
            fraction=draw(st.sampled_from((0, 1, 2))),
            name=draw(st.sampled_from(NAMES)),
            state=draw(st.sampled_from(("active", "error", "shelved", "shelved_offloaded"))),
            launched=draw(st.sampled_from((None, 0, 1))),
            power=draw(st.integers(0, 2)),
        )
        for number in numbers
    )


def orders(*keys: str) -> st.SearchStrategy[Pairs]:
    """None, some or all of these keys, with no direction, one for all, or one for each."""

    @st.composite
    def pairs(draw: st.DrawFn) -> Pairs:
        chosen = draw(st.lists(st.sampled_from(keys), max_size=3, unique=True))
        most = draw(st.sampled_from((0, 1, max(1, len(chosen)))))
        directions = [draw(st.sampled_from(("asc", "desc"))) for _ in range(most)]
        return (*(("sort_key", key) for key in chosen), *(("sort_dir", each) for each in directions))

    return pairs()


any_order = orders("created_at", "display_name", "vm_state", "launched_at", "power_state", "uuid")
a_limit = st.integers(1, 4)


@given(clouds(), any_order, a_limit)
@example((Vm(1, 0), Vm(3, 0), Vm(2, 1), Vm(4, 1)), (), 1)
@example((Vm(1, 0), Vm(3, 0), Vm(2, 1), Vm(4, 1)), HORIZON, 2)
def test_every_server_comes_once_in_order_and_back_in_the_exact_reverse(
    vms: tuple[Vm, ...], order: Pairs, limit: int
) -> None:
    cloud = NovaCloud(vms)
    whole = cloud.ids(order)

    pages = cloud.forward(order, limit)

    assert sorted(whole) == sorted(cloud.vms)
    assert flat(pages) == whole
    assert cloud.ids(turned(order)) == whole[::-1]
    position = ListQuery(order).order(SERVERS).position
    places = [position(cloud.vms[each].row(), 0) for each in whole]
    assert not any(later < earlier for earlier, later in pairwise(places))
    for page in pages:
        before = whole[: whole.index(page[0])]
        assert cloud.ids(turned(order), limit, page[0]) == before[::-1][:limit]


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


@given(clouds(), any_order, a_limit, st.integers(0, 2), st.integers(0, 5))
def test_a_pod_that_fails_between_two_pages_doubles_nothing_and_is_told_of(
    vms: tuple[Vm, ...], order: Pairs, limit: int, failing: int, after: int
) -> None:
    cloud = NovaCloud([Vm(**{**_fields(vm), "fraction": 0}) for vm in vms])
    pages = cloud.forward(order, limit)[:after]
    shown = flat(pages)
    cloud.client.by_pod[f"pod-{failing}"] = None

    is_answered = ListQuery(order).order(SERVERS).is_shown_by({"id": "", "name": "", "created": ""})
    if not is_answered and shown and cloud.vms[shown[-1]].pod == failing:
        return  # nobody can tell where the next page starts: see the test of that
    rest = cloud.page(order, marker=shown[-1] if shown else "")

    found = shown + [listed.row["id"] for listed in rest.rows]
    left_out = {vm.id for vm in vms if vm.pod == failing and not is_answered and vm.id not in shown}
    assert sorted(found) == sorted(set(cloud.vms) - left_out)
    assert rest.partial == ((f"az{failing}",) if any(vm.pod == failing for vm in vms) else ())


def _fields(vm: Vm) -> dict[str, object]:
    return {name: getattr(vm, name) for name in Vm.__dataclass_fields__}


def test_a_page_may_start_after_a_server_that_the_list_leaves_out() -> None:
    names = {1: "b", 2: "c", 3: "ba", 6: "be", 7: "cb", 8: "db"}
    cloud = NovaCloud([Vm(number, number % 2, name=name) for number, name in names.items()])
    order: Pairs = (("sort_key", "display_name"), ("sort_dir", "asc"), ("name", "b"))

    assert cloud.ids(order, marker=Vm(2).id) == [Vm(7).id, Vm(8).id]


@pytest.mark.parametrize(
    ("order", "of_the_markers_pod", "of_the_other"),
    [((), 1, 3), (HORIZON, 1, 3), ((("sort_key", "display_name"),), 3, 3)],
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
