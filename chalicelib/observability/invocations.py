"""Invocations: each run of a function (by HTTP, clock, queue or errand) is logged and measured as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from time import perf_counter
from typing import TYPE_CHECKING, Any

from chalicelib.model.errors import PodUnreachable
from chalicelib.observability import measures
from chalicelib.observability.logs import correlated, logger
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalice.app import Chalice


def attach(app: Chalice) -> None:
    """Observe every invocation of an app whose handlers are declared in ``app.py``.

    A blueprint's clock and queue handlers run without the app's middleware (aws/chalice#1566).
    """
    logger()  # from here on Chalice's own lines, under the app's name, are JSON and redacted too
    app.register_middleware(invocation, "all")


def invocation(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Run one invocation under a correlation id and write its measures when it ends.

    ``event`` is Chalice's request or event object; None for a path that the app doesn't know.
    """
    counting = measures.measured() if settings.metrics_enabled else nullcontext()
    with counting, correlated(_invocation_id(event)), _unforeseen_logged():
        return get_response(event)


def _invocation_id(event: Any) -> str:
    context = getattr(event, "lambda_context", None) or getattr(event, "context", None)
    run_id = getattr(context, "aws_request_id", "")
    return f"req-{run_id}" if run_id else ""


@contextmanager
def _unforeseen_logged() -> Iterator[None]:
    # Lambda prints the error too, but with the secrets in it and without its request's id.
    try:
        yield
    except Exception:
        logger().exception("invocation failed")
        raise


@contextmanager
def request(request_id: str, method: str, path: str) -> Iterator[Callable[..., None]]:
    """Log and time one HTTP request. Call what is yielded with the answer's status, which else counts as 500.

    Its second argument is the id that the client was told, which may be a pod's: the line has it too.
    ``path`` is the route's, not the client's, so that lines can be grouped and hold no ids.
    """
    started = perf_counter()
    answers: list[tuple[int, str]] = []

    def seen(status: int, told_request_id: str = "") -> None:
        answers.append((status, told_request_id))

    with correlated(request_id):
        try:
            yield seen
        finally:
            status, told = answers[-1] if answers else (500, "")
            milliseconds = _since(started)
            measures.time_request(milliseconds, status)
            numbers = {"method": method, "route": path, "status": status, "milliseconds": milliseconds}
            pods = {"pod_request_id": told} if told not in ("", request_id) else {}
            logger().info("request", extra={**numbers, **pods})


@contextmanager
def pod_call(pod_name: str, method: str, path: str) -> Iterator[None]:
    """Time one call to a pod, and log it when the pod doesn't answer.

    Only the pod client uses this, for every call that it makes.
    """
    started = perf_counter()
    error: PodUnreachable | None = None
    try:
        yield
    except PodUnreachable as caught:
        error = caught
        raise
    finally:
        milliseconds = _since(started)
        measures.time_pod(milliseconds, pod_name)
        _log_call({"pod": pod_name, "method": method, "path": path, "milliseconds": milliseconds}, error)


def no_answer(pod_name: str, why: Exception) -> None:
    """Log and count that a pod replied, and that its reply is no answer to what it was asked."""
    measures.count_no_answer(pod_name)
    logger().warning("pod gives no answer", extra={"pod": pod_name, "error": str(why)})


def _log_call(numbers: dict[str, object], error: PodUnreachable | None) -> None:
    if error is None:
        logger().debug("pod call", extra=numbers)
    else:
        logger().warning("pod unreachable", extra={**numbers, "sent": error.sent, "error": str(error)})


def _since(started: float) -> float:
    return round((perf_counter() - started) * 1000, 1)
