"""Telling: plays the whole story, chapter by chapter."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from local.standin.cloud import DemoCloud
from local.story import binding, placing, registering
from local.story.errors import StoryFailed
from local.story.scene import Scene
from local.terminal import Terminal


class Step(NamedTuple):
    """A chapter of the story: its title, and the function that plays it."""

    title: str
    play: Callable[[Scene], None]


STEPS = (
    Step("An operator registers five pods", registering.register_pods),
    Step("Project alpha boots its first VM, and is bound to a pod", binding.bind),
    Step("The next VM keeps the binding, though another pod has more room", binding.keep),
    Step("The pod fills up, and the binding moves", binding.move),
    Step("A flavor asks for special hardware", placing.follow_affinity),
    Step("A pod is cordoned: this VM is diverted, the binding stays", placing.divert),
    Step("A dry run explains itself", placing.explain),
    Step("Project beta sees nothing of alpha", placing.keep_apart),
    Step("The pod is uncordoned, and alpha goes home", placing.uncordon),
)


def tell(terminal: Terminal, cloud: DemoCloud) -> str:
    """Play every chapter and check all that it claims; returns the pod that alpha is bound to at the end.

    Raises StoryFailed at the first claim that doesn't hold.
    """
    started = time.monotonic()
    scene = Scene.on(terminal, cloud)
    terminal.gap()
    terminal.line("Trio2o: many OpenStack pods, used as one cloud", "bold")
    terminal.paragraph(
        "Tenants talk to one endpoint and see its zones. For each new VM Trio2o weighs the pods, binds "
        "the project to the best one, calls that pod's Nova, and can always say why. All that follows "
        f"happens now, over HTTP; each line with {terminal.mark} was checked."
    )
    for number, step in enumerate(STEPS, start=1):
        terminal.heading(f"{number}. {step.title}")
        _play(number, step, scene)
    seconds = time.monotonic() - started
    terminal.heading(f"The story is true: {scene.proven} claims checked in {seconds:.0f} s.")
    return scene.pod_name(scene.binding(scene.alpha, binding.ZONE)["pod_id"])


def _play(number: int, step: Step, scene: Scene) -> None:
    try:
        step.play(scene)
    except StoryFailed as error:
        raise StoryFailed(f"step {number} ({step.title}): {error}.") from error
    except (LookupError, TypeError, ValueError, StopIteration) as error:
        raise StoryFailed(f"step {number} ({step.title}): an answer has another shape: {error!r}.") from error
