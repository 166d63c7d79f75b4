"""Server groups: made in the project's home pod, as many as the project may have over all its pods."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.model.errors import OverQuota
from chalicelib.model.identity import Caller
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVER_GROUPS
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.quotas import Quotas
from chalicelib.service.kinds.held import Held
from chalicelib.service.kinds.merged import Merged


@dataclass(frozen=True, slots=True)
class ServerGroups:
    """Counts a project's groups before it makes another one, as Nova does: two at once may pass the limit."""

    held: Held
    merged: Merged
    quotas: Quotas

    def create(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The home pod's reply. Raises OverQuota in Nova's words, and what ``Held.create`` raises.

        Groups in a pod that doesn't answer aren't counted; that pod's own quota is the safety net.
        """
        identity = caller.identity
        limit = self.quotas.limit_of(identity.project_id, identity.user_id, "server_groups")
        look = replace(request, method="GET", path=f"/{SERVER_GROUPS.collection}", body=None)
        if limit >= 0 and len(self.merged.page(caller, SERVER_GROUPS, ListQuery(), look).rows) >= limit:
            raise OverQuota("Quota exceeded, too many server groups.")
        return self.held.create(caller, request)
