from xml.etree import ElementTree

from simulation import plot
from simulation.arrival import Arrival
from simulation.run import Outcome, Sample, play
from simulation.scenario import Scenario
from simulation.site import EXAMPLE

ARRIVALS = [Arrival(600.0 * turn, f"p{turn}", "huge", "az1", 7200.0) for turn in range(30)]
OUTCOMES = [play(EXAMPLE, ARRIVALS, Scenario(name)) for name in ("as it is", "what if")]


def test_each_scenario_has_a_panel_and_each_pod_a_name(tmp_path):
    plot.write_fills(tmp_path / "fill.svg", OUTCOMES)

    texts = "".join(ElementTree.parse(tmp_path / "fill.svg").getroot().itertext())
    for told in ("as it is", "what if", "100 %", *(pod.pod.pod_id for pod in EXAMPLE.pods)):
        assert told in texts


def test_names_are_told_as_they_are_though_there_are_many_and_odd_ones(tmp_path):
    names = ["_hidden", "cost$a$", *(f"Pod{number}" for number in range(60))]
    crowded = Outcome(Scenario("crowded"), samples=[Sample(0.0, name, 1.2) for name in names])

    plot.write_fills(tmp_path / "fill.svg", [crowded])

    texts = set(ElementTree.parse(tmp_path / "fill.svg").getroot().itertext())
    assert {*names, "120 %", "minutes since the workload began"} <= texts


def test_nothing_to_draw_is_drawn_too(tmp_path):
    plot.write_fills(tmp_path / "fill.svg", [Outcome(Scenario("all lost"))])

    assert "all lost" in (tmp_path / "fill.svg").read_text()


def test_the_same_outcomes_give_the_same_file(tmp_path):
    for name in ("one", "two"):
        plot.write_fills(tmp_path / name, OUTCOMES)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
