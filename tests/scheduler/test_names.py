"""Rules are known by what they are about: only the registry and the presets call one by its name."""

import ast
from pathlib import Path

from chalicelib.scheduler.registry import FILTERS, WEIGHERS

ROOT = Path(__file__).parents[2]
NAMES = {*FILTERS, *WEIGHERS}
MAY_NAME = {f"chalicelib/scheduler/{name}.py" for name in ("registry", "presets")}
FOLDERS = ("chalicelib/scheduler/filters", "chalicelib/scheduler/weighers")
PACKAGES = tuple(folder.replace("/", ".") for folder in FOLDERS)
# These are also words of OpenStack's bodies and of our own, where they name no rule.
ALSO_WORDS = {"availability_zone", "flavor", "capacity", "proven"}


def named_in(source):
    """The rules that some code names in a text of its own, is compared with, or imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGES):
            yield node.module
        elif isinstance(node, ast.Constant) and node.value in NAMES - ALSO_WORDS:
            yield node.value
        elif isinstance(node, ast.Compare) and asks_for_a_name(node):
            texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
            yield from (text for text in texts if text in NAMES)


def asks_for_a_name(node):
    return any(
        isinstance(p, ast.Attribute) and p.attr in ("name", "filter", "weigher") for p in ast.walk(node)
    )


def test_nothing_else_names_a_rule():
    files = [
        file for folder in ("chalicelib", "local", "simulation") for file in (ROOT / folder).rglob("*.py")
    ]
    texts = {str(file.relative_to(ROOT)): file.read_text() for file in [ROOT / "app.py", *files]}
    named = {
        path: found
        for path, text in texts.items()
        if path not in MAY_NAME and not path.startswith(FOLDERS) and (found := list(named_in(text)))
    }

    assert named == {}


def test_a_name_is_found_however_it_is_used():
    assert list(named_in('_ELSEWHERE = ("bottom_pod", "availability_zone")')) == ["bottom_pod"]
    assert list(named_in('rule.name == "capacity"')) == ["capacity"]
    assert list(named_in('rejection.filter in ("flavor",)')) == ["flavor"]
    assert list(named_in("from chalicelib.scheduler.filters.capacity import CapacityFilter"))
    assert list(named_in('body["availability_zone"] == "az1"')) == []


def test_a_rule_is_called_as_its_module_is():
    for rule in [*FILTERS.values(), *WEIGHERS.values()]:
        assert rule.__module__.rpartition(".")[2] == rule.name
