import pytest

from chalicelib.model.binding import change_of
from tests.builders import a_binding


@pytest.fixture
def draining(operator):
    """Three projects of pod a, one of them in a group that no other pod carries."""
    for project_id, group in (("p1", "general"), ("p2", "general"), ("p3", "gpu=yes")):
        bound = a_binding("a", project_id=project_id, affinity_group=group)
        operator.desk.bindings.commit(change_of(None, bound))
    return operator


def drain(operator, rate=600):
    reply = operator.ask("POST", "/v1.0/pods/a/drain", {"rate_per_minute": rate})
    assert reply.status == 202, reply.body
    return reply.body["job"]["job_id"]


def deliver(operator):
    while operator.desk.queue.messages:
        message = operator.desk.queue.messages.pop(0)
        operator.desk.slices.run(message.job_id, message.turn)


def test_a_plan_tells_who_would_go_where_by_which_need_and_why(draining):
    reply = draining.ask("GET", "/v1.0/pods/a/drain-plan")

    assert reply.status == 200
    plan = reply.body["drain_plan"]
    assert (plan["would_move"], plan["would_stay"]) == (2, 1)
    first, _, last = plan["bindings"]
    assert (first["tenant_id"], first["to_pod_id"], first["to_pod_name"]) == ("p1", "b", "B")
    assert first["judged_by"] == {"flavor": "nominal", "vcpus": 1, "ram_mb": 1024, "disk_gb": 0}
    assert (last["tenant_id"], last["to_pod_id"]) == ("p3", None)
    assert "resource_affinity" in last["reason"]
    assert draining.ask("GET", "/v1.0/pods/a").body["pod"]["state"] == "enabled"


def test_a_plan_is_paged_by_binding(draining):
    first = draining.ask("GET", "/v1.0/pods/a/drain-plan?limit=2").body["drain_plan"]["bindings"]
    url = f"/v1.0/pods/a/drain-plan?marker={first[-1]['binding_id']}"

    assert [row["tenant_id"] for row in draining.ask("GET", url).body["drain_plan"]["bindings"]] == ["p3"]


@pytest.mark.parametrize("body", [None, {}, {"reason": "new switches"}])
def test_a_drain_without_a_rate_only_sets_the_state(draining, body):
    reply = draining.ask("POST", "/v1.0/pods/a/drain", body)

    assert (reply.status, reply.body["pod"]["state"]) == (200, "draining")
    assert draining.ask("GET", "/v1.0/jobs").body == {"jobs": []}


def test_a_drain_with_a_rate_is_a_job_with_progress_and_exceptions(draining):
    job_id = drain(draining)
    started = draining.ask("GET", f"/v1.0/jobs/{job_id}").body["job"]
    deliver(draining)
    ended = draining.ask("GET", f"/v1.0/jobs/{job_id}").body["job"]

    counts = {"moved": 0, "skipped": 0, "left": 0, "returned": 0, "kept": 0, "all_counted": True}
    assert (started["state"], started["progress"]) == ("running", {"remaining": 3, **counts})
    assert (started["rate_per_minute"], started["previous_pod_state"]) == (600, "enabled")
    assert (ended["state"], ended["progress"]) == ("done", {"remaining": 0, **counts, "moved": 2, "left": 1})
    (left,) = ended["exceptions"]
    assert (left["tenant_id"], left["outcome"], left["to_pod_id"]) == ("p3", "left", None)
    assert "resource_affinity" in left["reason"]


def test_steps_are_listed_by_outcome_and_paged(draining):
    job_id = drain(draining)
    deliver(draining)

    moved = draining.ask("GET", f"/v1.0/jobs/{job_id}/steps?outcome=moved&limit=1").body["steps"]
    rest = draining.ask("GET", f"/v1.0/jobs/{job_id}/steps?marker={moved[0]['binding_id']}").body["steps"]
    assert [step["tenant_id"] for step in moved] == ["p1"]
    assert [(step["tenant_id"], step["outcome"]) for step in rest] == [("p2", "moved"), ("p3", "left")]
    assert draining.ask("GET", f"/v1.0/decisions/{moved[0]['decision_id']}").status == 200


def test_a_job_is_stopped_resumed_and_undone_by_a_call_each(draining):
    job_id = drain(draining)
    states = []
    for verb in ("stop", "stop", "resume", "undo"):
        reply = draining.ask("POST", f"/v1.0/jobs/{job_id}/{verb}")
        states.append((reply.status, reply.body["job"]["state"], reply.body["job"]["undoing"]))

    assert states == [(200, "stopped", False)] * 2 + [(200, "running", False), (200, "running", True)]
    assert draining.ask("GET", "/v1.0/pods/a").body["pod"]["state"] == "enabled"
    deliver(draining)
    assert draining.refused("POST", f"/v1.0/jobs/{job_id}/undo")[0] == 409
    assert draining.refused("POST", f"/v1.0/jobs/{job_id}/stop")[0] == 409
    assert draining.refused("POST", f"/v1.0/jobs/{job_id}/resume")[0] == 409


def test_jobs_are_listed_by_pod_and_state(draining):
    job_id = drain(draining)

    def listed(query):
        return [job["job_id"] for job in draining.ask("GET", f"/v1.0/jobs?{query}").body["jobs"]]

    assert listed("pod_id=a&state=running") == [job_id]
    assert listed("pod_id=b") == listed("state=done") == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rate_per_minute": None}, "rate_per_minute"),
        ({"rate_per_minute": 0}, "rate_per_minute"),
        ({"rate_per_minute": 601}, "rate_per_minute"),
        ({"rate_per_minute": 1.5}, "rate_per_minute"),
        ({"rate_per_minute": True}, "rate_per_minute"),
        ({"rate_per_minute": 60, "plan": True}, "plan"),
        ({"rate_per_minute": 60, "reason": "x" * 256}, "reason"),
        ([], "body"),
        (b"{", "body"),
    ],
)
def test_a_bad_drain_is_a_400_that_names_the_field_and_drains_nothing(draining, body, field):
    assert draining.refused("POST", "/v1.0/pods/a/drain", body) == (400, field)
    assert draining.ask("GET", "/v1.0/pods/a").body["pod"]["state"] == "enabled"


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("/v1.0/jobs?state=lost", (400, "state")),
        ("/v1.0/jobs/gone", (404, None)),
        ("/v1.0/jobs/gone/steps", (404, None)),
        ("/v1.0/pods/gone/drain-plan", (404, None)),
        ("/v1.0/pods/a/drain-plan?limit=0", (400, "limit")),
    ],
)
def test_a_bad_question_says_what_is_wrong(draining, url, answer):
    assert draining.refused("GET", url) == answer


def test_a_second_job_for_a_pod_is_refused_by_the_firsts_name(draining):
    job_id = drain(draining)
    reply = draining.ask("POST", "/v1.0/pods/a/drain", {"rate_per_minute": 1})

    assert reply.status == 409
    assert job_id in reply.body["error"]["message"]


def test_jobs_are_paged(draining):
    first = drain(draining)
    draining.ask("POST", f"/v1.0/jobs/{first}/stop")
    draining.desk.clock.passes(1)
    second = drain(draining)

    (page,) = draining.ask("GET", "/v1.0/jobs?limit=1").body["jobs"]
    (rest,) = draining.ask("GET", f"/v1.0/jobs?marker={second}").body["jobs"]

    assert (page["job_id"], rest["job_id"]) == (second, first)
    assert draining.refused("GET", "/v1.0/jobs?marker=gone") == (400, "marker")


def test_a_stalled_job_is_shown_and_run_again(draining):
    job_id = drain(draining)
    assert draining.refused("POST", f"/v1.0/jobs/{job_id}/resume")[0] == 409
    assert not draining.ask("GET", f"/v1.0/jobs/{job_id}").body["job"]["stalled"]
    draining.desk.queue.messages.clear()
    draining.desk.clock.passes(61)

    (listed,) = draining.ask("GET", "/v1.0/jobs?state=running").body["jobs"]
    assert listed["stalled"]
    resumed = draining.ask("POST", f"/v1.0/jobs/{job_id}/resume").body["job"]
    deliver(draining)

    assert (resumed["stalled"], resumed["state"]) == (False, "running")
    assert draining.ask("GET", f"/v1.0/jobs/{job_id}").body["job"]["state"] == "done"
