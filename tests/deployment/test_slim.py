"""The zip keeps what the app needs, and its bytecode is there and current."""

import ast
import importlib.util
import json
import zipfile
from pathlib import Path

import pytest

import chalicelib
from deployment.inspection import START, BadPackage, inspect, zip_problems
from deployment.slim import is_needed, slim

SOURCE = "ANSWER = 42\n"


@pytest.mark.parametrize(
    "name",
    [
        "app.py",
        "chalicelib/wiring/build.py",
        "botocore/data/dynamodb/2012-08-10/service-2.json.gz",
        "botocore/data/secretsmanager/2017-10-17/service-2.json.gz",
        "botocore/data/endpoints.json",
        "keystoneauth1-5.18.1.dist-info/entry_points.txt",
        "pynamodb/tests.py",
    ],
)
def test_what_the_app_loads_stays(name):
    assert is_needed(name)


@pytest.mark.parametrize(
    "name",
    [
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "boto3/data/ec2/2016-11-15/resources-1.json",
        "openstack/tests/unit/test_connection.py",
        "setuptools/__init__.py",
        "setuptools-84.2.1.dist-info/METADATA",
        "chalicelib/wiring/__pycache__/build.cpython-311.pyc",
    ],
)
def test_what_no_function_loads_goes(name):
    assert not is_needed(name)


def late_imports():
    """The SDK's modules that our functions load only when they run."""
    for path in Path(chalicelib.__file__).parent.rglob("*.py"):
        functions = (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef))
        for node in (node for function in functions for node in ast.walk(function)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("openstack."):
                yield node.module


def test_the_start_of_a_package_loads_what_a_refresh_loads_late():
    loaded = {
        alias.name for n in ast.walk(ast.parse(START)) if isinstance(n, ast.Import) for alias in n.names
    }
    loaded |= {node.module for node in ast.walk(ast.parse(START)) if isinstance(node, ast.ImportFrom)}
    proxies = {"openstack.compute.v2._proxy", "openstack.placement.v1._proxy"}  # the SDK's own late imports
    assert loaded >= {*late_imports(), *proxies}
    assert len(set(late_imports())) >= 4


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    folder.mkdir()
    with zipfile.ZipFile(folder / "deployment.zip", "w") as archive:
        archive.writestr("app.py", SOURCE)
        archive.writestr("chalicelib/__init__.py", "")
        archive.writestr("broken/template.py", "def {{ name }}():")
        archive.writestr("openstack/tests/test_it.py", SOURCE)
    return folder


def test_every_module_has_bytecode_that_is_loaded_without_looking_at_its_source(package, tmp_path):
    slim(package / "deployment.zip", tmp_path / "kept")

    with zipfile.ZipFile(package / "deployment.zip") as archive:
        cached = importlib.util.cache_from_source("app.py")
        flags = int.from_bytes(archive.read(cached)[4:8], "little")
        assert flags == 0b01, "hash-based, unchecked (PEP 552)"
        assert archive.read("app.py").decode() == SOURCE
        assert b"/var/task/app.py" in archive.read(cached), "tracebacks name Lambda's paths"
        assert not [name for name in archive.namelist() if "tests" in name]


def test_what_does_not_compile_stays_as_it_is(package, tmp_path):
    slim(package / "deployment.zip", tmp_path / "kept")

    assert "broken/template.py" in zipfile.ZipFile(package / "deployment.zip").namelist()


def test_equal_input_gives_an_equal_zip_and_is_not_worked_on_twice(package, tmp_path):
    fat = (package / "deployment.zip").read_bytes()
    slim(package / "deployment.zip", tmp_path / "kept")
    first = (package / "deployment.zip").read_bytes()
    (kept,) = (tmp_path / "kept").glob("*.zip")
    written = kept.stat().st_mtime_ns

    (package / "deployment.zip").write_bytes(fat)
    slim(package / "deployment.zip", tmp_path / "kept")
    assert (package / "deployment.zip").read_bytes() == first
    assert kept.stat().st_mtime_ns == written

    (package / "deployment.zip").write_bytes(fat)
    slim(package / "deployment.zip", tmp_path / "elsewhere")
    assert (package / "deployment.zip").read_bytes() == first


@pytest.mark.parametrize(
    "stranger", ["local/demo.py", "tests/builders.py", "bench/results.json", ".chalice/config.json"]
)
def test_what_lives_beside_the_app_is_refused_in_the_zip(stranger):
    names = ["app.py", "__pycache__/app.pyc", "chalicelib/wiring/build.py", stranger]

    assert list(zip_problems(names)) == [f"{stranger.split('/')[0]} is packaged"]


def test_a_package_that_lacks_the_app_or_a_function_is_refused_with_all_that_is_wrong(package):
    (package / "sam.json").write_text(json.dumps({"Resources": {}}))

    with pytest.raises(BadPackage) as refused:
        inspect(package)
    assert "__pycache__ is missing" in str(refused.value)
    assert "APIHandler is not in app.py" in str(refused.value)
