"""Builds the servers of a create. If not all of them find a host, all go to ERROR."""

from __future__ import annotations

from datetime import timedelta

from local.standin.clock import api_time
from local.standin.hosts import first_with_room
from local.standin.message import Fault, Json
from local.standin.nova.call import NovaCall
from local.standin.nova.server import Interface, Server
from local.standin.nova.server_order import Order
from local.standin.nova.state import NovaState


def build(order: Order, call: NovaCall, state: NovaState) -> list[Server]:
    """Make the servers. As in Nova, one without a host goes to ERROR after the client got its 202."""
    _check_quota(order, call, state)
    reservation_id = "r-" + state.ids.uuid()[:8]
    servers = [_draft(order, call, state, reservation_id, index) for index in range(order.count)]
    placed: list[Server] = []
    for server in servers:
        host = first_with_room(state.hosts, server.need, order.host)
        if host is None:
            break
        state.put(server, host)
        placed.append(server)
    done_at = state.clock.now() + timedelta(seconds=state.build_seconds)
    for server in servers:
        state.servers[server.id] = server
        state.note(server, "create", call.caller.user_id, call.request.request_id, state.clock.now())
        if len(placed) == len(servers):
            _connect(server, order, state)
            server.heading_for("ACTIVE", "spawning", done_at)
        else:
            _fail(server, state)
            server.heading_for("ERROR", "scheduling", done_at)
        server.settle(state.clock.now())
    return servers


def _draft(order: Order, call: NovaCall, state: NovaState, reservation_id: str, index: int) -> Server:
    asked = order.asked
    name = order.name if order.count == 1 else f"{order.name}-{index + 1}"
    groups = [group["name"] for group in asked.get("security_groups", [{"name": "default"}])]
    return Server(
        id=state.ids.uuid(),
        name=name,
        project_id=call.project_id,
        user_id=call.caller.user_id,
        flavor=order.flavor,
        image_id=order.image_id,
        created_at=state.clock.now(),
        sequence=len(state.servers) + index + 1,
        reservation_id=reservation_id,
        metadata=dict(asked.get("metadata") or {}),
        tags=list(order.tags),
        description=asked.get("description", name if call.minor < 19 else None),
        key_name=asked.get("key_name"),
        user_data=asked.get("user_data"),
        config_drive="True" if asked.get("config_drive") in (True, "true", "True", "1") else "",
        disk_config=asked.get("OS-DCF:diskConfig", "MANUAL"),
        access_ipv4=asked.get("accessIPv4") or "",
        access_ipv6=asked.get("accessIPv6") or "",
        hostname=asked.get("hostname") or name.lower().replace(" ", "-"),
        security_groups=groups,
        volumes=_volumes(asked, state),
        from_volume=order.image_id is None or _boots_from_volume(asked),
        launch_index=index,
        asked_zone=order.zone,
    )


def _boots_from_volume(asked: Json) -> bool:
    devices = asked.get("block_device_mapping_v2") or []
    return any(
        str(device.get("boot_index")) == "0" and device.get("destination_type") == "volume"
        for device in devices
    )


def _volumes(asked: Json, state: NovaState) -> list[Json]:
    devices = asked.get("block_device_mapping_v2") or []
    return [
        {"volumeId": device.get("uuid") or state.ids.uuid(), "delete_on_termination": False}
        for device in devices
        if device.get("destination_type") == "volume"
    ]


def _connect(server: Server, order: Order, state: NovaState) -> None:
    for _ in range(order.network_count):
        address, mac = state.network.next_address()
        server.interfaces.append(Interface(state.ids.uuid(), state.network.id, address, mac))


def _fail(server: Server, state: NovaState) -> None:
    state.lift(server)
    server.host = None
    server.fault = {
        "code": 500,
        "message": "No valid host was found. ",
        "created": api_time(state.clock.now()),
    }


def _check_quota(order: Order, call: NovaCall, state: NovaState) -> None:
    mine, written = state.servers_of(call.project_id), state.limits.get((call.project_id, ""), {})
    checks = (
        ("instances", 1, len(mine), state.quota.instances),
        ("cores", order.flavor.vcpus, sum(s.flavor.vcpus for s in mine), state.quota.cores),
        ("ram", order.flavor.ram_mb, sum(s.flavor.ram_mb for s in mine), state.quota.ram_mb),
    )
    for noun, each, used, default in checks:
        limit = written.get(noun, default)
        if 0 <= limit < used + each * order.count:
            raise Fault(
                403,
                f"Quota exceeded for {noun}: Requested {each * order.count}, "
                f"but already used {used} of {limit} {noun}",
            )
