"""Logs and metrics, as they come out of whole Chalice invocations."""

import json
import os
import subprocess
import sys
import threading
import warnings
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path

import pytest
from chalice.app import Chalice, Response
from chalice.test import Client

from chalicelib import observability
from chalicelib.model.errors import PodUnreachable
from chalicelib.observability import invocations, measures
from chalicelib.observability.redaction import HIDDEN, redacted
from chalicelib.scheduler.decision import Action

REPOSITORY = Path(__file__).resolve().parents[1]
TOKEN = "gAAAAABm" + "x" * 120


@pytest.fixture(autouse=True)
def _measured_and_verbose(monkeypatch):
    monkeypatch.setattr(invocations, "settings", replace(invocations.settings, metrics_enabled=True))
    observability.logger().setLevel("INFO")


def lines(capsys):
    """What was printed: log lines and EMF records."""
    read = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in read if "level" in line], [line for line in read if "_aws" in line]


def an_app(view=lambda: {}, tick=lambda event: {}):
    app = Chalice(app_name="trio2o", configure_logs=False)
    observability.attach(app)

    @app.route("/things", methods=["GET", "POST"], content_types=["*/*"])
    def things():
        with observability.request("req-1", "GET", "/things") as seen:
            answer = Response(view())
            seen(answer.status_code)
            return answer

    @app.schedule("rate(1 minute)", name="tick")
    def on_tick(event):
        return tick(event)

    return app


A_TICK = {
    "version": "0",
    "account": "",
    "region": "",
    "detail": {},
    "detail-type": "",
    "source": "",
    "time": "",
    "id": "",
    "resources": [],
}


def get(app):
    with Client(app) as client:
        return client.http.get("/things")


def test_every_line_of_a_request_and_its_threads_carries_its_id(capsys):
    def view():
        observability.logger().info("before")
        thread = threading.Thread(
            target=copy_context().run, args=(observability.logger().info, "in a thread")
        )
        thread.start()
        thread.join()
        return {}

    get(an_app(view))
    logged, _ = lines(capsys)
    assert [line["message"] for line in logged] == ["before", "in a thread", "request"]
    assert {line["correlation_id"] for line in logged} == {"req-1"}
    assert (logged[-1]["status"], logged[-1]["route"], logged[-1]["service"]) == (200, "/things", "trio2o")


def test_requests_at_the_same_time_keep_their_ids_and_measures_apart(capsys):
    meeting = threading.Barrier(2)

    def run(name):
        def respond(event):
            with observability.request(name, "GET", "/"):
                meeting.wait(5)
                observability.logger().info(name)
                observability.count_rejections({name: 1})
                meeting.wait(5)

        invocations.invocation(None, respond)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    logged, records = lines(capsys)
    assert all(line["correlation_id"] == line["message"] for line in logged if line["message"] in "ab")
    counted = sorted([key for key in record if key.startswith("Rejected")] for record in records)
    assert counted == [["Rejected_a"], ["Rejected_b"]]


def test_a_requests_measures_are_one_record_and_one_for_each_pod(capsys):
    def view():
        observability.count_create(Action.UPDATE, 202)
        observability.count_rejections({"capacity": 3, "pod_state": 1})
        observability.time_decision(1.5)
        for pod_name in ("Pod1", "Pod2", "Pod1"):
            with observability.pod_call(pod_name, "GET", "/servers"):
                pass
        return {}

    get(an_app(view))
    _, records = lines(capsys)
    ours, pod1, pod2 = sorted(records, key=lambda record: record.get("pod", ""))
    assert ours["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Trio2o"
    assert ours["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert (ours["service"], ours["Creates"], ours["BindingsUpdated"]) == ("trio2o", [1], [1])
    assert (ours["Rejected_capacity"], ours["Rejected_pod_state"], ours["DecisionTime"]) == ([3], [1], [1.5])
    assert len(ours["RequestTime"]) == 1
    assert (len(pod1["PodTime"]), len(pod2["PodTime"])) == (2, 1)
    assert set(pod1["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]) == {"service", "pod"}


@pytest.mark.parametrize(
    ("action", "name"),
    [
        (Action.CREATE, "BindingsCreated"),
        (Action.UPDATE, "BindingsUpdated"),
        (Action.KEEP, "BindingsKept"),
        (Action.DIVERT, "BindingsDiverted"),
    ],
)
def test_a_create_counts_under_what_it_did_to_the_binding(capsys, action, name):
    invocations.invocation(None, lambda event: observability.count_create(action, 403))
    (record,) = lines(capsys)[1]
    assert (record["Creates"], record["CreatesRefused"], record[name]) == ([1], [1], [1])
    assert {key for key in record if key.startswith("Bindings")} == {name}


def test_the_clocks_invocations_are_measured_too(capsys):
    app = an_app(tick=lambda event: observability.count_refresh(4, 1, 2.5))
    with Client(app) as client:
        client.lambda_.invoke("tick", A_TICK)
    (record,) = lines(capsys)[1]
    assert (record["PodsRefreshed"], record["PodsNotRefreshed"], record["RefreshTime"]) == ([4], [1], [2500])


def test_a_tick_that_fails_is_logged_with_its_id_and_still_measured(capsys):
    def tick(event):
        observability.count_refresh(1, 0, 1)
        raise KeyError("unforeseen")

    with Client(an_app(tick=tick)) as client, pytest.raises(KeyError):
        client.lambda_.invoke("tick", A_TICK)
    (logged,), records = lines(capsys)
    assert (logged["level"], logged["exception_name"]) == ("ERROR", "KeyError")
    assert logged["correlation_id"].startswith("req-")
    assert len(records) == 1


def test_an_invocation_without_measures_writes_and_warns_nothing(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Client(an_app()) as client:
            client.lambda_.invoke("tick", A_TICK)
    assert capsys.readouterr().out == ""


def test_one_invocations_measures_dont_show_in_the_next(capsys):
    app = an_app(tick=lambda event: observability.count_refresh(1, 0, 1))
    with Client(app) as client:
        client.lambda_.invoke("tick", A_TICK)
        client.lambda_.invoke("tick", A_TICK)
    assert [record["PodsRefreshed"] for record in lines(capsys)[1]] == [[1], [1]]


def test_a_laptop_can_turn_metrics_off(capsys, monkeypatch):
    monkeypatch.setattr(invocations, "settings", replace(invocations.settings, metrics_enabled=False))

    def view():
        for _ in range(150):  # powertools prints by itself at a hundred values
            observability.time_decision(1)
        return {}

    get(an_app(view))
    logged, records = lines(capsys)
    assert (len(logged), records) == (1, [])


def test_outside_of_an_invocation_counting_does_nothing(capsys):
    observability.count_create("create", 202)
    observability.count_rejections({"capacity": 1})
    observability.count_refresh(1, 1, 1)
    observability.time_pod(1, "Pod1")
    assert capsys.readouterr().out == ""


def test_a_request_that_failed_on_our_side_counts_as_a_fault(capsys):
    def respond(event):
        with observability.request("req-1", "GET", "/") as seen:
            seen(503)

    invocations.invocation(None, respond)
    logged, (record,) = lines(capsys)
    assert logged[0]["status"] == 503
    assert record["Faults"] == [1]


def test_a_pod_that_doesnt_answer_is_a_warning_that_names_it(capsys):
    with pytest.raises(PodUnreachable), observability.pod_call("Pod1", "POST", "/servers"):
        raise PodUnreachable("pod-a", "timed out", sent=True)
    ((line,), _) = lines(capsys)
    assert (line["level"], line["pod"], line["sent"], line["error"]) == ("WARNING", "Pod1", True, "timed out")


@pytest.mark.parametrize(
    "key",
    [
        "adminPass", "admin_pass", "user_data", "password", "adminPassword", "original_password", "secret",
        "application_credential_secret", "X-Auth-Token", "x-subject-token", "X-Service-Token", "personality",
        "private_key", "Authorization", "Cookie", "token",
    ],
)  # fmt: skip
def test_what_stands_under_a_secrets_name_is_hidden_at_any_depth(key):
    assert redacted({"server": [{key: "hunter2", "name": "web"}]}) == {
        "server": [{key: HIDDEN, "name": "web"}]
    }


@pytest.mark.parametrize(
    "text",
    [
        '{"server": {"adminPass": "hunter2", "name": "web"}}',
        "{'user_data': 'hunter2', 'name': 'web'}",
        '"password" : "hun\\"ter2", "name": "web"',
        "X-Auth-Token: hunter2\nname: web",
        "'X-Subject-Token': 'hunter2', name web",
        "adminPass=hunter2&name=web",
        "Authorization: Basic hunter2\nname: web",
        '"personality": [{"path": "/etc/motd", "contents": "hunter2"}], "name": "web"',
        f"asked with {TOKEN} for name web",
    ],
)
def test_secrets_inside_of_text_are_hidden_and_the_rest_stays(text):
    shown = str(redacted(text))
    assert not any(secret in shown for secret in ("hunter2", "hun", "ter2", TOKEN[:20]))
    assert HIDDEN in shown
    assert "web" in shown


def test_whats_no_secret_is_left_alone():
    plain = {
        "message": "request",
        "token_count": 3,
        "milliseconds": 1.5,
        "ok": True,
        "none": None,
        "key_name": "k",
    }
    assert redacted(plain) == plain


def test_each_stage_of_an_account_has_its_own_numbers(capsys, monkeypatch):
    monkeypatch.setattr(measures, "settings", replace(measures.settings, table_prefix="dev"))

    get(an_app())

    _, (record,) = lines(capsys)
    assert (record["service"], record["_aws"]["CloudWatchMetrics"][0]["Dimensions"]) == ("dev", [["service"]])


def test_no_log_line_lets_a_secret_through_wherever_it_hides(capsys):
    log = observability.logger()
    log.info({"headers": {"X-Auth-Token": TOKEN}, "body": {"server": {"user_data": "hunter2"}}})
    log.info(json.dumps({"adminPass": "hunter2"}))
    log.info(
        "asked with %s",
        TOKEN,
        extra={"request": {"password": "hunter2"}, "body": b'{"adminPass": "hunter2"}'},
    )
    try:
        raise ValueError(f"X-Auth-Token: {TOKEN}")
    except ValueError:
        log.exception("failed")
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) == 4
    assert "hunter2" not in printed
    assert TOKEN[:20] not in printed


def test_what_chalice_itself_logs_is_redacted_json_too(capsys):
    def view():
        raise ValueError(f"X-Auth-Token: {TOKEN}")

    app = Chalice(app_name="trio2o", configure_logs=False)
    observability.attach(app)
    app.route("/things")(view)
    assert get(app).status_code == 500
    (line,), _ = lines(capsys)
    assert (line["level"], line["exception_name"]) == ("ERROR", "ValueError")
    assert TOKEN[:20] not in json.dumps(line)


def test_a_switch_that_went_does_no_harm_and_nothing_loads_a_tracer():
    code = (
        "import sys, app; from chalice.test import Client\n"
        "with Client(app.app) as client: status = client.http.get('/v2.1/servers').status_code\n"
        "sys.exit(f'{status}' if status != 401 or 'aws_xray_sdk' in sys.modules else 0)"
    )
    environment = {**os.environ, "TRIO2O_TRACING_ENABLED": "true", "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, env=environment, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr.decode()


def test_the_lines_of_a_request_name_its_user_and_those_of_the_next_one_do_not(capsys):
    observability.logger().setLevel("INFO")
    with observability.request("req-1", "POST", "/things") as seen:
        observability.identified("op-1")
        thread = threading.Thread(
            target=copy_context().run, args=(observability.logger().info, "in a fan-out")
        )
        thread.start()
        thread.join()
        seen(200)
    with observability.request("req-2", "GET", "/things") as seen:
        seen(401)
    observability.identified("nobody's")
    observability.logger().info("between requests")

    told = [(line["message"], line.get("correlation_id"), line.get("user_id")) for line in lines(capsys)[0]]
    assert told == [
        ("in a fan-out", "req-1", "op-1"),
        ("request", "req-1", "op-1"),
        ("request", "req-2", None),
        ("between requests", None, None),
    ]


@pytest.mark.parametrize(("told", "shown"), [("req-pod", "req-pod"), ("req-1", None), ("", None)])
def test_a_requests_line_has_the_pods_own_id_too_which_the_client_was_told(capsys, told, shown):
    with observability.request("req-1", "POST", "/things") as seen:
        seen(202, told)

    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["correlation_id"], line.get("pod_request_id")) == ("req-1", shown)
