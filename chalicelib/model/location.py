"""Location: the pod that holds a server, or another resource that lives in one pod."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.model.claim import Share
from chalicelib.model.deed import Deed


@dataclass(frozen=True, slots=True)
class Location:
    """Where a resource lives, who owns it, and what a stub of it needs while its pod is down.

    ``decision_id`` names the decision that sent it there; empty when nobody saw the create's answer.
    ``ended_at`` is set once its pod said that it is gone; an ended location still routes, so that a
    false 404 loses nothing, but is never listed as a stub. ``build_failed_at`` is when we learned that no
    host took the server. ``share`` is its part of the room that its create claimed in ``pod_id``; None when
    nobody saw the create's answer. ``deleted`` says that it ended because its pod accepted a delete.
    ``deed`` is what an operator did to it last: he ended it, or moved it here from ``moved_from``.
    ``pod_request_id`` is the id under which the pod knows its create, while ``request_id`` is ours.
    """

    resource_id: str
    project_id: str
    pod_id: str
    created_at: datetime
    name: str = ""
    request_id: str = ""
    ended_at: datetime | None = None
    decision_id: str = ""
    build_failed_at: datetime | None = None
    share: Share | None = None
    deleted: bool = False
    pod_request_id: str = ""
    deed: Deed | None = None
    moved_from: str = ""

    def revived(self) -> Location:
        """The same, since its resource is there after all."""
        return replace(self, ended_at=None, deleted=False)

    def moved(self, pod_id: str, deed: Deed) -> Location:
        """The same in another pod, where no room was claimed for it. One that had ended lives again."""
        return replace(self.revived(), pod_id=pod_id, moved_from=self.pod_id, deed=deed, share=None)

    @property
    def was_only_found(self) -> bool:
        """Whether it was written by who met the server, and not by the create that made it."""
        return not self.decision_id and self.share is None
