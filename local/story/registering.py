"""The beginning of the story: an operator registers the pods."""

from __future__ import annotations

from local import demo
from local.laptop import CREDENTIAL_REF
from local.standin.hosts import Amount
from local.story.picture import draw_pods
from local.story.scene import Scene

# The share of each host that is in use when the story begins, since an operator's pods are never empty.
_USED = {"Pod1": 0.25, "Pod2": 0.50, "Pod3": 0.625, "Pod4": 0.125, "Pod5": 0.50}


def register_pods(scene: Scene) -> None:
    """The operator registers five pods, and tenants see three zones."""
    scene.terminal.paragraph(
        "A pod is an OpenStack of its own, with its own Nova and Placement. The operator tells the "
        "gateway each pod's Keystone region, the zone that tenants shall see it in, and the service "
        "credential with which its capacity is read: POST /v1.0/pods."
    )
    for name, share in _USED.items():
        let_others_move_in(scene, name, share)
    for plan in demo.PODS:
        record = plan.record()["pod"] | {"credential_ref": CREDENTIAL_REF}
        pod = scene.admin.post("/v1.0/pods", {"pod": record})["pod"]
        scene.pod_ids[pod["pod_name"]] = pod["pod_id"]
    reports = scene.refresh()
    draw_pods(scene)
    scene.prove(
        f"{len(reports)} pods are registered, and each has reported its capacity.",
        all(report["source"] == "placement" and report["error"] is None for report in reports),
        reports,
    )
    zones = scene.alpha.get("/v2.1/os-availability-zone")["availabilityZoneInfo"]
    names = [zone["zoneName"] for zone in zones if zone["zoneState"]["available"]]
    wanted = sorted({plan.az_name for plan in demo.PODS})
    scene.prove(f"A tenant sees the zones {', '.join(wanted)}, and no pod.", sorted(names) == wanted, zones)


def let_others_move_in(scene: Scene, name: str, share: float) -> None:
    """Have servers that the gateway never made use this share of each of a pod's hosts."""
    for host in scene.cloud.pod(name).hosts:
        room = host.size.capacity
        host.squatted = Amount(int(room.vcpus * share), int(room.ram_mb * share), int(room.disk_gb * share))
