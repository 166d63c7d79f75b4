"""The second half of the story: affinity, a cordoned pod, a dry run, and what tenants can't see."""

from __future__ import annotations

from local.story.binding import FLAVOR, ZONE
from local.story.picture import draw_decision, draw_pods, rejection_of
from local.story.scene import Scene

TAGGED_POD, TAGGED_ZONE = "Pod4", "az2"
GROUP = "resource=CAD%20Modeling"
_LARGE = "4"


def follow_affinity(scene: Scene) -> None:
    """A server whose flavor asks for a tag goes to the pod that carries it, by a second binding."""
    scene.terminal.paragraph(
        f"{TAGGED_POD} is kept for special work: it carries the tag resource=CAD Modeling. The flavor "
        "cad.large asks for it with the extra spec pod:resource. alpha names no zone:"
    )
    scene.terminal.command("$ openstack server create --flavor cad.large --image cirros cad-1")
    general = scene.binding(scene.alpha, ZONE)
    server_id = scene.alpha.boot("cad-1", "cad.large")
    holding = scene.pods_with(server_id)
    scene.prove(f"cad-1 is ACTIVE in {TAGGED_POD}.", holding == [TAGGED_POD], holding)
    special = scene.binding(scene.alpha, TAGGED_ZONE, GROUP)
    scene.prove(
        f"This work has a binding of its own, to {TAGGED_POD}; the one in {ZONE} is as it was.",
        scene.pod_name(special["pod_id"]) == TAGGED_POD and scene.binding(scene.alpha, ZONE) == general,
        scene.bindings(scene.alpha),
    )


def divert(scene: Scene) -> None:
    """A cordoned pod takes no new server, and the binding to it stays."""
    before = scene.binding(scene.alpha, ZONE)
    bound = scene.pod_name(before["pod_id"])
    full = scene.pod_name(scene.history(before)[0]["pod_id"])
    scene.terminal.paragraph(
        f"{full} has room again. The operator wants to look after {bound}, to which alpha is bound, and "
        f"cordons it: POST /v1.0/pods/.../cordon. Then alpha asks for web-4 in {ZONE}."
    )
    scene.cloud.pod(full).restore()
    scene.order_pod(bound, "cordon")
    scene.refresh()
    server_id = scene.alpha.boot("web-4", FLAVOR, ZONE)
    holding = scene.pods_with(server_id)
    scene.prove(f"web-4 is ACTIVE in {full}: this one VM was diverted.", holding == [full], holding)
    decision = scene.last_decision(scene.alpha)
    refused = rejection_of(decision, bound)
    scene.prove(
        f'The decision says why {bound} was passed over: "{refused}".',
        decision["action"] == "divert" and "cordoned" in refused,
        decision,
    )
    after = scene.binding(scene.alpha, ZONE)
    scene.prove(
        f"The binding was not touched: alpha goes home to {bound} when it is uncordoned.",
        after == before,
        after,
    )


def explain(scene: Scene) -> None:
    """A dry run: where a create would go now and why, without making it."""
    scene.terminal.paragraph(
        "The operator wonders where project beta's first m1.large would go, in any zone, while one pod "
        "is cordoned: POST /v1.0/decisions/dry-run. Each pod gets its verdict:"
    )
    asked = {"project_id": scene.beta.project_id, "flavor_id": _LARGE}
    decision = scene.admin.post("/v1.0/decisions/dry-run", {"decision": asked})["decision"]
    draw_decision(scene, decision)
    judged = {pod["pod_name"] for pod in (*decision["weighed"], *decision["rejected"])}
    scene.prove("All five pods are judged, with numbers.", judged == set(scene.pod_ids), judged)
    best = max(decision["weighed"], key=lambda pod: float(pod["score"]))
    scene.prove(
        f"It would bind beta to {best['pod_name']}, which has the best score.",
        (decision["action"], decision["pod_id"]) == ("create", best["pod_id"]),
        decision,
    )
    bindings = scene.bindings(scene.beta)
    scene.prove("A dry run writes nothing: beta is bound to no pod.", bindings == [], bindings)


def keep_apart(scene: Scene) -> None:
    """A project sees nothing of another one, and no tenant sees a pod."""
    servers = scene.beta.servers()
    scene.prove("beta lists its servers, and there are none.", servers == {}, servers)
    theirs = scene.alpha.get("/v2.1/servers")["servers"][0]["id"]
    shown = scene.beta.ask("GET", f"/v2.1/servers/{theirs}")
    scene.prove("beta asks for one of alpha's by its id: 404.", shown.status == 404, shown)
    refused = scene.beta.ask("GET", "/v1.0/pods")
    scene.prove("beta asks the admin API for the pods: 403.", refused.status == 403, refused)


def uncordon(scene: Scene) -> None:
    """The pod takes servers again, and the project that stayed bound to it is back there."""
    home = scene.pod_name(scene.binding(scene.alpha, ZONE)["pod_id"])
    scene.order_pod(home, "uncordon")
    server_id = scene.alpha.boot("web-5", FLAVOR, ZONE)
    holding = scene.pods_with(server_id)
    scene.prove(f"web-5 is ACTIVE in {home} again.", holding == [home], holding)
    scene.refresh()
    draw_pods(scene)
