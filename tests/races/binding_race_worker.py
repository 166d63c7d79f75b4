"""One of several processes that race: creates by the hundred over few projects, and a report of each.

Says ``ready``, waits for a line, races, and writes its report as JSON to standard output.
"""

from __future__ import annotations

import json
import random
import sys
import uuid
from dataclasses import asdict, dataclass, replace
from typing import Any

from pynamodb.transactions import TransactWrite

from chalicelib import wiring
from chalicelib.adapters.dynamodb.binding_items import write_binding, write_event
from chalicelib.adapters.dynamodb.binding_store import DynamoBindingStore
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.model.amounts import Amounts
from chalicelib.model.errors import BindingConflict
from chalicelib.model.snapshot import snapshot_of
from chalicelib.settings import Settings
from tests.builders import a_spec

ZONES = ("az1", "az1", "az2", None)
NOTHING_COUNTED = Amounts(instances=1)  # the race is for bindings: claims must fill no pod
SHARE_OF_THE_CROWD = 0.8
CROWD_SECONDS = 0.3
CREATES_A_LISTING = 4  # pods are listed this rarely, so that decisions are made on stale ones too


@dataclass(frozen=True)
class Race:
    """What one process is to do; ``fenced`` False takes the conditions away, which must show."""

    url: str
    prefix: str
    seed: int
    creates: int
    projects: int
    fenced: bool = True


class CountingBindingStore(DynamoBindingStore):
    """Counts the races it lost."""

    lost = 0

    def commit(self, change, also=()):
        try:
            return super().commit(change, also)
        except BindingConflict:
            self.lost += 1
            raise


class UnfencedBindingStore(CountingBindingStore):
    """The same writes without their conditions: whoever writes last has it."""

    def _write(self, change, also):
        with TransactWrite(connection=self._database.connection) as write:
            write.save(write_binding(self._bindings, change.after))
            write.save(write_event(self._events, change.event))
            for further in also:
                further.join(write)


class Racer:
    """A process's own stores, binder and dice."""

    def __init__(self, race: Race):
        database = Database(race.prefix, PatientConnection("us-east-1", race.url))
        self.bindings = (CountingBindingStore if race.fenced else UnfencedBindingStore)(database)
        chosen = Settings()
        stores = replace(wiring.in_deployment(database, chosen), bindings=self.bindings)
        self.pods, self.binder = stores.pods, wiring.build_services(stores, chosen).servers.attempts.binder
        self.race, self.dice = race, random.Random(race.seed)

    def run(self) -> dict[str, Any]:
        acknowledged, errors = [], []
        for number in range(self.race.creates):
            if number % CREATES_A_LISTING == 0:
                pods = snapshot_of(self.pods.list())
            try:
                acknowledged.append(self.create(pods))
            except Exception as error:
                errors.append(repr(error))
        return {"acknowledged": acknowledged, "errors": errors, "lost": self.bindings.lost}

    def create(self, pods) -> dict[str, Any]:
        spec = a_spec(
            project_id=f"project-{self.project()}",
            az_name=self.dice.choice(ZONES),
            requested_at=wiring.now(),
            request_id=f"req-{uuid.uuid4()}",
            need=NOTHING_COUNTED,
        )
        chosen = self.binder.bind(spec, pods)
        binding = chosen.binding
        return {
            "project_id": spec.project_id,
            "key": list(binding.key) if binding else None,
            "generation": binding.generation if binding else None,
            "pod_id": chosen.pod.pod_id,
            "action": chosen.action.value,
            "decision_id": chosen.decision.decision_id,
        }

    def project(self) -> int:
        """Mostly the one that all processes are at just now: it is a race."""
        if self.dice.random() < SHARE_OF_THE_CROWD:
            return int(wiring.now().timestamp() / CROWD_SECONDS) % self.race.projects
        return self.dice.randrange(self.race.projects)


def argument(race: Race) -> str:
    return json.dumps(asdict(race))


if __name__ == "__main__":
    racer = Racer(Race(**json.loads(sys.argv[1])))
    racer.pods.list()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    json.dump(racer.run(), sys.stdout)
