"""The world is listed once, in ``wiring/adapters.py``: a new store needs no line anywhere else."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("chalicelib/service", "local", "bench", "simulation", "tests")
# These test the stores themselves, one or two that belong together.
OWN_TESTS = ROOT / "tests" / "adapters" / "dynamodb"


def test_no_file_makes_several_stores():
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    others = [file for file in files if OWN_TESTS not in file.parents]

    made = {str(file.relative_to(ROOT)): stores_made(file.read_text()) for file in others}

    assert len(made) > 200
    assert {name: stores for name, stores in made.items() if len(stores) > 1} == {}


@pytest.mark.parametrize(
    "listed",
    [
        """
from chalicelib.adapters.memory import MemoryJobStore, MemoryPodStore
stores = MemoryPodStore(()), MemoryJobStore()
""",
        """
from chalicelib.adapters.memory import MemoryJobStore as Jobs, MemoryPodStore as Pods
stores = Pods(()), Jobs()
""",
        """
from chalicelib.adapters import memory
stores = memory.MemoryPodStore(()), memory.MemoryJobStore()
""",
        """
import chalicelib.adapters.memory
stores = chalicelib.adapters.memory.MemoryPodStore(()), chalicelib.adapters.memory.MemoryJobStore()
""",
    ],
    ids=["by name", "by another name", "by module", "by path"],
)
def test_several_stores_are_seen(listed):
    assert stores_made(listed) == {"MemoryPodStore", "MemoryJobStore"}


def stores_made(source):
    """The stores of our adapters that a module makes; one that it scripts by inheriting doesn't count."""
    tree = ast.parse(source)
    imported = {
        name.asname or name.name: name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chalicelib.adapters")
        for name in node.names
    }
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = {imported.get(call.id, "") for call in calls if isinstance(call, ast.Name)}
    of_modules = {call.attr for call in calls if isinstance(call, ast.Attribute)}
    return {name for name in named | of_modules if name.endswith("Store")}
