from xml.etree import ElementTree

from simulation import plot
from simulation.arrival import Arrival
from simulation.run import play
from simulation.scenario import Scenario
from simulation.site import EXAMPLE

ARRIVALS = [Arrival(600.0 * turn, f"p{turn}", "huge", "az1", 7200.0) for turn in range(30)]
OUTCOMES = [play(EXAMPLE, ARRIVALS, Scenario(name)) for name in ("as it is", "what if")]


def test_each_scenario_has_a_panel_and_each_pod_a_name(tmp_path):
    plot.write_fills(tmp_path / "fill.svg", OUTCOMES)

    texts = "".join(ElementTree.parse(tmp_path / "fill.svg").getroot().itertext())
    for told in ("as it is", "what if", "100 %", *(pod.pod.pod_id for pod in EXAMPLE.pods)):
        assert told in texts


def test_the_same_outcomes_give_the_same_file(tmp_path):
    for name in ("one", "two"):
        plot.write_fills(tmp_path / name, OUTCOMES)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
