"""What every unfinished store does."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.model.shared_write import UnfinishedWrite
from tests.builders import NOW

WRITE = UnfinishedWrite(
    call_id="call-1",
    title="flavor 1",
    call="POST /flavors",
    begun_at=NOW,
    request_id="req-1",
    user_id="user-1",
    made_id="id-1",
    fates="done in PodA",
)


def test_a_write_is_read_as_it_was_noted_and_the_oldest_first(stores):
    assert stores.unfinished.list() == []
    bare = replace(WRITE, call_id="call-0", begun_at=NOW + timedelta(seconds=1), made_id="", fates="")

    stores.unfinished.put(bare)
    stores.unfinished.put(WRITE)

    assert stores.unfinished.list() == [WRITE, bare]


def test_a_call_is_noted_once(stores):
    stores.unfinished.put(replace(WRITE, fates=""))
    stores.unfinished.put(WRITE)

    assert stores.unfinished.list() == [WRITE]


def test_what_is_done_is_forgotten_and_twice_is_harmless(stores):
    stores.unfinished.put(WRITE)

    for _ in range(2):
        stores.unfinished.forget("call-1")

    assert stores.unfinished.list() == []
