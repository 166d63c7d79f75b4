"""Bindings: operators look at them and their past, and change them by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.model.affinity import tags_of
from chalicelib.model.binding import Binding, BindingAction, BindingEvent, BindingKey, change_of
from chalicelib.model.errors import Conflict, GenerationConflict, InvalidField, NotFound
from chalicelib.model.identity import Caller
from chalicelib.model.page import BindingQuery, Page
from chalicelib.model.pod import Pod
from chalicelib.scheduler.sentences import sentence
from chalicelib.scheduler.standing import misfits
from chalicelib.service.ports import BindingStore, Clock, PodStore, ProjectStore, Write


@dataclass(frozen=True, slots=True)
class Bindings:
    """Bindings as operators see and change them; every change writes its event with who and why."""

    bindings: BindingStore
    pods: PodStore
    projects: ProjectStore
    clock: Clock

    def find(self, query: BindingQuery, page: Page = Page()) -> list[Binding]:
        """Bindings that match, sorted by project, zone and group. Raises InvalidField for a bad marker."""
        if page.marker and BindingKey.parse(page.marker) is None:
            raise InvalidField("marker", f"{page.marker} is no binding's id")
        return self.bindings.find(query, page)

    def get(self, key: BindingKey) -> Binding:
        """The binding, ended or not. Raises NotFound."""
        found = self.bindings.get(key)
        if found is None:
            raise NotFound("Binding", key.binding_id)
        return found

    def bind(self, project_id: str, pod_id: str, group: str, reason: str, caller: Caller) -> Binding:
        """Bind a project that isn't bound in the pod's zone; an ended binding comes back to life.

        Raises InvalidField when there is no such pod, it is the top region or the group is no tags' name;
        Conflict when the project is bound there already or the next create would move it elsewhere.
        """
        pod = self._taking(pod_id)
        self._refuse_misfit(pod, project_id, group)
        key = BindingKey(project_id, pod.az_name, group)
        before = self.bindings.get(key)
        if before is not None and before.is_binding:
            raise Conflict(
                f"{project_id} is bound to {self._name(before.pod_id)} in {key.az_name}: rebind it",
                field="tenant_id",
            )
        now = self.clock()
        fresh = Binding(key, pod_id, generation=1, created_at=now, updated_at=now, reason=reason)
        after = before.moved(pod_id, now, reason) if before else fresh
        return self._commit(None, after, caller, also=[self.projects.addition(project_id, pod_id)])

    def rebind(
        self, key: BindingKey, pod_id: str, reason: str, caller: Caller, generation: int | None = None
    ) -> Binding:
        """Move an active binding to another pod of its zone.

        Raises NotFound, InvalidField for a pod of another zone, Conflict for the same pod or an
        ended binding, GenerationConflict, BindingConflict when another request wrote first.
        """
        before = self._active(key)
        if generation is not None and before.generation != generation:
            raise GenerationConflict(
                f"the binding is at generation {before.generation}, not {generation}: read it again",
                field="generation",
            )
        if before.pod_id == pod_id:
            raise Conflict(f"it is bound to {self._name(pod_id)} already", field="pod_id")
        pod = self._taking(pod_id)
        if pod.az_name != key.az_name:
            raise InvalidField("pod_id", f"{pod.pod_name} is in {pod.az_name}, the binding in {key.az_name}")
        self._refuse_misfit(pod, key.project_id, key.affinity_group)
        after = before.moved(pod_id, self.clock(), reason)
        return self._commit(before, after, caller, also=[self.projects.addition(key.project_id, pod_id)])

    def end(self, key: BindingKey, reason: str, caller: Caller) -> Binding:
        """End an active binding; the project's next create decides afresh.

        Raises NotFound, Conflict when it has ended already, BindingConflict.
        """
        before = self._active(key)
        return self._commit(before, before.ended(self.clock(), reason), caller)

    def history(self, key: BindingKey) -> list[BindingEvent]:
        """All events, newest last. Raises NotFound when there never was a binding."""
        events = self.bindings.history(key)
        if not events:
            raise NotFound("Binding", key.binding_id)
        return events

    def at(self, key: BindingKey, moment: datetime) -> Binding:
        """The binding as it was at a moment (aware). Raises NotFound when none was active then."""
        events = self.history(key)
        last = next((event for event in reversed(events) if event.at <= moment), None)
        if last is None or last.action is BindingAction.ENDED:
            raise NotFound("Binding", f"{key.binding_id} at {moment.isoformat()}")
        return Binding(
            key,
            last.pod_id,
            last.generation,
            created_at=events[0].at,
            updated_at=last.at,
            reason=last.reason,
            decision_id=last.decision_id,
        )

    def _active(self, key: BindingKey) -> Binding:
        found = self.get(key)
        if not found.is_binding:
            raise Conflict(f"binding {key.binding_id} has ended")
        return found

    def _taking(self, pod_id: str) -> Pod:
        """The pod, if it takes anything new: the project's next create could go to no other."""
        try:
            pod = self.pods.get(pod_id)
        except NotFound as error:
            raise InvalidField("pod_id", f"no pod has the id {pod_id}") from error
        if not pod.az_name:
            raise InvalidField("pod_id", f"{pod.pod_name} is the top region, which takes no servers")
        if not pod.takes_new:
            raise Conflict(f"{pod.pod_name} is {pod.state} and takes nothing new", field="pod_id")
        return pod

    def _refuse_misfit(self, pod: Pod, project_id: str, group: str) -> None:
        """Raise Conflict when the pod fails a rule by which the next create would move the binding away."""
        tags = tags_of(group)
        if tags is None:
            raise InvalidField("affinity_group", "no tags have this group's name")
        for rejection in misfits(pod, project_id, tags):
            raise Conflict(f"{pod.pod_name} {sentence(rejection)}", field="pod_id")

    def _name(self, pod_id: str) -> str:
        try:
            return self.pods.get(pod_id).pod_name
        except NotFound:
            return pod_id

    def _commit(
        self, before: Binding | None, after: Binding, caller: Caller, also: Sequence[Write] = ()
    ) -> Binding:
        change = change_of(before, after, request_id=caller.request_id, user_id=caller.identity.user_id)
        return self.bindings.commit(change, also)
