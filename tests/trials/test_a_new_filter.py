"""A filter is a module, a line and a test: those of the README, written into a copy of this repository."""

import re
import subprocess

from tests.trials.copies import REPOSITORY, copy_to, run_together

SECTION = (
    (REPOSITORY / "README.md").read_text().split("**To add a filter**")[1].split("**To add a route**")[0]
)
MODULE, LINE, TEST = re.findall(r"^```python\n(.+?)^```", SECTION, re.DOTALL | re.MULTILINE)
MODULE_AT, REGISTRY, TEST_AT = re.findall(r"`((?:chalicelib|tests)/[\w/]+\.py)`", SECTION)[:3]
LAST = '    "retry",\n'


def test_what_the_readme_says_is_all_that_a_new_filter_needs(tmp_path):
    copy_to(tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    (tmp_path / MODULE_AT).write_text(MODULE)
    (tmp_path / TEST_AT).write_text(TEST)
    registry = tmp_path / REGISTRY
    registry.write_text(registry.read_text().replace(LAST, LAST + LINE, 1))

    git(tmp_path, "add", "--intent-to-add", MODULE_AT, TEST_AT)
    assert git(tmp_path, "diff", "--name-only").split() == sorted([MODULE_AT, REGISTRY, TEST_AT])
    assert git(tmp_path, "diff", "--unified=0", REGISTRY).count("\n+ ") == 1
    # The trials of the repository itself would only copy the copy.
    tests = ("tests/scheduler", "tests/trials/a_filter_on_probation.py")
    run_together(
        tmp_path,
        [
            ("pytest", "-p", "no:cacheprovider", "-n", "2", *tests),
            ("mypy", "chalicelib/scheduler", "--cache-dir", str(tmp_path / "types")),
            ("ruff", "check", "--no-cache", "chalicelib", "tests"),
            ("ruff", "format", "--no-cache", "--check", "chalicelib", "tests"),
        ],
    )


def git(place, *arguments):
    return subprocess.run(["git", *arguments], cwd=place, check=True, capture_output=True, text=True).stdout
