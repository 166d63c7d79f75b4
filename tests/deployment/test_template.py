"""What is merged into Chalice's template: tables, logs, gateway responses, queues, functions, alarms."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from chalice.app import Chalice
from chalice.utils import to_cfn_resource_name

from app import app
from chalicelib.adapters.dynamodb.schema import tables
from chalicelib.api.call import Call
from chalicelib.api.faults import Unserved
from chalicelib.api.nova.mount import NOVA
from chalicelib.settings import Settings, read
from deployment.functions import FUNCTIONS, log_group
from deployment.inspection import template_problems
from deployment.parameters import CHOSEN, parameter_name
from deployment.tables import logical_name
from deployment.template import extra

RESOURCES = extra()["Resources"]
PARAMETERS = extra()["Parameters"]
RESPONSES = RESOURCES["RestAPI"]["Properties"]["GatewayResponses"]
CALL = Call("GET", "/", {}, {}, {}, b"", "req-1", "https://trio2o.example.org")


def of_type(kind):
    return {name: body for name, body in RESOURCES.items() if body.get("Type") == kind}


def test_every_table_of_the_schema_is_deployed_with_its_keys_and_indexes():
    deployed = of_type("AWS::DynamoDB::Table")

    assert set(deployed) == {logical_name(spec.noun) for spec in tables()}
    for spec in tables():
        properties = deployed[logical_name(spec.noun)]["Properties"]
        assert properties["TableName"] == {"Fn::Sub": "${TablePrefix}-" + spec.noun}
        assert properties.items() >= spec.properties.items()


def test_tables_outlive_the_stack_and_can_go_back_in_time():
    for table in of_type("AWS::DynamoDB::Table").values():
        # A first deployment that fails must not leave tables whose names stop the next one.
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
        assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True}
        assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"


def test_what_expires_is_collected():
    for spec in tables():
        expiry = RESOURCES[logical_name(spec.noun)]["Properties"].get("TimeToLiveSpecification")
        wanted = {"AttributeName": spec.ttl_attribute, "Enabled": True} if spec.ttl_attribute else None
        assert expiry == wanted, spec.noun


def test_every_function_of_the_app_is_configured_and_no_other():
    assert list(template_problems(as_chalice_writes(app))) == []


def test_a_function_that_nobody_configured_stops_the_packaging():
    grown = Chalice("trio2o")
    grown.lambda_function(name="surprise")(lambda event, context: None)

    problems = list(template_problems(as_chalice_writes(grown)))
    assert "Surprise is not in deployment/functions.py" in problems
    assert "RefreshCapacity is not in app.py" in problems


def as_chalice_writes(an_app):
    """A template with the functions that Chalice finds in an app, by its names, and with our log groups."""
    names = ["APIHandler", *(handler_name(h.name) for h in an_app.pure_lambda_functions)]
    names += [handler_name(source.name) for source in an_app.event_sources]
    functions = {name: {"Type": "AWS::Serverless::Function"} for name in names}
    groups = {log_group(name): {} for name in FUNCTIONS}
    return {"Resources": {**functions, **groups}}


def handler_name(name):
    return "".join(part.capitalize() for part in name.split("_"))


def test_nothing_that_has_a_name_of_its_own_is_left_by_a_first_deployment_that_fails():
    named = [b for b in RESOURCES.values() if {"TableName", "QueueName"} & b.get("Properties", {}).keys()]

    assert len(named) == len(tables()) + 2
    assert {body["DeletionPolicy"] for body in named} == {"RetainExceptOnCreate", "Delete"}


SETTABLE = set(Settings.__annotations__) - {"dynamodb_url", "allow_http", "environment"}
OF_SOME = {"errand_function": {"APIHandler"}, "job_queue_url": {"APIHandler", "RunJobs", "WakeJobs"}}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_setting_can_be_chosen_at_the_deployment(function):
    known = {f"TRIO2O_{name.upper()}" for name in SETTABLE if function in OF_SOME.get(name, FUNCTIONS)}

    assert variables(function).keys() == known, "those that settings.py reads, and no other"
    for name, value in variables(function).items():
        assert value["Ref"] in {*PARAMETERS, *RESOURCES, "AWS::Region"}, name


def test_a_parameter_that_leads_to_the_design_is_told_there():
    design = Path("docs/design.md").read_text()
    leading = [name for name in CHOSEN if "design.md" in PARAMETERS[parameter_name(name)]["Description"]]

    assert leading
    assert [name for name in leading if f"`{name}`" not in design] == []


def test_who_chooses_nothing_gets_the_defaults_of_the_settings():
    defaults = {name: chosen.get("Default") for name, chosen in PARAMETERS.items()}
    given = {name: defaults.get(value["Ref"]) for name, value in variables("RefreshCapacity").items()}
    read_there = read({name: text for name, text in given.items() if text is not None})

    assert replace(read_there, environment=None) == Settings()


@pytest.mark.parametrize("prefix", ["trio2o", "dev_2", "x" * 62])
def test_a_prefix_that_the_template_takes_makes_names_that_aws_takes(prefix):
    assert re.fullmatch(PARAMETERS["TablePrefix"]["AllowedPattern"], prefix)
    assert Settings(table_prefix=prefix).table_prefix == prefix
    for queue in of_type("AWS::SQS::Queue").values():
        name = queue["Properties"]["QueueName"]["Fn::Sub"].replace("${TablePrefix}", prefix)
        assert re.fullmatch("[a-zA-Z0-9_-]{1,80}", name)


@pytest.mark.parametrize("prefix", ["", "trio2o.dev", "x" * 63, "dev/prod", "dev*", "dev\n"])
def test_a_prefix_that_sqs_refuses_is_refused_at_once_and_everywhere(prefix):
    assert not re.fullmatch(PARAMETERS["TablePrefix"]["AllowedPattern"], prefix)
    with pytest.raises(ValueError, match=r"TRIO2O_TABLE_PREFIX=.* must be 1 to 62 letters, digits, - or _"):
        read({"TRIO2O_TABLE_PREFIX": prefix})


def test_an_action_that_the_settings_refuse_is_refused_by_the_template_too():
    allowed = PARAMETERS["StrayAction"]["AllowedValues"]

    assert [Settings(stray_action=action).stray_action for action in allowed] == ["report", "delete"]
    with pytest.raises(ValueError, match=r"TRIO2O_STRAY_ACTION=.* must be report or delete"):
        read({"TRIO2O_STRAY_ACTION": "remove"})


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_its_own_log(function):
    properties = RESOURCES[function]["Properties"]

    assert properties["LoggingConfig"] == {"LogGroup": {"Ref": log_group(function)}}
    assert RESOURCES[log_group(function)]["Properties"]["RetentionInDays"]


def test_only_the_api_sends_errands():
    sends = [f for f in FUNCTIONS if "TRIO2O_ERRAND_FUNCTION" in variables(f)]

    assert sends == ["APIHandler"]


def test_who_sends_slices_knows_the_queue():
    sends = {f for f in FUNCTIONS if "TRIO2O_JOB_QUEUE_URL" in variables(f)}

    assert sends == {"APIHandler", "RunJobs", "WakeJobs"}
    assert variables("RunJobs")["TRIO2O_JOB_QUEUE_URL"] == {"Ref": "JobQueue"}


def test_a_slice_that_fails_comes_again_alone_and_ends_with_the_dead_letters():
    queue, dead = RESOURCES["JobQueue"]["Properties"], RESOURCES["JobDeadLetters"]["Properties"]
    (name,) = [
        f"{to_cfn_resource_name(s.name)}SqsEventSource" for s in app.event_sources if s.name == "run_jobs"
    ]
    (source,) = RESOURCES["RunJobs"]["Properties"]["Events"].items()

    assert source[0] == name, "Chalice's own name, or it would be a second subscription"
    assert source[1]["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source[1]["Properties"]["Queue"] == {"Fn::GetAtt": ["JobQueue", "Arn"]}
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["JobDeadLetters", "Arn"]}
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queue["VisibilityTimeout"] >= 6 * 60
    assert dead["MessageRetentionPeriod"] == 14 * 86400


def test_few_slices_run_at_once():
    (source,) = [s for s in app.event_sources if s.name == "run_jobs"]

    assert (source.batch_size, source.maximum_concurrency) == (1, 5)


def test_dead_letters_raise_an_alarm():
    alarm = RESOURCES["JobsFailed"]["Properties"]

    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"][0]["Value"] == {"Fn::GetAtt": ["JobDeadLetters", "QueueName"]}
    assert (alarm["Threshold"], alarm["Statistic"]) == (1, "Maximum")


def test_a_stage_rings_its_own_alarms_alone():
    for name, alarm in of_type("AWS::CloudWatch::Alarm").items():
        (dimension,) = alarm["Properties"]["Dimensions"]
        assert not isinstance(dimension["Value"], str), f"{name} is of this stack or its prefix"


def test_what_an_account_may_run_at_once_is_reserved_only_by_choice():
    reserved = {f: RESOURCES[f]["Properties"].get("ReservedConcurrentExecutions") for f in FUNCTIONS}

    assert reserved.pop("RefreshCapacity") == {"Fn::If": ["ReservesRefresh", 1, {"Ref": "AWS::NoValue"}]}
    assert set(reserved.values()) == {None}
    assert PARAMETERS["ReservedRefreshes"]["Default"] == "0"


def variables(function):
    return RESOURCES[function]["Properties"]["Environment"]["Variables"]


@pytest.mark.parametrize("clock", ["RefreshCapacity", "WakeJobs", "CleanKeypairs"])
def test_a_tick_that_failed_is_not_repeated(clock):
    invoked = RESOURCES[clock]["Properties"]["EventInvokeConfig"]

    assert invoked == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}


def test_the_stage_is_throttled_and_never_logs_what_it_carries():
    (settings,) = RESOURCES["RestAPI"]["Properties"]["MethodSettings"]

    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"] == {"Ref": "RequestsPerSecond"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "RequestBurst"}
    assert settings["DataTraceEnabled"] is False


def test_alarms_watch_every_function_and_the_silence_of_the_clock():
    watched = {
        (a["Properties"]["MetricName"], json.dumps(a["Properties"]["Dimensions"][0]["Value"]))
        for a in of_type("AWS::CloudWatch::Alarm").values()
    }

    assert {("Errors", json.dumps({"Ref": f})) for f in FUNCTIONS} <= watched
    assert RESOURCES["RefreshSilent"]["Properties"]["TreatMissingData"] == "breaching"


@pytest.mark.parametrize("kind", sorted(RESPONSES))
def test_api_gateway_answers_in_novas_shape(kind):
    response = RESPONSES[kind]
    body = json.loads(response["ResponseTemplates"]["application/json"])

    ((name, inside),) = body.items()
    assert inside["code"] == response["StatusCode"]
    assert inside["message"]
    assert name.isalpha()


def test_api_gateway_answers_an_unknown_path_as_the_app_would():
    assert body_of("MISSING_AUTHENTICATION_TOKEN") == NOVA.fault(Unserved(), CALL).body


def test_api_gateway_answers_a_huge_body_in_the_words_of_a_limit():
    assert sorted(body_of("REQUEST_TOO_LARGE")["overLimit"]) == ["code", "message", "retryAfter"]


def body_of(kind):
    return json.loads(RESPONSES[kind]["ResponseTemplates"]["application/json"])


def test_a_throttled_client_is_told_when_to_come_back():
    response = RESPONSES["THROTTLED"]

    assert response["StatusCode"] == 429
    assert response["ResponseParameters"]["Headers"]["Retry-After"] == "'1'"
    assert body_of("THROTTLED")["overLimit"]["retryAfter"] == 1


@pytest.mark.parametrize("kind", sorted(RESPONSES))
def test_what_api_gateway_answers_carries_novas_headers(kind):
    headers = RESPONSES[kind]["ResponseParameters"]["Headers"]

    assert headers.keys() >= NOVA.headers(CALL).keys()
