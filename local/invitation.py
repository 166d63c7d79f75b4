"""Invitation: what to paste into another terminal once the story is told."""

from __future__ import annotations

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
    terminal.heading("Now you: as a tenant, with the real client")
    for line in _login(laptop.cloud.auth_url, "alpha", passwords["alpha"]):
        terminal.command(line)
    terminal.command(f"{CLIENT} server list")
    terminal.command(f"{CLIENT} server create --flavor m1.tiny --image cirros --wait my-vm")
    terminal.heading("As an operator, with curl (after the lines above)")
    token = f"{_user('admin', passwords['admin'])} {CLIENT} token issue -f value -c id"
    terminal.command(f"TOKEN=$({token})")
    for path in ("pods", "bindings", "decisions?limit=1", "health"):
        terminal.command(f'curl -s -H "X-Auth-Token: $TOKEN" "{url}/v1.0/{path}" | python3 -m json.tool')
    terminal.heading("To see a binding move, fill a pod, and boot another VM after a minute")
    pod = next(iter(laptop.cloud.pods.values()))
    terminal.command(f"curl -s -X POST {pod.url}/_control/fill    # and .../restore")
    terminal.line()
    terminal.line(f"The gateway serves {url} and writes its log to {log}. Ctrl-C ends everything.", "bold")


def _login(auth_url: str, user: str, password: str) -> list[str]:
    return [
        f"export OS_AUTH_URL={auth_url} OS_REGION_NAME={REGION} OS_IDENTITY_API_VERSION=3",
        f"export {_user(user, password)}",
        f"export OS_USER_DOMAIN_NAME={DOMAIN} OS_PROJECT_DOMAIN_NAME={DOMAIN}",
    ]


def _user(user: str, password: str) -> str:
    project = next(login.project for login in demo.LOGINS if login.user == user)
    return f"OS_USERNAME={user} OS_PASSWORD={password} OS_PROJECT_NAME={project}"
