"""``python -m local``: the whole product on this machine. It plays a story, then serves.

Variables: TRIO2O_LOCAL_DYNAMODB_PORT (4566), TRIO2O_LOCAL_CLOUD_PORT (18100, Keystone; the pods take the
ports after it), TRIO2O_LOCAL_PORT (8000, the gateway), TRIO2O_LOCAL_STATE (.local-state, for logs), NO_COLOR.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from local import laptop, ports
from local.dynamodb import DynamoUnavailable
from local.ending import Ending
from local.invitation import invite
from local.standin.listener import PortTaken
from local.story.errors import StoryFailed
from local.story.telling import tell
from local.terminal import Terminal

STATE_DIR = "TRIO2O_LOCAL_STATE"
LOG = "gateway.log"
_ENDED_EARLY = 130


def main() -> int:
    """The exit status: 0 when all went well, 1 when a claim of the story didn't hold, 2 when it can't start,
    130 when Ctrl-C or a signal ended it before it served.
    """
    options = _read_options()
    terminal, complaints = (Terminal.of(stream, os.environ) for stream in (sys.stdout, sys.stderr))
    state_dir = Path(os.environ.get(STATE_DIR) or ".local-state")
    try:
        chosen = ports.read(os.environ)
        return _run(terminal, chosen, state_dir, options.story_only)
    except (ports.PortUnusable, PortTaken, DynamoUnavailable) as error:
        complaints.complain(str(error))
        return 2
    except StoryFailed as error:
        complaints.complain(f"The story failed in {error} The gateway's log is {state_dir / LOG}.")
        return 1
    except KeyboardInterrupt:
        terminal.line()
        return _ENDED_EARLY


def _run(terminal: Terminal, chosen: ports.Ports, state_dir: Path, story_only: bool) -> int:
    log = state_dir / LOG
    ending = Ending()
    with _output_in(log), laptop.running(chosen, state_dir, terminal, ending) as running:
        bound = tell(terminal, running.cloud)
        if story_only:
            return 0
        invite(terminal, running, bound, log)
        try:
            while True:
                signal.pause()
        except KeyboardInterrupt:
            terminal.line()
            terminal.line("Ended.")
        return 0


@contextmanager
def _output_in(log: Path) -> Iterator[None]:
    """Send what the app prints to a file, so that the terminal shows the story alone."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", buffering=1) as file, redirect_stdout(file), redirect_stderr(file):
        yield


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--story-only", action="store_true", help="end when the story is told")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
