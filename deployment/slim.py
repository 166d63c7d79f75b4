"""Slim: the zip without what never runs, and with its bytecode.

Lambda's disk is read-only, so that without bytecode every cold start compiles all that it imports.
Bytecode is of the ``unchecked-hash`` kind: Python loads it without looking at the source, whose
time stamp means nothing in a zip. ``python -m deployment.slim build/package/deployment.zip``.
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
# pbr asks for it to build packages, and Lambda builds none; it isn't pinned either.
UNUSED_PACKAGES = frozenset({"setuptools", "pkg_resources", "_distutils_hack"})
WHERE_LAMBDA_UNPACKS = "/var/task"
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def slim(zip_path: Path, kept_in: Path) -> None:
    """Replace the zip; a result for the same input is kept in ``kept_in`` for the next time."""
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
    """Whether a file of the zip is ever read by the app."""
    parts = PurePosixPath(name).parts
    top = parts[0].split("-")[0]
    if top in UNUSED_PACKAGES or name.endswith((".pyc", ".pyi")):
        return False
    if parts[:2] == ("botocore", "data") and len(parts) > 3:
        return parts[2] in BOTOCORE_SERVICES
    # boto3 describes resources, which we don't use; openstack and others bring their tests along.
    return parts[:2] != ("boto3", "data") and "tests" not in parts[:-1]


def _key(zip_path: Path) -> str:
    """Changes with the zip, with these rules, and with the Python that the bytecode is for."""
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
                # No time and no umask of this machine: equal input gives an equal zip.
                entry = ZipInfo(path.relative_to(root).as_posix(), LONG_AGO)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes(), ZIP_DEFLATED)


def _compile(root: Path) -> None:
    # What doesn't compile (a template, another Python's syntax) is left as it is: nobody imports it.
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
