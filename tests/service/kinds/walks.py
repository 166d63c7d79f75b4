"""Walks: the clouds, orders and limits over which lists are walked page by page."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.service.kinds.nova_pods import Pairs, Vm

NAMES = ("a", "A", "b", "web-1", "web1", "web_1", "web-10", "Z")
HORIZON: Pairs = tuple(("sort_key", key) for key in ("created_at", "display_name", "uuid"))


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
