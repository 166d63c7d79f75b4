"""What every stray store does."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.model.stray import Stray
from tests.builders import NOW, PROJECT

STRAY = Stray("server-1", "pod-a", PROJECT, "vm", NOW, NOW, "trio2o:abc:1", fits=True)


def test_a_stray_is_read_as_it_was_noted_and_those_seen_first_come_first(stores):
    assert stores.strays.list() == []
    earlier = replace(STRAY, server_id="server-2", name="", seen_at=NOW - timedelta(seconds=1), fits=False)
    stores.strays.put(STRAY)
    stores.strays.put(earlier)

    assert stores.strays.list() == [earlier, STRAY]


def test_what_was_noted_first_stays_and_is_forgotten_once_or_twice(stores):
    stores.strays.put(STRAY)
    stores.strays.put(replace(STRAY, seen_at=NOW + timedelta(minutes=1)))
    assert stores.strays.list() == [STRAY]
    for _ in range(2):
        stores.strays.forget("server-1")

    assert stores.strays.list() == []
