"""The key of the channels' secrets: generated, replaced, lost and restored."""

from pathlib import Path

import pytest

from monitor.adapters.security.cipher import new_key
from tests.integration.cli.running import Process, run, server

pytestmark = pytest.mark.nightly

HOOK = {
    "name": "hook",
    "kind": "webhook",
    "settings": {"url": "https://hooks.example.com/T0KEN", "secret": "hush-hush"},
}


def readable(running: Process) -> list[bool]:
    with running.admin() as admin:
        return [channel["readable"] for channel in admin.get("/api/channels").data]


def test_a_lost_key_is_reported_and_affects_only_channels(tmp_path: Path):
    with server(tmp_path) as running:
        with running.admin() as admin:
            assert 200 == admin.post("/api/channels", HOOK).status
        kept = (running.data / "secrets-key").read_text()
        running.stop()
        assert b"T0KEN" not in (running.data / "monitor.db").read_bytes()
        (running.data / "secrets-key").unlink()
        running.start()
        assert [False] == readable(running)
        assert "restore the key" in running.said
        running.stop()
        (running.data / "secrets-key").write_text(kept)
        running.start()
        assert [True] == readable(running)


def test_a_key_is_replaced(tmp_path: Path):
    old, new = new_key(), new_key()
    with server(tmp_path, MONITOR_SECRETS_KEY=old) as running:
        with running.admin() as admin:
            admin.post("/api/channels", HOOK)
        for keys, expected in ((f"{new},{old}", True), (new, True), (old, False)):
            running.stop()
            running.settings["MONITOR_SECRETS_KEY"] = keys
            running.start()
            assert [expected] == readable(running)


def test_a_damaged_key_prevents_the_start(tmp_path: Path):
    """Else a second key would be generated unnoticed."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "secrets-key").write_text("nonsense")
    done = run(tmp_path, "serve", "--migrate", "--data-dir", str(data))
    assert (2, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert "does not hold a key" in done.stderr


def test_a_downgrade_decrypts(tmp_path: Path):
    """The command finds the key in the data directory."""
    with server(tmp_path) as running:
        with running.admin() as admin:
            admin.post("/api/channels", HOOK)
        running.stop()
        settings = {"MONITOR_DATA_DIR": str(running.data)}
        assert 0 == run(tmp_path, "db", "downgrade", "0014", settings=settings).returncode
        assert b"T0KEN" in (running.data / "monitor.db").read_bytes()
        assert 0 == run(tmp_path, "db", "upgrade", settings=settings).returncode
        running.start()
        assert [True] == readable(running)
        running.stop()
        assert b"hush-hush" not in (running.data / "monitor.db").read_bytes()


def test_a_downgrade_without_the_key_destroys_nothing(tmp_path: Path):
    """It names the channels in one line and generates no key."""
    with server(tmp_path) as running:
        with running.admin() as admin:
            admin.post("/api/channels", HOOK)
        running.stop()
        key = running.data / "secrets-key"
        kept = key.read_text()
        key.unlink()
        for others in ({}, {"MONITOR_SECRETS_KEY": new_key()}):
            settings = {"MONITOR_DATA_DIR": str(running.data), **others}
            done = run(tmp_path, "db", "downgrade", "0014", settings=settings)
            assert (1, 1) == (done.returncode, done.stderr.count("\n"))
            assert [] == [word for word in ("'hook'", "MONITOR_SECRETS_KEY", "delete") if word not in done.stderr]
            assert not key.exists()
        key.write_text(kept)
        running.start()
        assert [True] == readable(running)


def test_a_downgrade_needs_no_key_if_nothing_is_encrypted(tmp_path: Path):
    settings = {"MONITOR_DATA_DIR": str(tmp_path / "data")}
    for arguments in (("upgrade",), ("downgrade", "0014")):
        assert 0 == run(tmp_path, "db", *arguments, settings=settings).returncode
    assert not (tmp_path / "data" / "secrets-key").exists()
