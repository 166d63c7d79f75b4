"""Invitation: the commands that a reader can paste into another terminal after the story."""

from __future__ import annotations

import json
from pathlib import Path

from local import demo
from local.laptop import Laptop
from local.story.actor import DOMAIN, REGION
from local.terminal import Terminal

CLIENT = ".venv/bin/openstack"


def invite(terminal: Terminal, laptop: Laptop, bound: str, log: Path) -> None:
    """Print commands for a tenant and for an operator. ``bound`` is the pod that alpha is bound to."""
    passwords = {login.user: login.password for login in demo.LOGINS}
    url = laptop.gateway.url
    terminal.heading("Now you, in another terminal in this directory: as a tenant, by the real client")
    for line in _login(laptop.cloud.auth_url, "alpha", passwords["alpha"]):
        terminal.command(line)
    terminal.command(f"{CLIENT} server list")
    terminal.command(f"{CLIENT} server create --flavor m1.tiny --image cirros --wait my-vm")
    terminal.heading("As an operator, with curl (after the lines above)")
    as_admin = _user("admin", passwords["admin"])
    terminal.command(f"export API={url}/v1.0")
    terminal.command(f"export TOKEN=$({as_admin} {CLIENT} token issue -f value -c id)")
    for path in ("pods", "bindings", "decisions?limit=1", "health"):
        terminal.command(f'curl -s -H "X-Auth-Token: $TOKEN" "$API/{path}" | python3 -m json.tool')
    terminal.line()
    asked = json.dumps({"decision": {"project_id": _beta_id(laptop), "flavor_id": "4"}})
    terminal.command(f"dry_run='{asked}'")
    terminal.command('curl -s -H "X-Auth-Token: $TOKEN" "$API/decisions/dry-run?format=text" -d "$dry_run"')
    terminal.heading(f"To see the binding move: fill {bound}, boot a VM after a minute, list the bindings")
    terminal.command(
        f"curl -s -X POST {laptop.cloud.pod(bound).url}/_control/fill    # undone by .../restore"
    )
    terminal.heading(f"The gateway serves {url} and writes its log to {log}. Ctrl-C ends everything.")


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
