"""Invitation: what to paste into another terminal once the story is told."""

from __future__ import annotations

import json
from pathlib import Path

from local import demo
from local.laptop import Laptop
from local.story.actor import DOMAIN, REGION
from local.terminal import Terminal

CLIENT = ".venv/bin/openstack"


def invite(terminal: Terminal, laptop: Laptop, log: Path) -> None:
    """Tell a tenant and an operator how to go on."""
    passwords = {login.user: login.password for login in demo.LOGINS}
    url = laptop.gateway.url
    terminal.heading("Now you, in another terminal in this directory: as a tenant, with the real client")
    for line in _login(laptop.cloud.auth_url, "alpha", passwords["alpha"]):
        terminal.command(line)
    terminal.command(f"{CLIENT} server list")
    terminal.command(f"{CLIENT} server create --flavor m1.tiny --image cirros --wait my-vm")
    terminal.heading("As an operator, with curl (after the lines above)")
    terminal.command(f"export API={url}/v1.0 {_user('admin', passwords['admin'])}")
    terminal.command(f"export TOKEN=$({CLIENT} token issue -f value -c id)")
    for path in ("pods", "bindings", "decisions?limit=1", "health"):
        terminal.command(f'curl -s -H "X-Auth-Token: $TOKEN" "$API/{path}" | python3 -m json.tool')
    terminal.line()
    asked = json.dumps({"decision": {"project_id": _beta_id(laptop), "flavor_id": "4"}})
    terminal.command(f"dry_run='{asked}'")
    terminal.command('curl -s -H "X-Auth-Token: $TOKEN" "$API/decisions/dry-run?format=text" -d "$dry_run"')
    terminal.heading("To see a binding move, fill a pod, and boot another VM after a minute")
    pod = next(iter(laptop.cloud.pods.values()))
    terminal.command(f"curl -s -X POST {pod.url}/_control/fill    # and .../restore")
    terminal.line()
    terminal.line(f"The gateway serves {url} and writes its log to {log}. Ctrl-C ends everything.", "bold")


def _login(auth_url: str, user: str, password: str) -> list[str]:
    return [
        f"export OS_AUTH_URL={auth_url} OS_REGION_NAME={REGION}",
        f"export OS_USER_DOMAIN_NAME={DOMAIN} OS_PROJECT_DOMAIN_NAME={DOMAIN}",
        f"export {_user(user, password)}",
    ]


def _user(user: str, password: str) -> str:
    project = next(login.project for login in demo.LOGINS if login.user == user)
    return f"OS_USERNAME={user} OS_PASSWORD={password} OS_PROJECT_NAME={project}"


def _beta_id(laptop: Laptop) -> str:
    beta = laptop.cloud.keystone.find_project("beta")
    return beta.id if beta else ""
