"""Project access: may this project use the pod?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import About, Filter, HoldsFor, Rejection, Scope

_DENIED = Rejection("project_access", Scope.POD, "denied")
_NO_CREDENTIAL = Rejection("project_access", Scope.POD, "no_credential")
_NOT_ALLOWED = Rejection("project_access", Scope.POD, "not_allowed")


@dataclass(frozen=True)
class ProjectAccessFilter(Filter):
    """Reject a pod that is closed to the project; an empty list of allowed projects allows all.

    A pod with a Keystone of its own is closed to a project that has no credential there.
    """

    name: ClassVar[str] = "project_access"
    about: ClassVar[About] = About.ACCESS
    holds_for: ClassVar[HoldsFor] = HoldsFor.KIND
    reason: ClassVar[str] = "is not open to this project"
    sentences: ClassVar[dict[str, str]] = {
        "denied": "denies this project",
        "not_allowed": "is only for other projects",
        "no_credential": "has its own Keystone, and no credential of this project",
    }

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """A denial wins over an allowance."""
        if spec.project_id in pod.denied_project_ids:
            return _DENIED
        if pod.allowed_project_ids and spec.project_id not in pod.allowed_project_ids:
            return _NOT_ALLOWED
        return None if pod.lets_in(spec.project_id) else _NO_CREDENTIAL
