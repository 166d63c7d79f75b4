"""What in the guides follows from the code is as the code would write it, and ``make check`` sees to it."""

import pytest

from docs import generated


@pytest.mark.parametrize("path", generated.documents(), ids=lambda path: path.name)
def test_what_the_code_writes_is_what_is_there(path):
    assert path.read_text() == generated.documents()[path](), "it is stale: make docs"


def test_what_is_up_to_date_passes_the_check():
    generated.main(["--check"])


def test_the_check_names_what_is_stale_and_leaves_it_as_it_is(monkeypatch, tmp_path):
    stale, missing = tmp_path / "stale.md", tmp_path / "missing.json"
    stale.write_text("old")
    monkeypatch.setattr(generated, "documents", lambda: dict.fromkeys((stale, missing), lambda: "new"))

    with pytest.raises(SystemExit, match=r"make docs: stale\.md, missing\.json"):
        generated.main(["--check"])
    assert (stale.read_text(), missing.exists()) == ("old", False)
    generated.main([])
    assert (stale.read_text(), missing.read_text()) == ("new", "new")
    generated.main(["--check"])
