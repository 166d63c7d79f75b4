from chalicelib.model.capacity import CapacityReport
from tests.builders import NOW, a_capacity


def test_health_names_each_pod_with_the_age_of_its_report(operator):
    for pod_id in ("a", "b", "far"):
        operator.desk.capacities.save(pod_id, CapacityReport(a_capacity()))
    operator.desk.clock.passes(seconds=30)

    health = operator.ask("GET", "/v1.0/health").body["health"]

    assert (health["status"], health["at"]) == ("ok", "2025-06-01T12:00:30Z")
    assert health["store"] == {"reachable": True, "error": None}
    assert {pod["pod_id"]: pod["report_age_seconds"] for pod in health["pods"]} == {
        "a": 30.0,
        "b": 30.0,
        "far": 30.0,
        "top": None,
    }


def test_a_pod_out_of_reach_degrades_the_whole(operator):
    for pod_id in ("a", "b", "far"):
        operator.desk.capacities.save(pod_id, CapacityReport(a_capacity()))
    operator.desk.capacities.failed("b", NOW, "timed out")

    health = operator.ask("GET", "/v1.0/health").body["health"]

    assert health["status"] == "degraded"
    (broken,) = [pod for pod in health["pods"] if not pod["reachable"]]
    assert (broken["pod_name"], broken["problem"]) == ("B", "timed out")
    assert broken["unreachable_since"] == "2025-06-01T12:00:00Z"
