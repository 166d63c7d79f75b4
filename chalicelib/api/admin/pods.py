"""The admin API's pods resource."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from chalicelib import wiring
from chalicelib.api.admin.capacity_bodies import write_capacity
from chalicelib.api.admin.job_bodies import read_drain, write_progress
from chalicelib.api.admin.pod_bodies import (
    read_pod_create,
    read_pod_update,
    write_event,
    write_pod,
    write_pod_with,
)
from chalicelib.api.admin.queries import (
    FLAG,
    MOST_ROWS,
    PAGING,
    read_page,
    read_query,
    whole_number,
    word,
    word_or_nothing,
)
from chalicelib.api.admin.requests import read_nothing, read_reason, read_request
from chalicelib.api.call import Call, Reply
from chalicelib.model.fields import one_of, text
from chalicelib.model.pod import Pod, PodState
from chalicelib.service.operating.pod_query import PodQuery

# An empty az_name asks for the top region.
_FILTERS = {"az_name": word_or_nothing, "state": one_of(PodState), "pod_name": word}


def create_pod(call: Call) -> Reply:
    """Register a pod; 200, as in the original blueprint."""
    pods = wiring.services().pods
    _, order = read_request(call, lambda body: read_pod_create(body, pods.refuse))
    pod, warnings = pods.register(order.fields, call.caller, order.force, order.reason)
    return Reply(200, write_pod_with(pod, _now(), warnings))


def list_pods(call: Call) -> Reply:
    """All pods, or those of a zone, in a state, or of a name; oldest first."""
    asked = read_query(call.query, {**_FILTERS, **PAGING})
    query = PodQuery(**{name: asked[name] for name in _FILTERS if name in asked})
    pods = wiring.services().pods.list(query, read_page(asked))
    return Reply(200, {"pods": [write_pod(pod, _now()) for pod in pods]})


def show_pod(call: Call) -> Reply:
    read_query(call.query)
    return _shown(wiring.services().pods.get(call.path["pod_id"]))


def update_pod(call: Call) -> Reply:
    """Change what the body names, if nobody wrote the pod since the generation that the body names."""
    pods = wiring.services().pods
    held = pods.get(call.path["pod_id"])
    together = partial(pods.refuse, before=held)
    _, order = read_request(call, lambda body: read_pod_update(body, held, together))
    pod, warnings = pods.update(
        held, order.generation, order.fields, call.caller, order.force, reason=order.reason
    )
    return Reply(200, write_pod_with(pod, _now(), warnings))


def delete_pod(call: Call) -> Reply:
    """Forget a pod that nothing refers to; ``force`` also forgets which projects were placed there.

    ``forget_servers`` forgets the servers that were there too, and needs a reason.
    """
    asked, reason = read_reason(call, {"force": FLAG, "forget_servers": FLAG, "reason": text()})
    wiring.services().pods.delete(
        call.path["pod_id"],
        call.caller,
        asked.get("force", False),
        reason,
        forget_servers=asked.get("forget_servers", False),
    )
    return Reply(204)


def show_pod_history(call: Call) -> Reply:
    """Every write of a pod, newest last; also of one that was deleted."""
    asked = read_query(call.query, {**PAGING, "marker": _generation})
    after, limit = asked.get("marker", 0), asked.get("limit", MOST_ROWS)
    events = wiring.services().pods.history(call.path["pod_id"], after, limit)
    return Reply(200, {"events": [write_event(event) for event in events]})


def cordon_pod(call: Call) -> Reply:
    """The pod takes nothing new; its bindings stay."""
    return _set_state(call, PodState.CORDONED)


def uncordon_pod(call: Call) -> Reply:
    """The pod is back in service; a drain ends too."""
    return _set_state(call, PodState.ENABLED)


def disable_pod(call: Call) -> Reply:
    """The pod takes nothing new and its bindings move; only ``enable`` or an update ends that."""
    return _set_state(call, PodState.DISABLED)


def enable_pod(call: Call) -> Reply:
    """The pod is back in service, a disabled one too."""
    _, reason = read_reason(call)
    pod, warnings = wiring.services().pods.enable(call.path["pod_id"], call.caller, reason)
    return Reply(200, write_pod_with(pod, _now(), warnings))


def drain_pod(call: Call) -> Reply:
    """The pod takes nothing new; a binding moves at its project's next create.

    With a rate in the body, a job moves the bindings without waiting for that: 202.
    """
    _, order = read_request(call, read_drain, bodiless=True)
    pod_id, services = call.path["pod_id"], wiring.services()
    if order.rate_per_minute is None:
        return _shown(services.pods.set_state(pod_id, PodState.DRAINING, call.caller, order.reason))
    job = services.jobs.start(pod_id, order.rate_per_minute, call.caller, order.reason)
    return Reply(202, {"job": write_progress(services.jobs.progress(job.job_id), _now())})


def refresh_pod(call: Call) -> Reply:
    """Read the pod's capacity now, and show it; an ``error`` says why the last report stays."""
    read_nothing(call)
    done = wiring.services().pod_refresh.refresh(call.path["pod_id"])
    pod, at = wiring.services().pods.observed(call.path["pod_id"])
    outcome = {"refreshed": not done.error, "error": done.error or None}
    return Reply(200, {"refresh": outcome, "capacity": write_capacity(pod, at)})


def show_capacity(call: Call) -> Reply:
    """What the pod last reported, how old the report is, and how full the pod is."""
    read_query(call.query)
    pod, at = wiring.services().pods.observed(call.path["pod_id"])
    return Reply(200, {"capacity": write_capacity(pod, at)})


def _generation(field: str, value: object) -> int:
    return int(whole_number(field, value)) if value else 0  # an empty marker begins the list


def _set_state(call: Call, state: PodState) -> Reply:
    _, reason = read_reason(call)
    return _shown(wiring.services().pods.set_state(call.path["pod_id"], state, call.caller, reason))


def _shown(pod: Pod) -> Reply:
    return Reply(200, {"pod": write_pod(pod, _now())})


def _now() -> datetime:
    return wiring.services().pods.clock()
