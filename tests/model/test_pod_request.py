"""Pod request: which replies are answers, in the one place that says so."""

import pytest

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod_request import NOT_FOR_CALLER, PodReply, answered, from_service, has
from tests.builders import a_pod

NOVAS = {"x-openstack-request-id": "req-9"}


FAULT = b'{"itemNotFound": {"code": 404, "message": "Instance x could not be found."}}'


def a_reply(status=200, body=None, headers=None):
    """A service's reply, whose mark got lost on the way."""
    return PodReply(status, headers or {}, (b"{}" if status < 400 else FAULT) if body is None else body)


@pytest.mark.parametrize("status", [200, 202, 400, 403, 404, 409, 410])
def test_what_the_service_says_of_the_question_is_an_answer_be_it_a_refusal(status):
    assert a_reply(status).is_answer
    assert answered(a_pod(), a_reply(status)) == a_reply(status)


@pytest.mark.parametrize("status", [401, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("headers", [{}, NOVAS])
def test_what_the_service_says_of_itself_is_none(status, headers):
    assert not a_reply(status, headers=headers).is_answer


@pytest.mark.parametrize("status", [200, 204, 403, 404])
@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"not found", b"\xff"])
def test_what_something_in_front_of_the_service_says_is_none(status, body):
    assert not a_reply(status, body).is_answer


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 500, 502, 503, 504])
@pytest.mark.parametrize(
    "body",
    [b"<html>", b"", b"{}", b'{"message": "no Route matched"}', b'{"a": {}, "b": {}}', b"[" * 100_000],
)
def test_an_error_that_is_no_fault_is_a_proxys_though_the_mark_was_kept(status, body):
    assert not a_reply(status, body).is_the_services
    assert not a_reply(status, body, NOVAS).is_the_services
    assert a_reply(status, headers=NOVAS).is_the_services
    # A gateway's own errors may have the form of a fault, so of them only the mark tells.
    assert a_reply(status).is_the_services is (status not in (502, 503, 504))


@pytest.mark.parametrize(
    ("status", "sent"),
    [(400, False), (403, True), (404, False), (413, False), (500, True), (503, True), (200, True)],
)
def test_only_by_a_4xx_does_a_proxy_say_that_it_passed_nothing_on(status, sent):
    with pytest.raises(PodUnreachable) as error:
        from_service(a_pod("pod-x"), a_reply(status, b"<html>"))
    assert (error.value.pod_id, error.value.sent) == ("pod-x", sent)


@pytest.mark.parametrize("status", [202, 401, 404, 500, 503])
def test_what_the_service_says_is_passed_on_whatever_it_is(status):
    reply = a_reply(status, headers=NOVAS)
    assert from_service(a_pod(), reply) == reply


@pytest.mark.parametrize("status", [100, 199, 206, 299, 300, 301, 302, 304, 307, 399, 600, 999])
def test_a_status_that_no_service_has_is_nobodys(status):
    assert not a_reply(status, FAULT, NOVAS).is_the_services


@pytest.mark.parametrize(("status", "body"), [(202, b""), (204, b""), (204, b"  ")])
def test_a_success_may_be_empty_if_it_is_marked(status, body):
    assert a_reply(status, body, NOVAS).is_answer
    assert not a_reply(status, b"<html>", NOVAS).is_answer


@pytest.mark.parametrize(
    "body", [b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\\ud800"}', b"{", b'{"a": %s}' % (b"9" * 5000), b"\xff"]
)
def test_what_no_client_could_read_is_passed_on_to_none(body):
    for status in (200, 404):
        with pytest.raises(PodUnreachable) as error:
            from_service(a_pod(), a_reply(status, body, NOVAS))
        assert error.value.sent is (status == 200)


def test_the_token_middleware_stands_before_the_service_which_heard_nothing():
    page = b"503 Service Unavailable\n\nThe Keystone service is temporarily unavailable.\n\n"

    with pytest.raises(PodUnreachable) as error:
        from_service(a_pod(), a_reply(503, page, NOVAS))
    assert not error.value.sent
    with pytest.raises(PodUnreachable) as error:
        from_service(a_pod(), a_reply(503, page))
    assert error.value.sent


def test_an_object_may_begin_with_blanks():
    assert a_reply(body=b'\r\n {"server": {}}').is_answer


def test_no_answer_names_the_pod_and_may_have_done_something():
    with pytest.raises(PodUnreachable) as error:
        answered(a_pod("pod-x"), a_reply(503))
    assert (error.value.pod_id, error.value.sent) == ("pod-x", True)


@pytest.mark.parametrize(("status", "yes"), [(200, True), (404, False)])
def test_a_pod_has_what_it_shows_and_hasnt_what_it_doesnt_find(status, yes):
    assert has(a_pod(), a_reply(status)) is yes
    assert has(a_pod(), a_reply(status), NOT_FOR_CALLER) is yes


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_denies_it_only_where_the_caller_would_have_to_use_it(status):
    assert has(a_pod(), a_reply(status), NOT_FOR_CALLER) is False
    with pytest.raises(PodUnreachable):
        has(a_pod(), a_reply(status))


@pytest.mark.parametrize(
    "unsure", [a_reply(202), a_reply(302), a_reply(409), a_reply(410), a_reply(401), a_reply(404, b"<html>")]
)
def test_any_other_reply_says_neither_yes_nor_no(unsure):
    with pytest.raises(PodUnreachable):
        has(a_pod(), unsure, NOT_FOR_CALLER)
