"""ListQuery: what selects, and by what the rows of several pods are ordered."""

from __future__ import annotations

import pytest

from chalicelib.model.list_query import ListQuery
from chalicelib.model.resource import FLAVORS, SERVERS, Resource


def sorted_by(*keys: str, directions: tuple[str, ...] = (), **more: str) -> ListQuery:
    pairs = [("sort_key", key) for key in keys] + [("sort_dir", each) for each in directions]
    return ListQuery((*pairs, *more.items()))


def fields(query: ListQuery) -> list[tuple[str, bool]]:
    """What rows of several pods are compared by; the unique key at the end is left out."""
    keys = query.order(SERVERS).keys
    return [(key.field, descends) for key, descends in keys if key.field != "id"]


def sent(query: ListQuery, resource: Resource = SERVERS) -> list[tuple[str, str]]:
    """The keys that a pod sorts by, with their directions."""
    pairs = query.for_pod(resource, "")
    values = {name: [value for key, value in pairs if key == name] for name in ("sort_key", "sort_dir")}
    return list(zip(values["sort_key"], values["sort_dir"], strict=True))


def test_what_selects_is_neither_page_nor_order_and_the_last_value_counts() -> None:
    query = sorted_by("uuid", directions=("asc",), limit="5", marker="m", all_tenants="1", name="a")

    assert query.filters == {"name": "a"}
    assert ListQuery((*query.pairs, ("name", "b"))).filters == {"name": "b"}


def test_without_a_sort_key_the_newest_is_first() -> None:
    assert fields(ListQuery()) == [("created", True)]
    assert fields(sorted_by(directions=("asc",))) == [("created", False)]


@pytest.mark.parametrize(
    ("directions", "descending"),
    [((), "dd"), (("asc",), "aa"), (("desc", "asc"), "da"), (("asc", "desc"), "ad")],
)
def test_each_key_has_its_direction_and_the_first_is_repeated(
    directions: tuple[str, ...], descending: str
) -> None:
    query = sorted_by("vm_state", "display_name", directions=directions)

    assert [each == "d" for each in descending] == [descends for _, descends in fields(query)]
    assert query.order(SERVERS).descends is (descending[0] == "d")


def test_after_a_time_without_its_fractions_no_key_is_compared() -> None:
    query = sorted_by("created_at", "display_name", "uuid")

    order = query.order(SERVERS)
    assert [key.field for key, _ in order.keys] == ["created"]
    assert [key.field for key, _ in order.beyond] == ["name", "id"]
    assert order.is_whole


def test_from_a_key_on_that_no_field_shows_nothing_is_compared_and_the_order_says_so() -> None:
    query = sorted_by("vm_state", "instance_type_id", "uuid")

    order = query.order(SERVERS)
    assert [key.field for key, _ in order.keys] == ["OS-EXT-STS:vm_state"]
    assert not order.is_whole


@pytest.mark.parametrize(("keys", "sure"), [(["power_state", "uuid"], True), (["display_name"], False)])
def test_an_order_is_sure_when_every_database_sorts_so(keys: list[str], sure: bool) -> None:
    assert sorted_by(*keys).order(SERVERS).is_sure is sure


def test_keys_that_nova_ignores_are_ignored_with_their_directions() -> None:
    assert fields(sorted_by("vcpus", "user_id", directions=("asc", "desc"))) == [("user_id", True)]
    assert fields(sorted_by("memory_mb", directions=("asc",))) == [("created", True)]


def test_a_pod_is_asked_to_break_ties_by_the_unique_key_in_the_first_direction() -> None:
    assert sent(ListQuery()) == [("created_at", "desc"), ("uuid", "desc")]
    assert sent(sorted_by("host", "vm_state", directions=("asc", "desc"))) == [
        ("host", "asc"),
        ("vm_state", "desc"),
        ("uuid", "asc"),
    ]
    assert sent(sorted_by("uuid", directions=("asc",))) == [("uuid", "asc")]


def test_an_ignored_key_reaches_the_pod_which_may_refuse_it_and_changes_nothing_else() -> None:
    assert sent(sorted_by("vcpus", directions=("asc",))) == [
        ("vcpus", "asc"),
        ("created_at", "desc"),
        ("uuid", "desc"),
    ]


def test_more_directions_than_keys_are_left_for_the_pod_to_refuse() -> None:
    query = sorted_by("uuid", directions=("asc", "desc"))

    assert query.for_pod(SERVERS, "") == query.pairs


def test_where_no_key_is_unique_a_pod_gets_the_clients_own_order() -> None:
    query = sorted_by("flavorid", directions=("asc",), is_public="None")

    assert query.for_pod(FLAVORS, "") == query.pairs


def test_a_pod_gets_the_same_selection_with_a_page_of_its_own() -> None:
    query = ListQuery((("name", "a"), ("limit", "5"), ("name", "b"), ("marker", "m")))

    order = (("sort_key", "created_at"), ("sort_dir", "desc"), ("sort_key", "uuid"), ("sort_dir", "desc"))
    kept = (("name", "a"), ("name", "b"), *order)
    assert query.for_pod(SERVERS, "") == kept
    assert query.for_pod(SERVERS, "x", 3) == (*kept, ("limit", "3"), ("marker", "x"))


@pytest.mark.parametrize(("limit", "most"), [(None, 1000), (0, 0), (5, 5), (5000, 1000)])
def test_a_page_has_no_more_rows_than_nova_gives_at_once(limit: int | None, most: int) -> None:
    assert ListQuery(limit=limit).most_rows == most
