"""Pictures: tables of the pods with bars of their fill, of a binding's history, and of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.story.scene import Scene
from local.terminal import Cell

_BUSY, _FULL = 0.70, 0.90  # where a bar turns yellow and red
_STATE_STYLES = {"enabled": "green", "cordoned": "yellow", "draining": "yellow", "disabled": "red"}
Json = Mapping[str, Any]


def draw_pods(scene: Scene) -> None:
    """A table of all pods: how full each was when its capacity was last read, and who is bound to it."""
    rows = []
    bound = _bound(scene)
    for pod in scene.admin.get("/v1.0/pods")["pods"]:
        capacity = scene.admin.get(f"/v1.0/pods/{pod['pod_id']}/capacity")["capacity"]
        rows.append(
            [
                Cell(pod["pod_name"], "bold"),
                Cell(pod["az_name"]),
                *_fill(scene, capacity),
                Cell(pod["state"], _STATE_STYLES.get(pod["state"], "")),
                Cell(_notes(pod, bound.get(pod["pod_id"], []))),
            ]
        )
    scene.terminal.table(("POD", "ZONE", "FILL", "", "VCPUS", "CLAIMED", "STATE", "NOTES"), rows)


def _fill(scene: Scene, capacity: Json) -> tuple[Cell, Cell, Cell, Cell]:
    """The bar and share of the fullest resource, and the virtual CPUs: used of the limit, and claimed."""
    if capacity["fullest"] is None:
        return Cell("never read", "dim"), Cell(""), Cell(""), Cell("")
    fraction = float(capacity["resources"][capacity["fullest"]]["fill"] or 0.0)
    style = "red" if fraction >= _FULL else "yellow" if fraction >= _BUSY else "green"
    vcpus = capacity["resources"]["vcpus"]
    return (
        Cell(scene.terminal.bar(fraction), style),
        Cell(f"{fraction:4.0%}"),
        Cell(f"{vcpus['used']:>2}/{vcpus['limit']}"),
        Cell(f"{vcpus['claimed']:>7}"),
    )


def _notes(pod: Json, bound: list[str]) -> str:
    tags = [f"tag {value}" for value in pod["affinity_tags"].values()]
    return "; ".join([*tags, *(f"bound: {name}" for name in bound)])


def _bound(scene: Scene) -> dict[str, list[str]]:
    """The names of the projects bound to each pod, by the pod's id."""
    names = {actor.project_id: actor.name for actor in (scene.admin, scene.alpha, scene.beta)}
    bound: dict[str, list[str]] = {}
    for binding in scene.admin.get("/v1.0/bindings")["pod_bindings"]:
        name = names.get(binding["tenant_id"], binding["tenant_id"])
        bound.setdefault(binding["pod_id"], []).append(name)
    return bound


def draw_history(scene: Scene, events: list[dict[str, Any]]) -> None:
    """A table of a binding's events: where the project was bound, since when, and why."""
    rows = [
        [
            Cell(str(event["generation"])),
            Cell(event["at"][11:19]),
            Cell(event["action"], "bold"),
            Cell(scene.pod_name(event["pod_id"])),
            Cell(event["reason"]),
        ]
        for event in events
    ]
    scene.terminal.table(("GEN", "UTC", "EVENT", "POD", "REASON"), rows)


def draw_decision(scene: Scene, decision: Json) -> None:
    """A table of all pods: the score and its parts of those that passed, the rejection of the others."""
    chosen = decision["pod_id"]
    rows = [
        [
            Cell(pod["pod_name"], "bold"),
            Cell("chosen" if pod["pod_id"] == chosen else "fits", "green"),
            Cell(f"{pod['score']:.2f}"),
            Cell(_weights(pod)),
        ]
        for pod in decision["weighed"]
    ]
    rows += [
        [
            Cell(pod["pod_name"], "bold"),
            Cell("refused", "yellow"),
            Cell(""),
            Cell("; ".join(said["sentence"] for said in pod["rejections"])),
        ]
        for pod in sorted(decision["rejected"], key=lambda pod: str(pod["pod_name"]))
    ]
    scene.terminal.table(("POD", "VERDICT", "SCORE", "WHY"), rows)


def _weights(pod: Json) -> str:
    told = [
        f"{weight['weigher'].replace('_', ' ')} {weight['weighted']:+.2f}"
        for weight in pod["weights"]
        if abs(weight["weighted"]) >= 0.005
    ]
    return ", ".join(told) or "nothing speaks for or against it"


def scores_of(decision: Json) -> str:
    """Each pod that was weighed, with its score and the score's parts, as one text."""
    return "; ".join(f"{pod['pod_name']} {pod['score']:.2f} ({_weights(pod)})" for pod in decision["weighed"])


def rejection_of(decision: Json, pod_name: str) -> str:
    """Why a decision rejected a pod, in the filters' own words; empty when it didn't."""
    for pod in decision["rejected"]:
        if pod["pod_name"] == pod_name:
            return "; ".join(said["sentence"] for said in pod["rejections"])
    return ""
