"""Lost markers: a list of changes goes on after what was deleted before its pod was known."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.model.errors import InvalidField, Unavailable
from tests.service.kinds.nova_pods import NovaCloud, Pairs, Vm, flat
from tests.service.kinds.scripted_pods import proxy_page
from tests.service.kinds.walks import HORIZON, a_limit, any_order, clouds


@given(vms=clouds(), order=any_order, limit=a_limit, strangers=st.sets(st.integers(0, 99), max_size=10))
@example((Vm(1, 0), Vm(3, 0), Vm(2, 1), Vm(4, 1)), (), 1, {1, 2, 3, 4})
@example((Vm(1, 0), Vm(3, 0), Vm(2, 1), Vm(4, 1)), HORIZON, 2, {2, 3})
def test_what_was_deleted_before_we_knew_it_is_a_marker_in_a_list_of_changes(
    vms: tuple[Vm, ...], order: Pairs, limit: int, strangers: set[int]
) -> None:
    cloud, changes = NovaCloud(vms, strangers=strangers), (*order, ("changes-since", "ever"))
    for vm in vms:
        if vm.number in strangers:
            cloud.delete(vm.id)

    pages = cloud.forward(changes, limit)

    assert flat(pages) == cloud.ids(changes)
    assert sorted(flat(pages)) == sorted(cloud.vms)


def test_servers_that_have_no_host_yet_hide_no_such_marker() -> None:
    cloud, changes = NovaCloud((Vm(1, 0), Vm(2, 1, second=1)), strangers={2}), (("changes-since", "ever"),)
    cloud.delete(Vm(2).id)
    cloud.novas["pod-1"].scheduled = [Vm(8, 1).row(), Vm(9, 1).row()]

    assert cloud.ids(changes, 1, Vm(2).id) == [Vm(1).id]


@pytest.mark.parametrize(("pairs", "marker"), [((), Vm(7).id), ((("changes-since", "ever"),), "vm7")])
def test_what_can_be_no_such_marker_costs_no_pod_a_list(pairs: Pairs, marker: str) -> None:
    cloud = NovaCloud((Vm(1, 0), Vm(2, 1)))

    with pytest.raises(InvalidField):
        cloud.page(pairs, 1, marker)

    assert not [request for _, request in cloud.client.asked if "?" in request.path]


def test_while_a_pod_is_silent_nobody_says_that_such_a_marker_never_was() -> None:
    cloud, changes = NovaCloud((Vm(1, 0), Vm(2, 1)), strangers={2}), (("changes-since", "ever"),)
    cloud.delete(Vm(2).id)
    nova = cloud.novas["pod-1"]
    cloud.client.by_pod["pod-1"] = lambda request: (
        proxy_page(504)
        if "?" in request.path
        else nova(request)  # it knows no such server, and lists nothing
    )

    with pytest.raises(Unavailable):
        cloud.page(changes, 1, Vm(2).id)


def test_a_marker_that_no_pod_has_in_the_list_is_refused() -> None:
    cloud = NovaCloud((Vm(1, 0, name="a"), Vm(2, 1, name="b"), Vm(4, 1, name="a")), strangers={2})
    cloud.delete(Vm(2).id)

    for pairs, marker in (
        ((("changes-since", "ever"),), Vm(3).id),
        ((("changes-since", "ever"), ("name", "a")), Vm(2).id),
    ):
        with pytest.raises(InvalidField):
            cloud.page(pairs, 1, marker)
