"""Located: find the pod that holds a resource, and send the client's request there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote

from chalicelib import observability
from chalicelib.model.claim import GATHERED_AFTER_SECONDS, Share
from chalicelib.model.errors import NotFound, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, has
from chalicelib.model.resource import Resource, ResourceRow, is_uuid
from chalicelib.service.asking.answer import PodAnswer, shown
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.known_locations import KnownLocations
from chalicelib.service.asking.location import location_of, may_hold
from chalicelib.service.asking.owner import send_to_owner
from chalicelib.service.asking.roster import Roster
from chalicelib.service.ports import Clock, LocationStore, PodClient, ProjectStore

Prepare = Callable[[Pod, PodRequest], PodRequest]

NOT_FOUND = 404
DELETING = 204


@dataclass(frozen=True, slots=True)
class Located:
    """Sends what concerns one resource to its pod.

    ``search_seconds`` bounds the search for a resource that has no location. ``give_back`` is told of the
    share of its create's claim that a server had which is gone.
    """

    roster: Roster
    locations: LocationStore
    known: KnownLocations
    projects: ProjectStore
    client: PodClient
    fan_out: FanOut
    clock: Clock
    search_seconds: float
    give_back: Callable[[Share], None]

    def send(
        self,
        caller: Caller,
        resource: Resource,
        resource_id: str,
        request: PodRequest,
        prepare: Prepare | None = None,
    ) -> PodAnswer:
        """Forward a request to the resource's pod, whatever its service replies.

        ``prepare`` makes of it what that pod gets, as soon as the pod is known; what it raises passes.
        Raises NotFound when no pod of the project holds it, PodUnreachable when the service there doesn't
        reply (OutcomeUnknown when a request that changes something may have arrived), Unavailable when a
        pod that may hold it couldn't be asked.
        """
        if not is_uuid(resource_id):
            raise NotFound(resource.title, resource_id)
        resource_id = resource_id.lower()  # as pods write it; another spelling would be a second location
        if request.changes_something:
            location = self.known.anew(resource_id)
        else:
            location = self.known.get(resource_id, caller.identity)
        if location is None or not caller.identity.sees(location.project_id):
            location = self._search(caller, resource, resource_id, others=location is not None)
        try:
            pod = self.roster.pod(location.pod_id)
        except NotFound as error:  # the pod was removed, and its servers forgotten
            raise NotFound(resource.title, resource_id) from error
        request = prepare(pod, request) if prepare else request
        reply = send_to_owner(self.client, pod, request, resource.member)
        if unquote(request.path.partition("?")[0]).lower() == resource.path_of(resource_id):
            with self._best_effort(location):
                self._learn(location, request.method, reply, _may_tell(pod, location, caller))
        return PodAnswer(pod, reply)

    def _search(self, caller: Caller, resource: Resource, resource_id: str, others: bool) -> Location:
        """Ask the project's pods for a resource that has no location, and remember a hit.

        One of ``others``, by its location, takes the same steps and is found nowhere: neither the answer nor
        the time it takes tells whether there is one. A pod's word doesn't make it the caller's.
        """
        question = PodRequest(
            "GET",
            resource.path_of(resource_id),
            resource.service,
            token=caller.token,
            identity=caller.identity,
            request_id=caller.request_id,
            read_timeout_seconds=self.search_seconds,
            deadline=caller.deadline,
        )
        answers = self.fan_out.ask(
            self.holders(caller, everywhere=caller.identity.is_admin),
            lambda pod: self._shown(pod, resource, question),
            caller.deadline.at_most(self.search_seconds),
        )
        for pod, row in answers.given:
            if row is not None and not others:
                found = {**row, "id": resource_id}
                return self._found(caller, location_of(resource, found, caller, pod, self.clock()))
        if answers.missing:
            raise Unavailable(f"{resource.title} {resource_id} can't be looked up now: a pod doesn't answer.")
        raise NotFound(resource.title, resource_id)

    def _shown(self, pod: Pod, resource: Resource, question: PodRequest) -> ResourceRow | None:
        """The resource as a pod shows it. Only a 404 denies it: who gets one forgets what may still run."""
        reply = self.client.send(pod, question)
        return shown(pod, reply, resource) if has(pod, reply) else None

    def holders(self, caller: Caller, everywhere: bool) -> list[Pod]:
        """The pods that may hold something of the caller's project, or with ``everywhere`` of any."""
        project_pods = self.projects.pod_ids
        pods = self.roster.all() if everywhere else self.roster.of(project_pods(caller.identity.project_id))
        return [pod for pod in pods if may_hold(pod, self.locations)]

    def _found(self, caller: Caller, location: Location) -> Location:
        # A tenant finds only what is its project's. What an admin finds may be any project's, so no
        # location is written for it.
        return location if caller.identity.is_admin else self.locations.remember(location)

    def _learn(self, location: Location, method: str, reply: PodReply, may_tell: bool) -> None:
        """End or revive the location: an answer about the resource itself says whether it is there."""
        if not reply.is_answer or not may_tell:
            return
        gone, deleting = reply.status == NOT_FOUND, method == "DELETE" and reply.status == DELETING
        if gone:
            asked, location = location, self.known.anew(location.resource_id) or location
            if location.pod_id != asked.pod_id:
                return  # an operator has moved it since this process read where it is
        if location.ended_at is None and (gone or deleting):
            # A delete ends the location at once, since the client may never ask again. If the resource
            # stays after all, an ended location still routes, and the next 200 revives it.
            self.locations.end(location.resource_id, self.clock(), deleting)
        elif gone and location.deleted and location.share is not None and self._may_be_claimed(location):
            # Its delete was accepted, and now it is gone: the room needn't wait for the next refresh. Clients
            # who wait for the end of what they delete ask often, so the same room can be used again at once.
            self.give_back(location.share)
        elif reply.status == 200 and location.ended_at is not None and b'"deleting"' not in reply.body:
            self.locations.remember(location.revived())

    @contextmanager
    def _best_effort(self, location: Location) -> Iterator[None]:
        """The pod has done what was asked: its reply goes to the client, even if nothing can be written.

        The next answer about the resource, or the next refresh, is learned from.
        """
        try:
            yield
        except Exception:
            observability.logger().exception("location not written", extra={"id": location.resource_id})

    def _may_be_claimed(self, location: Location) -> bool:
        """Whether its claim may still count, so that old resources cost no write."""
        return self.clock() - location.created_at < timedelta(seconds=GATHERED_AFTER_SECONDS)


def _may_tell(pod: Pod, location: Location, caller: Caller) -> bool:
    """Whether the pod's answer to the caller says whether the resource is there.

    A pod with a Keystone of its own is asked as the caller's project there, be the caller an admin of ours:
    another project's resource may be hidden from it.
    """
    return not pod.is_hybrid or location.project_id == caller.identity.project_id
