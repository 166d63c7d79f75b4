"""Alarms: few, each for something that an operator must look at soon."""

from __future__ import annotations

from deployment import Json
from deployment.functions import FUNCTIONS, REFRESH
from deployment.queues import DEAD_LETTERS

MINUTES = 5


def alarms() -> Json:
    """The alarms by their logical names: failing functions, silence, lost creates and job slices, faults."""
    errors = {
        f"{function}Errors": _alarm(
            f"{function} crashed or ran out of time in {MINUTES} minutes",
            {**_lambda("Errors", function), "Threshold": 1},
        )
        for function in FUNCTIONS
    }
    return {
        **errors,
        "RefreshSilent": _alarm(
            f"No capacity refresh in {MINUTES} minutes: decisions are made on old figures",
            {
                **_lambda("Invocations", REFRESH),
                "Threshold": 1,
                "ComparisonOperator": "LessThanThreshold",
                "TreatMissingData": "breaching",
            },
        ),
        "PodsSilent": _alarm(
            "Pods don't report their capacity; GET /v1.0/health names them",
            {**_ours("PodsNotRefreshed"), "Threshold": 1, "EvaluationPeriods": 2},
        ),
        "CreatesUnsettled": _alarm(
            "Creates of which nobody knows what came, since their pods can't tell; the logs name them",
            {**_ours("CreatesUnsettled"), "Statistic": "Minimum", "Threshold": 1, "EvaluationPeriods": 2},
        ),
        "ServersNotKnown": _alarm(
            "Servers of ours were adopted that the tables don't know, as after a restore from a backup",
            {**_ours("ServersNotKnown"), "Threshold": 1},
        ),
        "StraysFound": _alarm(
            "Creates left servers behind that nobody owns; GET /v1.0/health names them",
            {**_ours("Strays"), "Statistic": "Maximum", "Threshold": 1},
        ),
        "JobsFailed": _alarm(
            "Slices of jobs failed too often and lie in the dead-letter queue; GET /v1.0/jobs shows all",
            {
                "Namespace": "AWS/SQS",
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": [DEAD_LETTERS, "QueueName"]}}],
                "Statistic": "Maximum",
                "Threshold": 1,
            },
        ),
        "RequestsFailed": _alarm(
            "Requests are answered with a status of 500 or more",
            {**_ours("Faults"), "Threshold": 5},
        ),
    }


def _lambda(metric: str, function: str) -> Json:
    return {
        "Namespace": "AWS/Lambda",
        "MetricName": metric,
        "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": function}}],
    }


def _ours(metric: str) -> Json:
    return {
        "Namespace": "Trio2o",
        "MetricName": metric,
        "Dimensions": [{"Name": "service", "Value": {"Ref": "TablePrefix"}}],
    }


def _alarm(description: str, what: Json) -> Json:
    topic = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": description,
            "Statistic": "Sum",
            "Period": MINUTES * 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            **what,
            "AlarmActions": topic,
            "OKActions": topic,
        },
    }
