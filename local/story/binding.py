"""The heart of the story: a binding is made, kept, and moved when its pod is full."""

from __future__ import annotations

from local.story.picture import draw_history, draw_pods, rejection_of, scores_of
from local.story.registering import let_others_move_in
from local.story.scene import Scene

ZONE = "az1"
FLAVOR = "m1.medium"
_CROWDED = 0.625  # the share of the bound pod's hosts that others use before the second VM


def bind(scene: Scene) -> None:
    """A project's first VM binds it to the best pod of the zone."""
    before = scene.bindings(scene.alpha)
    scene.prove("So far, alpha is bound to no pod.", before == [], before)
    _say_command(scene, "web-1")
    server_id = scene.alpha.boot("web-1", FLAVOR, ZONE)
    binding = scene.binding(scene.alpha, ZONE)
    bound = scene.pod_name(binding["pod_id"])
    holding = scene.pods_with(server_id)
    scene.prove(f"web-1 is ACTIVE. {bound} has it, and no other pod does.", holding == [bound], holding)
    scene.prove(
        f"alpha is now bound to {bound} in {ZONE}: generation 1 of a new binding.",
        binding["generation"] == 1 and binding["decision_id"] != "",
        binding,
    )
    decision = scene.last_decision(scene.alpha)
    best = decision["weighed"][0]["pod_name"]
    scene.prove(f"{bound} has the best score: {scores_of(decision)}.", best == bound, decision)


def keep(scene: Scene) -> None:
    """The second VM goes to the same pod though another has more room, and nothing is written."""
    before = scene.binding(scene.alpha, ZONE)
    bound = scene.pod_name(before["pod_id"])
    scene.terminal.paragraph(f"Others move into {bound}, which isn't full yet but the fullest of its zone:")
    let_others_move_in(scene, bound, _CROWDED)
    scene.refresh()
    draw_pods(scene)
    _say_command(scene, "web-2")
    server_id = scene.alpha.boot("web-2", FLAVOR, ZONE)
    holding = scene.pods_with(server_id)
    scene.prove(f"web-2 is ACTIVE in {bound} too.", holding == [bound], holding)
    decision = scene.last_decision(scene.alpha)
    scene.prove(
        'The decision was "keep": volumes and networks don\'t move, so a pod that can take the VM is kept.',
        decision["action"] == "keep",
        decision,
    )
    after, events = scene.binding(scene.alpha, ZONE), scene.history(before)
    scene.prove(
        "Nothing was written: the binding is at generation 1, its history one event long.",
        after == before and len(events) == 1,
        (after, events),
    )
    asked = {"project_id": scene.alpha.project_id, "flavor_id": decision["spec"]["flavor"]["flavor_id"]}
    tried = {**asked, "az_name": ZONE, "profile": {"based_on": "follow_best"}}
    other = scene.admin.post("/v1.0/decisions/dry-run", {"decision": tried})["decision"]
    scene.prove(
        f"Under the profile follow_best it would have moved to {other['pod_name']}: {scores_of(other)}.",
        other["action"] == "update" and other["pod_name"] != bound,
        other,
    )


def move(scene: Scene) -> None:
    """The bound pod fills up: the next VM goes to another one, and the binding with it."""
    old = scene.pod_name(scene.binding(scene.alpha, ZONE)["pod_id"])
    scene.terminal.paragraph(f"Others take all that is left of {old}. The next capacity reading sees it:")
    scene.cloud.pod(old).fill()
    scene.refresh()
    draw_pods(scene)
    _say_command(scene, "web-3")
    server_id = scene.alpha.boot("web-3", FLAVOR, ZONE)
    binding = scene.binding(scene.alpha, ZONE)
    new = scene.pod_name(binding["pod_id"])
    holding = scene.pods_with(server_id)
    scene.prove(f"web-3 is ACTIVE, in {new}.", holding == [new] and new != old, holding)
    scene.prove(
        f"The binding moved from {old} to {new}: it is at generation 2.", binding["generation"] == 2, binding
    )
    decision = scene.admin.get(f"/v1.0/decisions/{binding['decision_id']}")["decision"]
    refused = rejection_of(decision, old)
    scene.prove(
        f'The decision says why {old} was passed over: "{refused}".',
        "full" in refused,
        decision["rejected"],
    )
    servers = scene.alpha.servers()
    scene.prove(
        "The older VMs stay where they are: alpha lists web-1, web-2 and web-3 as one cloud.",
        servers == dict.fromkeys(("web-1", "web-2", "web-3"), "ACTIVE"),
        servers,
    )
    events = scene.history(binding)
    pods = [scene.pod_name(event["pod_id"]) for event in events]
    scene.prove("The history remembers who was where, since when, and why:", pods == [old, new], events)
    draw_history(scene, events)


def _say_command(scene: Scene, name: str) -> None:
    scene.terminal.paragraph("alpha asks as it would ask any OpenStack:")
    scene.terminal.command(
        f"$ openstack server create --flavor {FLAVOR} --image cirros --availability-zone {ZONE} {name}"
    )
