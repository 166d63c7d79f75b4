"""Slim: leaves out of the zip what never runs, and adds bytecode.

Lambda's disk is read-only, so without bytecode every cold start compiles all that it imports. The bytecode is
``unchecked-hash``: Python loads it without comparing it with the source, whose time stamp means nothing in a
zip. ``python -m deployment.slim build/package/deployment.zip`` is run by ``make package``.
"""

from __future__ import annotations

import compileall
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from py_compile import PycInvalidationMode
from shutil import copyfile
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

BOTOCORE_SERVICES = frozenset({"dynamodb", "lambda", "secretsmanager", "sqs"})
# pbr requires setuptools to build packages, which Lambda never does. It isn't pinned either.
UNUSED_PACKAGES = frozenset({"setuptools", "pkg_resources", "_distutils_hack"})
WHERE_LAMBDA_UNPACKS = "/var/task"
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def slim(zip_path: Path, kept_in: Path) -> None:
    """Replace the zip by a slim one. It is kept in ``kept_in`` too, and used again for the same input."""
    known = kept_in / f"{_key(zip_path)}.zip"
    if not known.exists():
        for outdated in kept_in.glob("*.zip"):
            outdated.unlink()
        kept_in.mkdir(parents=True, exist_ok=True)
        unfinished = known.with_suffix(".part")
        _rewrite(zip_path, unfinished)
        unfinished.replace(known)
    copyfile(known, zip_path)


def is_needed(name: str) -> bool:
    """Whether a file of the zip may be needed when the app runs."""
    parts = PurePosixPath(name).parts
    top = parts[0].split("-")[0]
    if top in UNUSED_PACKAGES or name.endswith((".pyc", ".pyi")):
        return False
    if parts[:2] == ("botocore", "data") and len(parts) > 3:
        return parts[2] in BOTOCORE_SERVICES
    # boto3's data describes its resources, which we don't use. openstacksdk and others ship their tests.
    return parts[:2] != ("boto3", "data") and "tests" not in parts[:-1]


def _key(zip_path: Path) -> str:
    """A hash that changes with the zip, with this module, and with the Python that the bytecode is for."""
    rules = Path(__file__).read_bytes() + sys.version.encode()
    return hashlib.sha256(zip_path.read_bytes() + rules).hexdigest()


def _rewrite(fat: Path, thin: Path) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        with ZipFile(fat) as archive:
            archive.extractall(root, [name for name in archive.namelist() if is_needed(name)])
        _compile(root)
        with ZipFile(thin, "w", ZIP_DEFLATED) as archive:
            for path in _files(root):
                # Fixed times and permissions, so that equal input gives an equal zip on any machine.
                entry = ZipInfo(path.relative_to(root).as_posix(), LONG_AGO)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes(), ZIP_DEFLATED)


def _compile(root: Path) -> None:
    # Files that don't compile (templates, syntax of another Python) stay as they are; nothing imports them.
    compileall.compile_dir(
        root,
        quiet=2,
        workers=0,
        stripdir=str(root),
        prependdir=WHERE_LAMBDA_UNPACKS,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )


def _files(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*")) if path.is_file())


if __name__ == "__main__":
    slim(Path(sys.argv[1]), kept_in=Path(sys.argv[1]).parent.parent / "slim")
