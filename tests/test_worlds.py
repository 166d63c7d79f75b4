"""The world is listed once, in ``wiring/adapters.py``: a new store needs no line anywhere else."""

import ast
from pathlib import Path

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


def test_several_stores_are_seen():
    listed = """
from chalicelib.adapters.memory import MemoryJobStore, MemoryPodStore
stores = MemoryPodStore(()), MemoryJobStore()
"""
    assert stores_made(listed) == {"MemoryPodStore", "MemoryJobStore"}


def stores_made(source):
    """The stores of our adapters that a module makes; one that it scripts by inheriting doesn't count."""
    tree = ast.parse(source)
    imported = {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chalicelib.adapters")
        for name in node.names
        if name.name.endswith("Store")
    }
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {call.id for call in calls if isinstance(call, ast.Name)} & imported
