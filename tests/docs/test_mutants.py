"""The scores of the mutation tester, as its files hold them."""

import json

import pytest

from docs.mutants import drawn, interval, mutants, table, untried


def rooms_of(**sizes):
    return {
        room: dict.fromkeys((f"{room}-{number}" for number in range(size)), None)
        for room, size in sizes.items()
    }


def test_mutants_are_counted_by_room_and_those_that_were_not_tried_do_not_count(tmp_path):
    folder = tmp_path / "chalicelib" / "service" / "asking"
    folder.mkdir(parents=True)
    for name, codes in (("rounds", [1, 0, None, 36]), ("pages", [1, 33]), ("owner", [None])):
        keyed = {f"{name}_{number}": code for number, code in enumerate(codes)}
        (folder / f"{name}.py.meta").write_text(json.dumps({"exit_code_by_key": keyed}))

    everything = mutants(tmp_path.rglob("*.meta"))
    lines = table(everything, everything).splitlines()

    assert lines[2] == "| service/asking | 7 | 5 | 2 | 1 | 1 | 1 | 60.0% | 23.1% to 88.2% |"
    assert lines[3] == "| all | 7 | 5 | 2 | 1 | 1 | 1 | 60.0% | 23.1% to 88.2% |"
    assert untried(everything) == ["owner_0", "rounds_2"]


def test_a_room_of_which_no_mutant_was_judged_has_no_score():
    everything = rooms_of(asking=3)

    assert "| asking | 3 | 0 | 0 | 0 | 0 | 0 |  |  |" in table(everything, everything)


def test_each_room_is_drawn_from_in_proportion_to_its_mutants():
    sample = drawn(rooms_of(asking=101, creating=250, kinds=49), 40, seed=1)

    assert {room: len(names) for room, names in sample.items()} == {"asking": 10, "creating": 25, "kinds": 5}


def test_a_sample_larger_than_all_is_all():
    assert drawn(rooms_of(asking=3, kinds=2), 99, seed=1).keys() == {"asking", "kinds"}
    assert len(untried(drawn(rooms_of(asking=3, kinds=2), 99, seed=1))) == 5


def test_a_seed_draws_the_same_mutants_again_and_a_larger_sample_begins_with_the_smaller():
    rooms = rooms_of(asking=100, kinds=60)

    assert drawn(rooms, 16, seed=1) == drawn(rooms, 16, seed=1)
    assert drawn(rooms, 16, seed=1) != drawn(rooms, 16, seed=2)
    assert set(untried(drawn(rooms, 16, seed=1))) < set(untried(drawn(rooms, 32, seed=1)))


@pytest.mark.parametrize(
    ("noticed", "judged", "low", "high"),
    [(0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662), (10, 10, 0.7225, 1.0)],
)
def test_the_interval_is_wilsons(noticed, judged, low, high):
    assert interval(noticed, judged) == pytest.approx((low, high), abs=5e-5)
