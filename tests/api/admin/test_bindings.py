from urllib.parse import quote

import pytest

from tests.service.desk import OPERATOR

BOUND = {"tenant_id": "p1", "pod_id": "a", "reason": "pilot"}
ID = "p1:az1:general"


def bind(operator, **fields):
    return operator.ask("POST", "/v1.0/bindings", {"pod_binding": {**BOUND, **fields}})


def tag(operator, pod_id, **tags):
    changes = {"affinity_tags": tags, "generation": 1}
    assert operator.ask("PUT", f"/v1.0/pods/{pod_id}", {"pod": changes}).status == 200


def test_a_binding_by_hand_reads_like_the_original_blueprints(operator):
    reply = bind(operator)

    assert reply.status == 200
    assert reply.body["pod_binding"] == {
        "id": ID,
        "tenant_id": "p1",
        "pod_id": "a",
        "is_binding": True,
        "created_at": "2025-06-01T12:00:00Z",
        "updated_at": "2025-06-01T12:00:00Z",
        "az_name": "az1",
        "affinity_group": "general",
        "generation": 1,
        "reason": "pilot",
        "decision_id": "",
    }


def test_a_binding_of_a_group_is_found_by_its_id_as_it_stands(operator):
    tag(operator, "a", resource="CAD Modeling, 50%:#")
    made = bind(operator, affinity_tags={"resource": "CAD Modeling, 50%:#"}).body["pod_binding"]

    for written in (made["id"], quote(made["id"], safe="")):
        assert operator.ask("GET", f"/v1.0/bindings/{written}").body["pod_binding"] == made


def test_a_group_may_be_named_instead_of_tagged(operator):
    group = "resource=CAD%20Modeling"
    tag(operator, "a", resource="CAD Modeling")

    by_name = bind(operator, affinity_group=group).body["pod_binding"]

    assert by_name["affinity_group"] == group
    again = {**BOUND, "affinity_tags": {"resource": "CAD Modeling"}}
    assert operator.refused("POST", "/v1.0/bindings", {"pod_binding": again}) == (409, "tenant_id")


def test_a_second_binding_says_which_pod_is_bound(operator):
    bind(operator)

    reply = bind(operator, pod_id="b")

    assert reply.status == 409
    assert "bound to A in az1" in reply.body["error"]["message"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"tenant_id": ""}, "tenant_id"),
        ({"tenant_id": 5}, "tenant_id"),
        ({"pod_id": "nowhere"}, "pod_id"),
        ({"pod_id": "top"}, "pod_id"),
        ({"reason": ""}, "reason"),
        ({"az_name": "az1"}, "az_name"),
        ({"affinity_tags": {"resource": 1}}, "affinity_tags.resource"),
        ({"affinity_tags": {}, "affinity_group": "general"}, "affinity_group"),
        ({"affinity_group": "no tags"}, "affinity_group"),
        ({"affinity_group": "b=1,a=1"}, "affinity_group"),
        ({"affinity_tags": {str(n): "\u2603" * 255 for n in range(9)}}, "affinity_tags"),
    ],
)
def test_a_bad_binding_is_a_400_that_names_the_field(operator, wrong, field):
    assert operator.refused("POST", "/v1.0/bindings", {"pod_binding": {**BOUND, **wrong}}) == (400, field)


@pytest.mark.parametrize("field", ["tenant_id", "pod_id", "reason"])
def test_a_binding_by_hand_needs_all_of_whom_where_and_why(operator, field):
    some = {name: value for name, value in BOUND.items() if name != field}

    assert operator.refused("POST", "/v1.0/bindings", {"pod_binding": some}) == (400, field)


def test_bindings_are_listed_by_project_zone_group_and_pod(operator):
    bind(operator)
    bind(operator, pod_id="far")
    bind(operator, tenant_id="p2", pod_id="b")
    tag(operator, "b", resource="gpu")
    bind(operator, pod_id="b", affinity_tags={"resource": "gpu"})

    def listed(query):
        found = operator.ask("GET", f"/v1.0/bindings?{query}").body["pod_bindings"]
        return [binding["id"] for binding in found]

    tagged = "p1:az1:resource%3Dgpu"
    assert listed("") == [ID, tagged, "p1:az2:general", "p2:az1:general"]
    assert listed("tenant_id=p2") == listed("project_id=p2") == ["p2:az1:general"]
    assert listed("az_name=az2") == ["p1:az2:general"]
    assert listed("affinity_group=resource%3Dgpu") == [tagged]
    assert listed("pod_id=b") == [tagged, "p2:az1:general"]
    assert listed("limit=2") == [ID, tagged]
    assert listed(f"limit=2&marker={quote(tagged)}") == ["p1:az2:general", "p2:az1:general"]


def test_ended_bindings_are_listed_when_asked_for(operator):
    bind(operator)
    bind(operator, tenant_id="p2")
    operator.ask("DELETE", f"/v1.0/bindings/{ID}")

    def tenants(query):
        found = operator.ask("GET", f"/v1.0/bindings{query}").body["pod_bindings"]
        return [binding["tenant_id"] for binding in found]

    assert tenants("") == ["p2"]
    assert tenants("?is_binding=false") == ["p1"]
    assert tenants("?is_binding=all") == ["p1", "p2"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("is_binding=yes", "is_binding"),
        ("tenant_id=a&project_id=b", "project_id"),
        ("zone=az1", "zone"),
        ("limit=x", "limit"),
        ("marker=x", "marker"),
    ],
)
def test_a_bad_query_is_a_400_that_names_the_parameter(operator, query, field):
    assert operator.refused("GET", f"/v1.0/bindings?{query}") == (400, field)


@pytest.mark.parametrize("written", ["p1:az1:general", "nonsense", "a:b:c:d", "::"])
def test_what_is_no_binding_is_a_404(operator, written):
    assert operator.ask("GET", f"/v1.0/bindings/{written}").status == 404


def test_a_rebinding_moves_it_and_says_who_did_it_and_why(operator):
    bind(operator)

    moved = operator.ask("POST", f"/v1.0/bindings/{ID}/rebind", {"pod_id": "b", "reason": "room"})

    assert moved.status == 200
    assert (moved.body["pod_binding"]["pod_id"], moved.body["pod_binding"]["generation"]) == ("b", 2)
    events = operator.ask("GET", f"/v1.0/bindings/{ID}/history").body["events"]
    assert [(e["generation"], e["action"], e["previous_pod_id"]) for e in events] == [
        (1, "created", ""),
        (2, "updated", "a"),
    ]
    assert (events[1]["user_id"], events[1]["request_id"]) == (OPERATOR.identity.user_id, "req-1")
    assert events[1]["reason"] == "room"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"pod_id": "b"}, (400, "reason")),
        ({"reason": "room"}, (400, "pod_id")),
        ({"pod_id": "b", "reason": ""}, (400, "reason")),
        ({"pod_id": "b", "reason": "room", "why": "x"}, (400, "why")),
        ({"pod_id": "b", "reason": "room", "generation": "1"}, (400, "generation")),
        ({"pod_id": "far", "reason": "room"}, (400, "pod_id")),
        ({"pod_id": "a", "reason": "room"}, (409, "pod_id")),
        ({"pod_id": "b", "reason": "room", "generation": 7}, (409, "generation")),
        ([], (400, "body")),
    ],
)
def test_a_bad_rebinding_is_refused_and_names_the_field(operator, body, answer):
    bind(operator)

    assert operator.refused("POST", f"/v1.0/bindings/{ID}/rebind", body) == answer
    assert operator.ask("GET", f"/v1.0/bindings/{ID}").body["pod_binding"]["generation"] == 1


@pytest.mark.parametrize(
    ("query", "body", "reason"),
    [
        ("?reason=moved%20out", None, "moved out"),
        ("", {"reason": "moved out"}, "moved out"),
        ("", None, "ended by an operator"),
    ],
)
def test_an_ended_binding_stays_and_says_why(operator, query, body, reason):
    bind(operator)

    ended = operator.ask("DELETE", f"/v1.0/bindings/{ID}{query}", body).body["pod_binding"]

    assert (ended["is_binding"], ended["generation"], ended["reason"]) == (False, 2, reason)
    assert operator.ask("GET", f"/v1.0/bindings/{ID}").body["pod_binding"] == ended
    assert operator.ask("DELETE", f"/v1.0/bindings/{ID}").status == 409


def test_the_past_is_asked_for_by_time(operator):
    bind(operator)
    operator.desk.clock.passes(seconds=60)
    operator.ask("POST", f"/v1.0/bindings/{ID}/rebind", {"pod_id": "b", "reason": "room"})

    def then(at):
        reply = operator.ask("GET", f"/v1.0/bindings/{ID}/history?at={at}")
        return reply.body["pod_binding"]["pod_id"] if reply.status == 200 else reply.status

    assert then("2025-06-01T12:00:59Z") == "a"
    assert then("2025-06-01T12:01:00Z") == "b"
    assert then("2025-06-01T14:00:30+02:00") == "a"
    assert then("2025-06-01T12:00:30") == "a"
    assert then("2025-06-01") == 404
    assert operator.refused("GET", f"/v1.0/bindings/{ID}/history?at=Tuesday") == (400, "at")
