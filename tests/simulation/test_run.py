import pytest

from chalicelib.model.errors import InvalidField
from chalicelib.model.flavor import Flavor
from simulation import comparison
from simulation.arrival import Arrival
from simulation.run import play
from simulation.scenario import Addition, Loss, Scenario
from simulation.site import Site, a_pod

HOUR = 3600.0
SMALL = Flavor("small", "small", vcpus=1, ram_mb=1024, root_gb=10)
SITE = Site((a_pod("a", "az1", 20, 100, 1000), a_pod("b", "az1", 20, 100, 1000)), {"small": SMALL})


def every(seconds, number, project="p", lifetime=100 * HOUR):
    return [Arrival(seconds * turn, project, "small", "az1", lifetime) for turn in range(number)]


def test_a_project_stays_in_its_pod_and_moves_when_that_is_full():
    outcome = play(SITE, every(600.0, 25), Scenario("as it is"))

    # 19 fit under the keep watermark of 95 %; the 20th moves the binding.
    assert outcome.actions == {"create": 1, "keep": 23, "update": 1}
    assert not outcome.refused


def test_what_finds_no_room_is_rejected_and_counted_by_reason():
    outcome = play(SITE, every(600.0, 45), Scenario("as it is"))

    assert outcome.refused == {"409": 45 - outcome.actions.total()}
    assert max(sample.fill for sample in outcome.samples) <= 0.95


def test_a_server_whose_life_ends_makes_room():
    outcome = play(SITE, every(600.0, 100, lifetime=HOUR), Scenario("as it is"))

    assert outcome.actions == {"create": 1, "keep": 99}
    assert max(sample.fill for sample in outcome.samples) <= 0.35


def test_a_lost_pods_binding_moves_to_the_other():
    (home,) = play(SITE, every(600.0, 1), Scenario("as it is")).bound.values()

    outcome = play(SITE, every(600.0, 12), Scenario("lost", losses=(Loss(home, HOUR - 60),)))

    assert outcome.actions["update"] == 1
    assert list(outcome.bound.values()) != [home]


def test_a_new_pod_takes_what_was_rejected():
    new = Addition(a_pod("c", "az1", 100, 500, 5000), at=HOUR)

    assert not play(SITE, every(600.0, 45), Scenario("new", additions=(new,))).refused


def test_the_same_run_twice_is_the_same():
    arrivals = every(60.0, 30) + every(60.0, 30, "q")

    first, second = (play(SITE, arrivals, Scenario("as it is")) for _ in range(2))

    assert first == second


@pytest.mark.parametrize(
    ("arrivals", "scenario", "field"),
    [
        ([Arrival(0.0, "p", "giant", "az1", 1.0)], Scenario("s"), "flavor"),
        ([], Scenario("s", losses=(Loss("z", 0.0),)), "lose"),
        ([], Scenario("s", additions=(Addition(a_pod("a", "az1", 1, 1, 1), 0.0),)), "add"),
    ],
)
def test_what_the_site_doesnt_have_is_refused_by_name(arrivals, scenario, field):
    with pytest.raises(InvalidField) as refused:
        play(SITE, arrivals, scenario)

    assert refused.value.field == field


def test_the_comparison_tells_moved_bindings_rejected_creates_and_fills(tmp_path):
    arrivals = every(600.0, 25)
    (home,) = play(SITE, every(600.0, 1), Scenario("as it is")).bound.values()
    outcomes = [
        play(SITE, arrivals, Scenario("as it is")),
        play(SITE, arrivals, Scenario("lost", losses=(Loss(home, HOUR - 60),))),
    ]

    as_it_is, lost = comparison.rows(outcomes)
    comparison.write_fills(tmp_path / "fill.csv", outcomes)
    comparison.write_summary(tmp_path / "summary.csv", outcomes)

    assert (as_it_is.created, as_it_is.rejected, as_it_is.moved, as_it_is.elsewhere) == (25, 0, 1, 0)
    assert lost.created + lost.rejected == 25
    assert (tmp_path / "fill.csv").read_text().startswith("scenario,time,pod,fill\nas it is,0,a,0.0000\n")
    assert len((tmp_path / "summary.csv").read_text().splitlines()) == 3
    assert "mean fill of" in comparison.table(outcomes)
