"""A field of a pod is one entry: one is written in a copy of this repository, and all else follows."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
ENTRY = '    rack_count: int = entry(0, whole(0, 1000), "how many racks it fills, 0 to 1000")\n'
BEFORE = "    generation: int = entry("


def test_one_entry_is_all_that_a_new_field_needs(tmp_path):
    copy_to(tmp_path)
    pod = tmp_path / "chalicelib" / "model" / "pod.py"
    pod.write_text(pod.read_text().replace(BEFORE, ENTRY + BEFORE, 1))
    run(tmp_path, "docs.generated")

    types = ("mypy", "chalicelib/model", "--cache-dir", str(tmp_path / "types"))
    tests = (
        *("pytest", "-p", "no:cacheprovider", "tests/trials/a_pod_with_racks.py", "tests/docs"),
        *("tests/model/test_pod_table.py", "tests/adapters/dynamodb/test_snapshot_codec.py"),
    )
    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(run, tmp_path, *module) for module in (types, tests)]:
            done.result()


def copy_to(place):
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (REPOSITORY / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes((REPOSITORY / name).read_bytes())


def run(place, *module):
    """Run a Python module in the copy; what it said is the message when it fails."""
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
