"""Nova's limits, quota sets and quota class sets: one quota for all pods."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.json_body import check_proxied, refuse_long_id
from chalicelib.api.nova.quota_bodies import (
    GROUPS,
    check_query,
    hidden,
    read_quota,
    write_limits,
    write_quota,
)
from chalicelib.api.nova.versioning import VERSIONING
from chalicelib.model.errors import Forbidden, InvalidField
from chalicelib.model.microversion import Microversion
from chalicelib.model.quota import Holder

OWN_OR_ADMIN = "os_compute_api:os-quota-sets:{}"
MOST_CLASS_LETTERS = 255


def show_limits(call: Call) -> Reply:
    """The caller's project's limits and use of them; ``tenant_id`` lets admins see another's."""
    version, caller = _version(call), call.caller
    check_query(call, version, ("tenant_id",))
    project_id = call.query.get("tenant_id", (caller.identity.project_id,))[-1]
    if "tenant_id" in call.query and not caller.identity.is_admin:
        raise Forbidden("Policy doesn't allow os_compute_api:limits:other_project to be performed.")
    refuse_long_id("tenant_id", project_id)
    used = wiring.services().quota_limits.used(caller, Holder(project_id))
    return Reply(200, write_limits(wiring.services().quotas.limits(project_id), used, version))


def show_quota(call: Call) -> Reply:
    """A project's limits, or with ``user_id`` those of a user in it."""
    holder = _holder(call, "show")
    limits = wiring.services().quotas.limits(holder.project_id, holder.user_id)
    return Reply(200, {"quota_set": write_quota(limits, hidden(_version(call)), holder.project_id)})


def show_quota_detail(call: Call) -> Reply:
    """The same with what is used in all pods. Nothing is ever reserved."""
    holder = _holder(call, "detail")
    limits = wiring.services().quotas.limits(holder.project_id, holder.user_id)
    used = wiring.services().quota_limits.used(call.caller, holder)
    values = {name: {"limit": limit, "in_use": used[name], "reserved": 0} for name, limit in limits.items()}
    return Reply(200, {"quota_set": write_quota(values, hidden(_version(call)), holder.project_id)})


def show_quota_defaults(call: Call) -> Reply:
    """The limits of projects for which nobody has written any."""
    project_id = call.path["tenant_id"]
    wiring.services().quota_limits.verify(call.caller, project_id)
    defaults = wiring.services().quotas.defaults()
    return Reply(200, {"quota_set": write_quota(defaults, hidden(_version(call)), project_id)})


def update_quota(call: Call) -> Reply:
    """Write limits of a project, or of a user in it."""
    without = hidden(_version(call))
    asked, force = read_quota(call, "quota_set", without, forcible=True)
    holder = _holder(call, "update")
    wiring.services().quota_limits.write(call.caller, holder, asked, force)
    limits = wiring.services().quotas.limits(holder.project_id, holder.user_id)
    return Reply(200, {"quota_set": write_quota(limits, without)})


def delete_quota(call: Call) -> Reply:
    """Take the limits of a user back, or those of a project and of all its users."""
    check_proxied(call.raw_body)  # which Nova reads, though it needs none
    check_query(call, _version(call), ("user_id",))
    wiring.services().quota_limits.take_back(call.path["tenant_id"], _user_id(call))
    return Reply(202)


def show_quota_class(call: Call) -> Reply:
    """The limits of a class."""
    class_name, version = call.path["class_name"], _version(call)
    check_query(call, version, (), since="2.102")
    defaults = wiring.services().quotas.defaults(class_name)
    return Reply(200, {"quota_class_set": write_quota(defaults, _hidden_in_class(version), class_name)})


def update_quota_class(call: Call) -> Reply:
    """Write limits of a class."""
    class_name, version = call.path["class_name"], _version(call)
    asked, _ = read_quota(call, "quota_class_set", hidden(version, "2.49"), forcible=False)
    if len(class_name) > MOST_CLASS_LETTERS:
        raise InvalidField(
            "quota_class_name", f"quota_class_name has {len(class_name)} characters, more than 255."
        )
    wiring.services().quota_limits.write_class(class_name, asked)
    defaults = wiring.services().quotas.defaults(class_name)
    return Reply(200, {"quota_class_set": write_quota(defaults, _hidden_in_class(version))})


def _hidden_in_class(version: Microversion) -> tuple[str, ...]:
    return hidden(version, "2.49") or GROUPS


def _holder(call: Call, action: str) -> Holder:
    """Whose quota a path and its query name. Raises Forbidden for another's, InvalidField for nobody's."""
    check_query(call, _version(call), ("user_id",))
    project_id, identity = call.path["tenant_id"], call.caller.identity
    if project_id != identity.project_id and not identity.is_admin:
        raise Forbidden(f"Policy doesn't allow {OWN_OR_ADMIN.format(action)} to be performed.")
    wiring.services().quota_limits.verify(call.caller, project_id)
    return Holder(project_id, _user_id(call))


def _user_id(call: Call) -> str:
    user_id = call.query.get("user_id", ("",))[0]
    refuse_long_id("user_id", user_id)
    return user_id


def _version(call: Call) -> Microversion:
    return VERSIONING.of(call.headers)
