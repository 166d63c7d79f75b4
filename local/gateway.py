"""The gateway on this machine: the app in this process, served by ``chalice.local`` on 127.0.0.1.

``python -m local.gateway --port N`` serves it, with the settings of the environment, until SIGTERM or
SIGINT.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack

from chalice.app import Chalice

from local import ports, queues, tables
from local.clocks import Clocks, every_tick
from local.serving import Server

NO_SETTINGS: Mapping[str, str] = {}


class Gateway:
    """The app with the settings that ``environ`` adds to this process's environment.

    The app reads its settings once in a process, so a second gateway in this process must have the same.
    """

    def __init__(self, port: int = 0, environ: Mapping[str, str] = NO_SETTINGS) -> None:
        """Prepare; the app is imported and the port opened by ``start``. Port 0 takes any free one."""
        self._port = port
        self._environ = environ
        self._server: Server | None = None
        self._app: Chalice | None = None

    @property
    def url(self) -> str:
        """Where it listens. Raises RuntimeError before ``start``."""
        if self._server is None:
            raise RuntimeError("the gateway was not started")
        return self._server.url

    @property
    def app(self) -> Chalice:
        """The app that it serves. Raises RuntimeError before ``start``."""
        if self._app is None:
            raise RuntimeError("the gateway was not started")
        return self._app

    def start(self) -> None:
        """Import the app and serve it.

        Raises PortUnusable, and RuntimeError when this process has imported the app with other settings.
        """
        ports.refuse_taken(self._port, ports.GATEWAY_PORT, "the gateway")
        os.environ.update(self._environ)
        self._app = _imported()
        self._server = Server(self._app, self._port)
        self._server.start()

    def stop(self) -> None:
        """Close the port and all connections; does nothing when it doesn't run."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def clocks(self, every_seconds: float) -> Clocks:
        """The clocks that call the app as EventBridge does on AWS. The caller starts and stops them."""
        return Clocks(every_tick(self.app), every_seconds)

    def poller(self) -> queues.Poller:
        """The poller that hands the app its messages as on AWS. The caller starts and stops it."""
        from chalicelib.settings import settings

        sqs = queues.client(settings.dynamodb_url)
        return queues.Poller(sqs, settings.job_queue_url, queues.deliver_to(self.app))


def _imported() -> Chalice:
    # Imported late, since chalicelib.settings reads the environment when it is imported.
    from app import app
    from chalicelib import settings

    if settings.read(os.environ) != settings.settings:
        raise RuntimeError("the app was imported in this process with other settings")
    return app


def main() -> int:
    """Serve until a signal comes. The exit status: 0 after a signal, 2 when the port can't be used."""
    try:
        options = _read_options()
        if options.create_tables:
            queues.provide()
        gateway = Gateway(options.port)
        gateway.start()
    except ports.PortUnusable as error:
        print(error, file=sys.stderr)
        return 2
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: done.set())
    with ExitStack() as ends:
        ends.callback(gateway.stop)
        if options.create_tables:
            tables.create()
        if options.refresh_seconds:
            clocks = gateway.clocks(options.refresh_seconds)
            ends.callback(clocks.stop)
            clocks.start()
            if os.environ.get(queues.URL):
                poller = gateway.poller()
                ends.callback(poller.stop)
                poller.start()
        print(f"Gateway  {gateway.url}", flush=True)
        done.wait()
    return 0


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.gateway", description=__doc__)
    port = ports.read(os.environ).gateway
    parser.add_argument("--port", type=int, default=port, help=f"default {port}; 0 takes a free one")
    parser.add_argument(
        "--refresh-seconds",
        type=float,
        default=0.0,
        help="run the clocks at this pace, and the queue; default: neither",
    )
    parser.add_argument(
        "--create-tables",
        action="store_true",
        help="create the tables and the queue that are missing, in a local DynamoDB",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
