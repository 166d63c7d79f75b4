"""Writes a server as Nova shows it at the request's microversion."""

from __future__ import annotations

import hashlib
from datetime import datetime

from local.standin.clock import api_time, precise_time
from local.standin.message import Json
from local.standin.nova.call import NovaCall
from local.standin.nova.flavor import write_embedded_flavor
from local.standin.nova.server import Server
from local.standin.nova.state import NovaState

PROGRESS = {"ACTIVE", "BUILD", "VERIFY_RESIZE", "SHUTOFF"}


def write_server(server: Server, call: NovaCall, state: NovaState) -> Json:
    """A server in full, as its caller may see it."""
    body: Json = {
        "id": server.id,
        "name": server.name,
        "status": server.status,
        "tenant_id": server.project_id,
        "user_id": server.user_id,
        "metadata": dict(server.metadata),
        "hostId": _host_id(server),
        "image": _image(server, call),
        "flavor": _flavor(server, call),
        "created": api_time(server.created_at),
        "updated": api_time(server.updated_at or server.created_at),
        "addresses": write_addresses(server, state),
        "accessIPv4": server.access_ipv4,
        "accessIPv6": server.access_ipv6,
        "links": call.links("servers", server.id),
        "OS-DCF:diskConfig": server.disk_config,
        "OS-EXT-AZ:availability_zone": state.zone if server.host else "",
        "config_drive": server.config_drive,
        "key_name": server.key_name,
        "OS-SRV-USG:launched_at": _whole_second(server.launched_at) if server.launched_at else None,
        "OS-SRV-USG:terminated_at": _whole_second(server.terminated_at) if server.terminated_at else None,
        "OS-EXT-STS:task_state": server.task_state,
        "OS-EXT-STS:vm_state": server.vm_state,
        "OS-EXT-STS:power_state": server.power_state,
        "os-extended-volumes:volumes_attached": _volumes(server, call.minor),
    }
    if server.status in PROGRESS:
        body["progress"] = 0
    if server.interfaces:
        body["security_groups"] = [{"name": name} for name in server.security_groups]
    if server.status == "ERROR" and server.fault is not None:
        body["fault"] = server.fault
    _since(body, server, call)
    if call.caller.is_admin:
        _for_admins(body, server, call, state)
    return body


def _since(body: Json, server: Server, call: NovaCall) -> None:
    """Add the fields that later microversions brought for everyone."""
    if call.minor >= 9:
        body["locked"] = server.locked
    if call.minor >= 19:
        body["description"] = server.description
    if call.minor >= 26:
        body["tags"] = list(server.tags)
    if call.minor >= 63:
        body["trusted_image_certificates"] = None
    if call.minor >= 73:
        body["locked_reason"] = server.locked_reason
    if call.minor >= 90:
        body["OS-EXT-SRV-ATTR:hostname"] = server.hostname
    if call.minor >= 96:
        body["pinned_availability_zone"] = server.asked_zone


def _for_admins(body: Json, server: Server, call: NovaCall, state: NovaState) -> None:
    body["OS-EXT-SRV-ATTR:host"] = server.host
    body["OS-EXT-SRV-ATTR:hypervisor_hostname"] = server.host
    body["OS-EXT-SRV-ATTR:instance_name"] = f"instance-{server.sequence:08x}"
    if call.minor >= 3:
        body["OS-EXT-SRV-ATTR:reservation_id"] = server.reservation_id
        body["OS-EXT-SRV-ATTR:launch_index"] = server.launch_index
        body["OS-EXT-SRV-ATTR:hostname"] = server.hostname
        body["OS-EXT-SRV-ATTR:kernel_id"] = ""
        body["OS-EXT-SRV-ATTR:ramdisk_id"] = ""
        body["OS-EXT-SRV-ATTR:root_device_name"] = "/dev/vda"
        body["OS-EXT-SRV-ATTR:user_data"] = server.user_data
    if call.minor >= 16:
        host = state.host_named(server.host)
        body["host_status"] = "" if host is None else "UP" if host.up else "DOWN"


def write_addresses(server: Server, state: NovaState) -> Json:
    """A server's addresses by the network's name."""
    if not server.interfaces:
        return {}
    addresses = [
        {
            "version": 4,
            "addr": interface.address,
            "OS-EXT-IPS:type": "fixed",
            "OS-EXT-IPS-MAC:mac_addr": interface.mac,
        }
        for interface in server.interfaces
    ]
    return {state.network.name: addresses}


def _whole_second(moment: datetime) -> str:
    return precise_time(moment.replace(microsecond=0))  # a database keeps no fraction


def _host_id(server: Server) -> str:
    if server.host is None:
        return ""
    return hashlib.sha224((server.project_id + server.host).encode()).hexdigest()


def _image(server: Server, call: NovaCall) -> Json | str:
    if server.image_id is None or server.from_volume:
        return ""
    return {"id": server.image_id, "links": call.links("images", server.image_id)[1:]}


def _flavor(server: Server, call: NovaCall) -> Json:
    if call.minor >= 47:
        return write_embedded_flavor(server.flavor)
    return {"id": server.flavor.id, "links": call.links("flavors", server.flavor.id)[1:]}


def _volumes(server: Server, minor: int) -> list[Json]:
    if minor < 3:
        return [{"id": volume["volumeId"]} for volume in server.volumes]
    return [
        {"id": v["volumeId"], "delete_on_termination": v.get("delete_on_termination", False)}
        for v in server.volumes
    ]
