"""Nova's simple tenant usage: what servers took over a time, over all pods."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.versioning import speaks
from chalicelib.api.openstack.forwarding import pod_request, query_pairs, reply_of
from chalicelib.api.openstack.kinds import PARTIAL
from chalicelib.model.errors import Forbidden
from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.answer import PodRefused
from chalicelib.service.kinds.usage_reports import UsagePage

MOST_SERVERS = 1000  # of one answer, as Nova's max_limit
PAGED_SINCE = 40
_DETAILED = "detailed"


def list_usages(call: Call) -> Reply:
    """The usage of all projects; only with ``detailed=1`` also that of each of their servers."""
    answer = _page(call, "")
    if isinstance(answer, Reply):
        return answer
    if call.query.get(_DETAILED, ("0",))[0] != "1":
        for project in answer.projects:
            del project["server_usages"]
    return _reply(call, answer, "tenant_usages", answer.projects)


def show_usage(call: Call) -> Reply:
    """The usage of one project with its servers; empty where it had none."""
    project_id, identity = call.path["tenant_id"], call.caller.identity
    if project_id != identity.project_id and not identity.is_admin:
        raise Forbidden("Policy doesn't allow os_compute_api:os-simple-tenant-usage:show to be performed.")
    answer = _page(call, project_id)
    if isinstance(answer, Reply):
        return answer
    return _reply(call, answer, "tenant_usage", next(iter(answer.projects), {}))


def _page(call: Call, project_id: str) -> UsagePage | Reply:
    """A page; or the answer of a pod that refuses the query, which Nova judges."""
    paged = speaks(call, PAGED_SINCE)
    limit = call.query.get("limit", ("",))[-1] if paged else ""
    most = min(int(limit), MOST_SERVERS) if limit.isdecimal() and len(limit) < 10 else MOST_SERVERS
    query = [pair for pair in query_pairs(call) if pair[0] not in (_DETAILED, "marker")]
    if not project_id:
        query.append((_DETAILED, "1"))
    request = pod_request(call, SERVERS.service, query=tuple(query))
    marker = call.query.get("marker", ("",))[-1] if paged else ""
    reports = wiring.services().usage_reports
    try:
        return reports.page(call.caller, project_id, request, most if paged else None, marker)
    except PodRefused as refusal:
        return reply_of(refusal.answer, call)


def _reply(call: Call, page: UsagePage, name: str, content: Any) -> Reply:
    body: dict[str, Any] = {name: content}
    if page.last:
        pairs = {**{key: values[-1] for key, values in call.query.items()}, "marker": page.last}
        href = f"{call.base_url}{call.prefix}{call.raw_path}?{urlencode(sorted(pairs.items()))}"
        body[f"{name}_links"] = [{"rel": "next", "href": href}]
    return Reply(200, body, {PARTIAL: ",".join(page.partial)} if page.partial else {})
