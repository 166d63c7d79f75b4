"""Merged: lists of several pods as one list."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.identity import Caller
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import Resource
from chalicelib.service.asking.pages import ResourcePage
from chalicelib.service.kinds.merged_by_id import MergedById
from chalicelib.service.kinds.merged_held import MergedHeld
from chalicelib.service.kinds.merged_in_order import MergedInOrder


@dataclass(frozen=True, slots=True)
class Merged:
    """Merges located resources in the order asked for, and what all pods show alike by its id.

    What is held comes pod by pod.
    """

    in_order: MergedInOrder
    by_id: MergedById
    held: MergedHeld

    def page(self, caller: Caller, resource: Resource, query: ListQuery, request: PodRequest) -> ResourcePage:
        """One page. ``request`` is the client's own, without its query.

        Raises PodRefused with the answer of a pod that refuses the query, InvalidField for an unknown
        marker, Unavailable when none of the pods that could answer does.
        """
        if resource.held:
            return self.held.page(caller, resource, query, request)
        way = self.in_order if resource.located else self.by_id
        return way.page(caller, resource, query, request)
