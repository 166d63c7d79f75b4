"""The threat model names its proofs, and these exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECURITY = (ROOT / "docs/SECURITY.md").read_text()


def test_every_proof_is_a_test_that_is_there():
    files = set(re.findall(r"`(tests/[\w/]+\.py)`", SECURITY))

    assert len(files) > 20
    assert [name for name in sorted(files) if not (ROOT / name).is_file()] == []
    for test, name in re.findall(r"`(test_\w+)` in `(tests/[\w/]+\.py)`", SECURITY):
        assert f"def {test}(" in (ROOT / name).read_text()
