"""A server's interfaces, volumes, consoles and events."""

from __future__ import annotations

from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.server import Interface
from local.standin.nova.server_body import write_addresses
from local.standin.nova.servers import find_server
from local.standin.nova.state import NovaState
from local.standin.router import Router


class DevicesApi:
    """The sub-resources of a server, but for its metadata and tags."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        server = "/servers/{server_id}"
        router.add("GET", server + "/ips", self.ips)
        router.add("GET", server + "/ips/{key}", self.ips_of_network)
        router.add("GET", server + "/os-interface", self.interfaces)
        router.add("POST", server + "/os-interface", self.add_interface)
        router.add("GET", server + "/os-interface/{key}", self.interface)
        router.add("DELETE", server + "/os-interface/{key}", self.remove_interface)
        router.add("GET", server + "/os-volume_attachments", self.volumes)
        router.add("POST", server + "/os-volume_attachments", self.attach_volume)
        router.add("GET", server + "/os-volume_attachments/{key}", self.volume)
        router.add("DELETE", server + "/os-volume_attachments/{key}", self.detach_volume)
        router.add("GET", server + "/diagnostics", self.diagnostics)
        router.add("GET", server + "/os-instance-actions", self.events)
        router.add("GET", server + "/os-instance-actions/{key}", self.event)
        router.add("GET", server + "/os-security-groups", self.security_groups)
        router.add("GET", server + "/migrations", self.migrations)
        router.add("GET", server + "/os-server-password", self.password)
        router.add("POST", server + "/remote-consoles", self.console)

    def ips(self, call: NovaCall) -> Reply:
        return Reply(200, {"addresses": _short(write_addresses(find_server(call, self._state), self._state))})

    def ips_of_network(self, call: NovaCall) -> Reply:
        addresses = _short(write_addresses(find_server(call, self._state), self._state))
        if call.vars["key"] not in addresses:
            raise Fault(404, "Instance is not a member of specified network")
        return Reply(200, {call.vars["key"]: addresses[call.vars["key"]]})

    def interfaces(self, call: NovaCall) -> Reply:
        found = find_server(call, self._state).interfaces
        return Reply(200, {"interfaceAttachments": [self._write(interface) for interface in found]})

    def add_interface(self, call: NovaCall) -> Reply:
        call.needs_member("os-attach-interfaces:create")
        server = find_server(call, self._state)
        asked = call.request.json().get("interfaceAttachment") or {}
        if asked.get("net_id") not in (None, self._state.network.id):
            raise Fault(404, f"Network {asked['net_id']} could not be found.")
        address, mac = self._state.network.next_address()
        interface = Interface(self._state.ids.uuid(), self._state.network.id, address, mac)
        server.interfaces.append(interface)
        return Reply(200, {"interfaceAttachment": self._write(interface)})

    def interface(self, call: NovaCall) -> Reply:
        return Reply(200, {"interfaceAttachment": self._write(self._interface(call))})

    def remove_interface(self, call: NovaCall) -> Reply:
        call.needs_member("os-attach-interfaces:delete")
        find_server(call, self._state).interfaces.remove(self._interface(call))
        return Reply(202)

    def _interface(self, call: NovaCall) -> Interface:
        for interface in find_server(call, self._state).interfaces:
            if interface.port_id == call.vars["key"]:
                return interface
        raise Fault(404, f"Port {call.vars['key']} could not be found.")

    def _write(self, interface: Interface) -> Json:
        fixed = {"subnet_id": self._state.network.subnet_id, "ip_address": interface.address}
        return {
            "port_state": "ACTIVE",
            "port_id": interface.port_id,
            "net_id": interface.network_id,
            "mac_addr": interface.mac,
            "fixed_ips": [fixed],
        }

    def volumes(self, call: NovaCall) -> Reply:
        return Reply(200, {"volumeAttachments": list(find_server(call, self._state).volumes)})

    def attach_volume(self, call: NovaCall) -> Reply:
        call.needs_member("os-volumes-attachments:create")
        server = find_server(call, self._state)
        asked = call.request.json().get("volumeAttachment") or {}
        if "volumeId" not in asked:
            raise Fault(400, "Invalid input for field/attribute volumeAttachment.")
        letter = chr(ord("b") + len(server.volumes))
        attachment = {
            "id": asked["volumeId"],
            "volumeId": asked["volumeId"],
            "serverId": server.id,
            "device": asked.get("device") or f"/dev/vd{letter}",
        }
        server.volumes.append(attachment)
        return Reply(200, {"volumeAttachment": attachment})

    def volume(self, call: NovaCall) -> Reply:
        return Reply(200, {"volumeAttachment": self._volume(call)})

    def detach_volume(self, call: NovaCall) -> Reply:
        call.needs_member("os-volumes-attachments:delete")
        find_server(call, self._state).volumes.remove(self._volume(call))
        return Reply(202)

    def _volume(self, call: NovaCall) -> Json:
        for volume in find_server(call, self._state).volumes:
            if volume["volumeId"] == call.vars["key"]:
                return volume
        raise Fault(404, f"volume_id not found: {call.vars['key']}")

    def diagnostics(self, call: NovaCall) -> Reply:
        call.needs_admin("os-server-diagnostics")
        server = find_server(call, self._state)
        if server.vm_state != "active":
            raise Fault(409, f"Instance {server.id} is in an invalid state for 'get_diagnostics'")
        return Reply(
            200, {"state": "running", "driver": "libvirt", "uptime": 1, "num_cpus": server.flavor.vcpus}
        )

    def events(self, call: NovaCall) -> Reply:
        return Reply(200, {"instanceActions": list(find_server(call, self._state).events)})

    def event(self, call: NovaCall) -> Reply:
        for event in find_server(call, self._state).events:
            if event["request_id"] == call.vars["key"]:
                return Reply(200, {"instanceAction": {**event, "events": []}})
        raise Fault(404, f"Action for request_id {call.vars['key']} on instance not found")

    def security_groups(self, call: NovaCall) -> Reply:
        server = find_server(call, self._state)
        groups = [
            {"id": name, "name": name, "description": "", "rules": [], "tenant_id": server.project_id}
            for name in server.security_groups
        ]
        return Reply(200, {"security_groups": groups})

    def migrations(self, call: NovaCall) -> Reply:
        call.needs_admin("servers:migrations:index")
        find_server(call, self._state)
        return Reply(200, {"migrations": []})

    def password(self, call: NovaCall) -> Reply:
        find_server(call, self._state)
        return Reply(200, {"password": ""})

    def console(self, call: NovaCall) -> Reply:
        call.needs_member("os-remote-consoles")
        find_server(call, self._state)
        asked = call.request.json().get("remote_console") or {}
        url = f"{call.request.origin}/console?token={self._state.ids.uuid()}"
        return Reply(200, {"remote_console": {**asked, "url": url}})


def _short(addresses: Json) -> Json:
    return {
        name: [{"version": address["version"], "addr": address["addr"]} for address in found]
        for name, found in addresses.items()
    }
