"""``python -m local.standin``: serve the stand-in cloud until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from local import demo
from local.standin.cloud import DemoCloud
from local.standin.listener import PortTaken
from local.standin.plan import read_pods


def main() -> int:
    """Serve until a signal comes. The exit status: 0 after a signal, 2 if a port is taken."""
    options = _read_options()
    plans = demo.PODS if options.pods is None else read_pods(json.loads(Path(options.pods).read_text()))
    cloud = DemoCloud(plans, base_port=options.base_port, build_seconds=options.build_seconds)
    try:
        cloud.start()
    except PortTaken as taken:
        last_port = options.base_port + len(plans)
        print(
            f"Can't start the stand-in cloud: {taken}. It needs {options.base_port} to {last_port}; "
            "choose others with --base-port or STANDIN_BASE_PORT.",
            file=sys.stderr,
        )
        return 2
    if options.gateway:
        cloud.register_gateway(options.gateway)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    print(f"Keystone  {cloud.auth_url}")
    for pod in cloud.pods.values():
        print(f"{pod.name:<9} {pod.url}  zone {pod.plan.az_name}", flush=True)
    done.wait()
    cloud.stop()
    return 0


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.standin", description=__doc__)
    default_port = int(os.environ.get("STANDIN_BASE_PORT", "18100"))
    parser.add_argument(
        "--base-port", type=int, default=default_port, help="Keystone's port; the pods follow"
    )
    parser.add_argument("--pods", help="a JSON file with other pods than the demo's")
    parser.add_argument("--gateway", help="the gateway's URL, to be entered as region Gateway")
    parser.add_argument("--build-seconds", type=float, default=0.5, help="how long a server builds")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
