"""A door: a pod with a Keystone of its own, and who lets projects in there."""

from __future__ import annotations

import pytest

from chalicelib.model.errors import Conflict
from tests.builders import a_hybrid_pod, a_pod
from tests.service.desk import OPERATOR, Desk

INSIDE, OTHER = "a" * 32, "b" * 32


class Door(Desk):
    """A pod with a Keystone of its own, which knows two projects by their credentials, and a plain one."""

    def __init__(self):
        super().__init__(a_hybrid_pod("hybrid"), a_hybrid_pod("second"), a_pod("plain"))
        self.inside.inside = {"ours": INSIDE, "ours-too": INSIDE, "theirs": OTHER}
        self.service = self.services.pod_projects

    def let_in(self, project_id="p1", ref="ours", pod_id="hybrid"):
        return self.service.let_in(pod_id, project_id, ref, OPERATOR, "a contract")

    def shut_out(self, project_id="p1"):
        self.service.shut_out("hybrid", project_id, OPERATOR, "it is over")

    @property
    def record(self):
        pod = self.pods.get("hybrid")
        return pod.pod_project_ids, pod.project_credentials, pod.generation

    @property
    def last_deed(self):
        return self.pods.history("hybrid")[-1].deed

    def refusal(self, *args):
        before = self.record
        with pytest.raises(Conflict) as refused:
            self.let_in(*args)
        assert self.record == before
        return refused.value.field, str(refused.value)
