"""What a host downloads."""

import ast
import io
import zipfile

import pytest

from monitor.adapters.agent.install.bundle import build_bundle, install_script


def test_the_same_sources_give_the_same_bytes():
    """Entries have no times, and are in order."""
    with zipfile.ZipFile(io.BytesIO(build_bundle())) as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


def test_it_is_one_runnable_file_of_the_agent_alone():
    bundle = build_bundle()
    assert bundle.startswith(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert "__main__.py" in names
    assert {"monitor_agent/main.py", "monitor_agent/probes/probe.py"} <= set(names)
    assert all(name == "__main__.py" or name.startswith("monitor_agent/") for name in names)


def test_the_agent_is_written_for_the_python_of_old_hosts():
    with zipfile.ZipFile(io.BytesIO(build_bundle())) as archive:
        for name in archive.namelist():
            ast.parse(archive.read(name), name, feature_version=(3, 9))


def test_the_script_holds_the_servers_address_and_the_unit():
    script = install_script("https://monitor.example/base/")
    assert "\nSERVER=https://monitor.example/base\n" in script
    assert "DynamicUser=yes" in script
    assert "@UNIT@" not in script


@pytest.mark.parametrize("url", ["http://a/'; rm -rf ~; '", "http://a\nevil", "javascript:1", "http://a/ $(id)"])
def test_a_wrong_address_gives_no_script(url):
    with pytest.raises(ValueError, match="API_URL"):
        install_script(url)


def test_an_address_is_quoted():
    assert "\nSERVER='http://a/$(id)'\n" in install_script("http://a/$(id)")
