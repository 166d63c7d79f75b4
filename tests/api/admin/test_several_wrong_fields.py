"""One error names all that is wrong, in any body and in any query, and parameters and body together."""

import pytest

from tests.api.admin.test_pods import NEW, WINDOW

CROSSED = {"bind_watermark": 0.9, "keep_watermark": 0.8}
BAD_WINDOWS = [{**WINDOW, "timezone": "Europe/Atlantis", "repeats": "daily"}, WINDOW, {"start": "soon"}]
PROFILE = {"filters": ["gone", "all_pods", "all_pods"], "weighers": {"idle": 1}, "tie_margin": "wide", "": 1}
IN_PROFILE = ['""', "filters.0", "filters.2", "weighers.idle", "tie_margin"]


@pytest.mark.parametrize(
    ("method", "url", "body", "fields"),
    [
        (
            "POST",
            "/v1.0/pods",
            {"pod": {"pod_name": "", "weight": -1, "colour": 1, "endpoints": {"compute": 1, "nova": 2}}},
            ["colour", "pod_name", "weight", "endpoints.compute", "endpoints.nova"],
        ),
        (
            "POST",
            "/v1.0/pods",
            {"pod": {**NEW, **CROSSED, "weight": 101, "endpoints": {"compute": "http://x", "image": "ftp:"}}},
            ["weight", "bind_watermark", "endpoints.compute", "endpoints.image"],
        ),
        (
            "POST",
            "/v1.0/pods",
            {"pod": {**NEW, "windows": BAD_WINDOWS, "affinity_tags": {"": "x", "b": 1}}},
            [
                "windows[0].repeats",
                "windows[2].end",
                "windows[2].start",
                'affinity_tags.""',
                "affinity_tags.b",
            ],
        ),
        ("POST", "/v1.0/pods", {"pods": NEW, "": 1}, ["pods", '""', "pod"]),
        (
            "POST",
            "/v1.0/pods",
            b'{"pod": {"pod_name": "a", "pod_name": "b", "": 1, "": 2}, "pod": {}}',
            ["pod_name", '""', "pod"],
        ),
        (
            "PUT",
            "/v1.0/pods/a",
            {"pod": {"pod_id": "b", "created_at": "now", "headroom": 1, **CROSSED}},
            ["generation", "pod_id", "created_at", "headroom", "bind_watermark"],
        ),
        (
            "POST",
            "/v1.0/bindings",
            {"pod_binding": {"pod_id": "", "affinity_group": "No Group", "affinity_tags": {"a": 1}}},
            ["tenant_id", "reason", "pod_id", "affinity_group", "affinity_tags.a"],
        ),
        (
            "POST",
            "/v1.0/bindings/a/rebind",
            {"pod_id": 1, "generation": 0},
            ["reason", "pod_id", "generation"],
        ),
        (
            "POST",
            "/v1.0/bindings/a/rebind",
            {"pod_binding": {"pod_id": 1, "why": 1}, "": 1},
            ['""', "why", "reason", "pod_id"],
        ),
        (
            "POST",
            "/v1.0/decisions/dry-run?format=xml",
            {"decision": {"count": 0, "flavor": {"vcpus": 0, "disk": 1}, "profile": PROFILE}},
            [
                "format",
                "project_id",
                "count",
                "flavor.disk",
                "flavor.ram_mb",
                "flavor.vcpus",
                *(f"profile.{field}" for field in IN_PROFILE),
            ],
        ),
        (
            "PUT",
            "/v1.0/profiles/default",
            {"profile": PROFILE, "why": "no reason"},
            ["why", *IN_PROFILE],
        ),
        (
            "PUT",
            "/v1.0/profiles/zone:az1",
            {"profile": {"name": "zone:az2", "based_on": "pack", "bind_watermark": 0.9}},
            ["version", "name", "based_on"],
        ),
        ("POST", "/v1.0/profiles/default/restore", {"version": "1", "to": 2}, ["to", "version"]),
        (
            "POST",
            "/v1.0/profiles/dry-run",
            {"profile": PROFILE, "last": 0, "az_name": 1},
            [*IN_PROFILE, "last", "az_name"],
        ),
        (
            "POST",
            "/v1.0/pods/a/drain?colour=red",
            {"rate_per_minute": 0, "plan": True},
            ["colour", "plan", "rate_per_minute"],
        ),
        ("GET", "/v1.0/pods?state=gone&limit=0&zone=az1&=x", None, ["state", "limit", "zone", '""']),
        (
            "GET",
            "/v1.0/bindings?tenant_id=a&project_id=b&is_binding=x&pod_id=&az_name=1&az_name=2",
            None,
            ["is_binding", "pod_id", "az_name", "project_id"],
        ),
        (
            "GET",
            "/v1.0/decisions?server_id=a&request_id=b&format=x&limit=1001",
            None,
            ["format", "limit", "request_id"],
        ),
        ("GET", "/v1.0/jobs?state=lost&limit=x", None, ["state", "limit"]),
        ("GET", "/v1.0/jobs/a/steps?outcome=lost&limit=x", None, ["outcome", "limit"]),
        ("GET", "/v1.0/bindings/a/history?at=Tuesday&since=x", None, ["at", "since"]),
        ("DELETE", "/v1.0/pods/a?force=yes&colour=red", None, ["force", "colour"]),
    ],
)
def test_an_error_names_every_bad_field(operator, method, url, body, fields):
    reply = operator.ask(method, url, body)

    error = reply.body["error"]
    assert (reply.status, sorted(named(error))) == (400, sorted(fields))
    assert all(wrong["message"] for wrong in error["fields"])
    assert error["field"] == error["fields"][0]["field"]
    assert all(wrong["field"] in error["message"] for wrong in error["fields"][1:])


def named(error):
    return [wrong["field"] for wrong in error["fields"]]


def test_a_single_bad_field_is_told_as_ever_and_in_the_list_too(operator):
    error = operator.ask("GET", "/v1.0/jobs?limit=0").body["error"]

    message = "must be a whole number from 1 to 1000"
    assert error == {
        "code": 400,
        "title": "Bad Request",
        "message": message,
        "field": "limit",
        "fields": [{"field": "limit", "message": message}],
    }


def test_a_conflict_about_a_field_lists_it(operator):
    operator.ask("POST", "/v1.0/pods", {"pod": NEW})

    assert named(operator.ask("POST", "/v1.0/pods", {"pod": NEW}).body["error"]) == ["pod_name"]


def test_an_error_about_no_field_lists_none(operator):
    assert set(operator.ask("GET", "/v1.0/pods/gone").body["error"]) == {"code", "title", "message"}
