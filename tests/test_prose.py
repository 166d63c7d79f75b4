"""What a machine can see of our prose: no docstring that says nothing, no reference that leads nowhere."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("app.py", "chalicelib", "local", "simulation", "bench", "deployment", "docs")
FEW_WORDS = 3
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
HEADING_NAMED = re.compile(r"docs/design\.md,\s+(?:#\s+)?([A-Z][^.;:)\n]*)")


def files(suffix, *folders):
    listed = subprocess.run(
        ["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split() if name.endswith(suffix)]


def docstrings(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield getattr(node, "name", path.stem), ast.get_docstring(node)


def headings(path):
    return [line.lstrip("# ").strip() for line in path.read_text().splitlines() if line.startswith("#")]


def anchor(heading):
    kept = re.sub(r"[^\w\s-]", "", heading.lower().replace("`", ""))
    return "#" + kept.strip().replace(" ", "-")


def test_every_docstring_says_something():
    silent = [
        f"{path.relative_to(ROOT)} {name}: {text}"
        for path in files(".py", *PRODUCT)
        for name, text in docstrings(path)
        if text is not None and len(text.split()) <= FEW_WORDS
    ]

    assert silent == []


def test_no_reference_leads_to_a_document_that_is_not_here():
    strangers = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in (*files(".py", *PRODUCT, "tests"), *files(".md"))
        for line in path.read_text().splitlines()
        if re.search(r"\bDESIGN \d|\(DESIGN\b", line) and path != Path(__file__)
    ]

    assert strangers == []


@pytest.mark.parametrize("path", files(".md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(path):
    dead = []
    for target, fragment in LINK.findall(path.read_text()):
        led_to = (path.parent / target).resolve() if target else path
        known = led_to.exists()
        if known and fragment and led_to.suffix == ".md":
            known = fragment in {anchor(heading) for heading in headings(led_to)}
        if not known:
            dead.append(target + fragment)

    assert dead == []


def test_every_heading_of_the_design_that_code_names_is_there():
    known = headings(ROOT / "docs" / "design.md")
    named = [
        (str(path.relative_to(ROOT)), found.strip())
        for path in files(".py", *PRODUCT, "tests")
        if path != Path(__file__)
        for found in HEADING_NAMED.findall(re.sub(r"\n\s*", " ", path.read_text()))
    ]

    assert [name for name in named if not any(name[1].startswith(heading) for heading in known)] == []
