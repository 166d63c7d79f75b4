from dataclasses import replace

import pytest

from bench.herd import measure
from chalicelib.scheduler.profile import SPREAD
from simulation import herd


@pytest.fixture(scope="module")
def default_herd():
    return herd.run(creates=2000, pods=100)


def test_a_herd_of_new_projects_gives_no_pod_over_three_times_its_fair_share(default_herd):
    assert sum(default_herd.servers.values()) == 2000
    assert default_herd.fair_share == 20
    assert default_herd.busiest_vs_fair <= 3.0


def test_a_herd_fills_no_pod_over_its_room_though_no_report_comes_in_between():
    # Without claims the busiest pods would get over 30, as in the herd above.
    tight = herd.run(creates=2000, pods=100, room=24)

    assert tight.fullest <= SPREAD.parameters["bind_watermark"]
    assert max(tight.servers.values()) == 21
    assert "no host" not in tight.refused


def test_a_herd_that_goes_by_age_alone_tramples_the_oldest_pod():
    trampling = replace(SPREAD, tie_break="created_at")

    assert herd.run(creates=200, pods=100, profile=trampling).busiest_vs_fair == 100.0


def test_a_herd_goes_the_same_ways_each_time():
    assert herd.run(creates=200) == herd.run(creates=200)


def test_the_figure_is_the_default_herds(default_herd, monkeypatch):
    asked = []
    monkeypatch.setattr(herd, "run", lambda *sizes: asked.append(sizes) or default_herd)

    (figure,) = measure()

    assert asked == [(2000, 100)]
    assert (figure.name, figure.unit) == ("herd_busiest_vs_fair", "ratio")
    assert figure.value == pytest.approx(default_herd.busiest_vs_fair, abs=0.01)
