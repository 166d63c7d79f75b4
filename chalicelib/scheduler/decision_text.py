"""Decision text: a decision in words, for operators, for a binding's history and for tenants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chalicelib.model.amounts import Amounts
from chalicelib.scheduler.decision import Action, Decision, RejectedPod, WeighedPod
from chalicelib.scheduler.sentences import reason_for_tenants, sentence

__all__ = ["SHOWN_REJECTED", "binding_reason", "sentence", "tenant_text", "tenant_view", "text"]

SHOWN_REJECTED = 20


def text(decision: Decision) -> str:
    """The whole decision, to be read in a terminal: what came of it, who was weighed how, who failed why."""
    blocks = [
        [_headline(decision), "", *_request(decision)],
        _weighed_table(decision),
        _rejected_lines(decision),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def binding_reason(decision: Decision) -> str:
    """Why the binding is what the decision makes of it; one sentence for its history.

    "moved from Pod1 to Pod2: vcpus would be 97% full, limit 95%".
    """
    if decision.selected is None:
        return f"no pod: {_counted(decision)}"
    name = decision.selected.pod.pod_name
    if decision.action is Action.UPDATE:
        return f"moved from {_bound_name(decision)} to {name}: {_why_not_bound(decision)}"
    if decision.contested is not None:
        return (
            f"diverted to {name}: other requests kept winning the binding; {decision.contested} was decided"
        )
    if decision.action is Action.DIVERT:
        return f"diverted to {name}, still bound to {_bound_name(decision)}: {_why_not_bound(decision)}"
    verb = "stays with" if decision.action is Action.KEEP else "bound to"
    return f"{verb} {name}: {_rank(decision)}"


def tenant_view(decision: Decision) -> dict[str, Any]:
    """What a tenant may know of its own create: no pod, fill, price or other project."""
    selected = decision.selected
    return {
        "action": decision.action.value,
        "availability_zone": selected.pod.az_name if selected else decision.spec.az_name,
        "pods_eligible": decision.weighed_count,
        "pods_rejected": [
            {"filter": name, "count": count, "reason": reason_for_tenants(name)}
            for name, count in decision.rejected_counts.items()
        ],
    }


_FOR_TENANTS = {
    Action.CREATE: "your first server here: its place was chosen among {0}",
    Action.UPDATE: "your new servers now go to another place, chosen among {0}",
    Action.KEEP: "it is where your servers in this zone go",
    Action.DIVERT: "this server alone went elsewhere, chosen among {0}; your next may not",
    Action.NONE: "no place could take it",
}


def tenant_text(decision: Decision) -> str:
    """What ``tenant_view`` tells, to be read in a terminal."""
    view = tenant_view(decision)
    places = f"{decision.weighed_count} that could take it"
    lines = [
        f"{view['action'].upper()}  {_FOR_TENANTS[decision.action].format(places)}",
        "",
        f"  zone  {view['availability_zone'] or 'any'}",
        f"  at    {decision.spec.requested_at:%Y-%m-%d %H:%M:%S} UTC",
    ]
    lines += [f"  {row['count']} passed over: {row['reason']}" for row in view["pods_rejected"]]
    return "\n".join(lines) + "\n"


def _headline(decision: Decision) -> str:
    return f"{decision.action.value.upper()}  {binding_reason(decision)}"


def _request(decision: Decision) -> list[str]:
    spec = decision.spec
    zone = spec.az_name or "any zone"
    count = f"{spec.count} x " if spec.count > 1 else ""
    attempt = f", attempt {spec.attempt}" if spec.attempt > 1 else ""
    profile = f"{decision.profile.get('name')} v{decision.profile.get('version')}"
    return [
        f"  asked     {count}{spec.flavor.name} in {zone}: {_need(spec.need)}",
        f"  by        project {spec.project_id}, {spec.affinity_group} affinity",
        f"  at        {spec.requested_at:%Y-%m-%d %H:%M:%S} UTC, request {spec.request_id or '-'}{attempt}",
        f"  decision  {decision.decision_id}, profile {profile}, snapshot {decision.snapshot_version}",
    ]


def _need(need: Amounts) -> str:
    return f"{need.vcpus} vcpus, {need.ram_mb} MB memory, {need.disk_gb} GB disk"


def _weighed_table(decision: Decision) -> list[str]:
    if decision.selected is None:
        return []
    weighers = [weight.weigher for weight in decision.selected.weights]
    rows = [["", "pod", "zone", "score", *weighers]]
    rows += [_weighed_row(decision, weighed) for weighed in decision.weighed]
    more = decision.weighed_count - len(decision.weighed)
    lines = [f"{decision.weighed_count} passed all filters; higher wins:", *_columns(rows)]
    return [*lines, f"     and {more} more"] if more > 0 else lines


def _weighed_row(decision: Decision, weighed: WeighedPod) -> list[str]:
    bound = decision.binding is not None and decision.binding.pod_id == weighed.pod.pod_id
    mark = "->" if weighed is decision.weighed[0] else "* " if bound else ""
    weights = [f"{weight.weighted:+.3f}" for weight in weighed.weights]
    name = weighed.pod.pod_name + (" (bound)" if bound else "")
    return [mark, name, weighed.pod.az_name, f"{weighed.score:.3f}", *weights]


def _rejected_lines(decision: Decision) -> list[str]:
    """The bound pod first: its reasons are those that matter."""
    if not decision.rejected_counts:
        return []
    bound_id = decision.binding.pod_id if decision.binding else ""
    pods = sorted(decision.rejected, key=lambda pod: pod.pod_id != bound_id)
    rows = [
        [
            "",
            pod.pod_name + (" (bound)" if pod.pod_id == bound_id else ""),
            rejection.filter,
            sentence(rejection),
        ]
        for pod in pods[:SHOWN_REJECTED]
        for rejection in pod.rejections
    ]
    more = sum(decision.rejected_counts.values()) - min(len(pods), SHOWN_REJECTED)
    lines = [f"Stopped by filters: {_counted(decision)}", *_columns(rows)]
    if more > 0:
        lines.append(f"     and {more} more")
    return [*lines, "  A pod stops at its first filter; a bound one is asked by all."]


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield ("  " + "  ".join(cells)).rstrip()


def _counted(decision: Decision) -> str:
    if not decision.zone_known:
        return f"no pod is in the zone {decision.spec.az_name}"
    counts = (f"{count} by {name}" for name, count in decision.rejected_counts.items())
    return ", ".join(counts) or "there are none"


def _bound(decision: Decision) -> RejectedPod | WeighedPod | None:
    """The pod that the project was bound to when it was decided; None when it is gone."""
    if decision.binding is None:
        return None
    bound_id = decision.binding.pod_id
    weighed = (pod for pod in decision.weighed if pod.pod.pod_id == bound_id)
    rejected = (pod for pod in decision.rejected if pod.pod_id == bound_id)
    return next(weighed, None) or next(rejected, None)


def _bound_name(decision: Decision) -> str:
    bound = _bound(decision)
    if isinstance(bound, WeighedPod):
        return bound.pod.pod_name
    if bound is not None:
        return bound.pod_name
    return decision.binding.pod_id if decision.binding else "nothing"


def _why_not_bound(decision: Decision) -> str:
    bound = _bound(decision)
    if bound is None:
        return "that pod is gone"
    if isinstance(bound, RejectedPod):
        return "; ".join(_once(sentence(rejection) for rejection in bound.rejections))
    best = decision.selected.score if decision.selected else 0.0
    return f"outweighed, {best:.3f} against {bound.score:.3f}"


def _once(sentences: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(sentences))


def _rank(decision: Decision) -> str:
    count = decision.weighed_count
    return "the only pod that can take it" if count == 1 else f"the best of {count} pods that can take it"
