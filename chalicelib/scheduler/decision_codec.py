"""Decision codec: a decision as few bytes, such that it can be explained and decided again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chalicelib.scheduler.decision import Action, Decision, RejectedPod, WeighedPod, Weight
from chalicelib.scheduler.decision_facts import (
    read_binding,
    read_pod,
    read_spec,
    write_binding,
    write_pod,
    write_spec,
)
from chalicelib.scheduler.rule import Rejection, Scope

LIMIT_BYTES = 32 * 1024
_Group = dict[str, Any]


def pack(decision: Decision) -> bytes:
    """At most ``LIMIT_BYTES``, compressed.

    When it would be more, the details of the filters that stopped the most pods are left out and
    counted in ``omitted``; the counts for each filter stay. Raises ValueError if even the pods that a
    replay needs are too much, which takes texts that no API lets in.
    """
    document = _document(decision)
    groups = sorted(_groups(decision.rejected), key=lambda group: len(group["ids"]))
    while True:
        packed = zlib.compress(_json({**document, "rejected": groups}))
        if len(packed) <= LIMIT_BYTES:
            return packed
        if not groups:
            raise ValueError(f"decision {decision.decision_id} takes {len(packed)} bytes")
        document["omitted"] += len(groups.pop()["ids"])


def unpack(packed: bytes) -> Decision:
    """The decision as it was packed: the pods as ``decision_facts`` keeps them."""
    document = json.loads(zlib.decompress(packed))
    spec = read_spec(document["spec"])
    flavor_id = spec.flavor.flavor_id
    weighed = tuple(_read_weighed(row, document["weighers"], flavor_id) for row in document["weighed"])
    in_full = [_read_in_full(row, flavor_id) for row in document["in_full"]]
    rejected = [*in_full, *_read_groups(document["rejected"])]
    return Decision(
        decision_id=document["id"],
        spec=spec,
        profile=document["profile"],
        action=Action(document["action"]),
        selected=weighed[0] if weighed else None,
        binding=read_binding(document["binding"]) if document["binding"] else None,
        weighed=weighed,
        weighed_count=document["weighed_count"],
        rejected=tuple(sorted(rejected, key=lambda pod: pod.pod_id)),
        rejected_counts=document["counts"],
        snapshot_version=document["snapshot_version"],
        omitted=document["omitted"],
        zone_known=document["zone_known"],
        access_denied=document["access_denied"],
        contested=Action(document["contested"]) if document.get("contested") else None,
    )


def _document(decision: Decision) -> dict[str, Any]:
    """All but the pods of which only a rejection is kept."""
    spec = decision.spec
    in_full = [rejected for rejected in decision.rejected if _is_in_full(rejected)]
    kept = {weighed.pod.pod_id for weighed in decision.weighed} | {r.pod_id for r in in_full}
    return {
        "id": decision.decision_id,
        "spec": write_spec(spec, kept),
        "profile": dict(decision.profile),
        "action": decision.action.value,
        "binding": write_binding(decision.binding) if decision.binding else None,
        "weighers": [weight.weigher for weight in decision.selected.weights] if decision.selected else [],
        "weighed": [
            [write_pod(pod, spec), score, [weight[1:] for weight in weights]]
            for pod, score, weights in decision.weighed
        ],
        "weighed_count": decision.weighed_count,
        # Always empty. Processes of the version before read it, beside ours during a deployment and after a
        # rollback. It can go once no process of that version may read a decision that we wrote.
        "ranges": {},
        "in_full": [
            [r.pod_id, r.pod_name, r.rejections, write_pod(r.pod, spec) if r.pod else None] for r in in_full
        ],
        "counts": dict(decision.rejected_counts),
        "snapshot_version": decision.snapshot_version,
        "omitted": decision.omitted,
        "zone_known": decision.zone_known,
        "access_denied": decision.access_denied,
        "contested": decision.contested.value if decision.contested else None,
    }


def _is_in_full(rejected: RejectedPod) -> bool:
    """Bound pods: they are few, and carry all their rejections."""
    return rejected.pod is not None or len(rejected.rejections) != 1


def _groups(rejected: Iterable[RejectedPod]) -> list[_Group]:
    """Rejections by filter, scope and code, in columns: like beside like compresses best."""
    groups: dict[tuple[str, str, str], _Group] = {}
    for pod in rejected:
        if _is_in_full(pod):
            continue
        name, scope, code, numbers = pod.rejections[0]
        empty: _Group = {"why": [name, scope.value, code], "ids": [], "names": [], "numbers": []}
        group = groups.setdefault((name, scope, code), empty)
        group["ids"].append(pod.pod_id)
        group["names"].append(pod.pod_name)
        group["numbers"].append(numbers)
    return list(groups.values())


def _read_groups(groups: Iterable[_Group]) -> Iterator[RejectedPod]:
    for group in groups:
        for pod_id, pod_name, numbers in zip(group["ids"], group["names"], group["numbers"], strict=True):
            yield RejectedPod(pod_id, pod_name, (_rejection([*group["why"], numbers]),))


def _read_in_full(row: Sequence[Any], flavor_id: str) -> RejectedPod:
    pod_id, pod_name, rejections, facts = row
    pod = read_pod(facts, flavor_id) if facts else None
    return RejectedPod(pod_id, pod_name, tuple(_rejection(rejection) for rejection in rejections), pod)


def _rejection(row: Sequence[Any]) -> Rejection:
    name, scope, code, numbers = row
    return Rejection(name, Scope(scope), code, tuple(numbers))


def _read_weighed(row: Sequence[Any], weighers: Sequence[str], flavor_id: str) -> WeighedPod:
    facts, score, weights = row
    named = (Weight(weigher, *weight) for weigher, weight in zip(weighers, weights, strict=True))
    return WeighedPod(read_pod(facts, flavor_id), score, tuple(named))


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
