"""A field of a pod is one entry: one is written in a copy of this repository, and all else follows."""

from tests.trials.copies import copy_to, run, run_together

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
    run_together(tmp_path, [types, tests])
