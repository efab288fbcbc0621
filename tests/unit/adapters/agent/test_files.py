"""Files in folders where other users may write."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.adapters.agent.files import check_folder, lock_spool, open_own, open_to_read
from monitor.adapters.agent.probes.custom import CustomMetrics
from monitor.adapters.agent.settings import load
from monitor.adapters.agent.uplink.spool import Spool, append_rejected

SOMEBODY = 12_345


def silent(_line: str) -> None:
    """Nothing listens."""


@pytest.fixture
def given_away(monkeypatch) -> Callable[[Path], None]:
    """Give a file to another user, or without root become another user."""

    def give(path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, SOMEBODY, SOMEBODY)
        else:
            monkeypatch.setattr(os, "geteuid", lambda: SOMEBODY)

    return give


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """A symbolic link to a file that must stay as it is."""
    (tmp_path / "theirs").write_bytes(b"theirs")
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    return tmp_path / "link"


@pytest.mark.parametrize(
    "use",
    [
        lambda path: Spool(path, silent),
        lock_spool,
        lambda path: append_rejected(path, [b"x"]),
        open_own,
        open_to_read,
    ],
    ids=["spool", "lock", "rejects", "own", "read"],
)
def test_no_link_is_followed(link, use):
    (link.parent / "link.lock").symlink_to(link.parent / "theirs")
    with pytest.raises(OSError, match="symbolic link"):
        use(str(link))
    assert (link.parent / "theirs").read_bytes() == b"theirs"


def test_a_key_may_lie_behind_a_link(link):
    """Secrets of containers do. The operator names it, and it is only read."""
    assert load([], {"API_KEY_FILE": str(link)}).api_key == "theirs"


def test_metrics_behind_a_link_are_ignored_and_logged(tmp_path):
    (tmp_path / "real").write_text("a 1")
    (tmp_path / "a.prom").symlink_to(tmp_path / "real")
    logged: list[str] = []
    assert CustomMetrics(str(tmp_path), logged.append).read(os.stat(tmp_path).st_mtime) == []
    assert logged == [f"AGENT_METRICS_DIR: {tmp_path}/a.prom is ignored: it is a symbolic link; name the file itself"]


def test_a_directory_among_the_metrics_leaves_nothing_open(tmp_path):
    (tmp_path / "a.prom").mkdir()
    before = os.listdir("/dev/fd")
    assert CustomMetrics(str(tmp_path), silent).read(0.0) == []
    assert os.listdir("/dev/fd") == before


def test_a_new_file_is_readable_by_its_owner_only(tmp_path):
    os.close(open_own(str(tmp_path / "new")))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["pipe", "second name", "another user's"])
def test_files_of_others_are_not_opened(tmp_path, given_away, kind):
    path = tmp_path / "it"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.touch()
    if kind == "second name":
        os.link(path, tmp_path / "other")
    if kind == "another user's":
        given_away(path)
    with pytest.raises(PermissionError):
        open_own(str(path))


def test_a_folder_in_which_others_can_replace_files_is_not_used(tmp_path, given_away):
    spool = str(tmp_path / "agent.spool")
    check_folder(spool)
    tmp_path.chmod(0o1777)
    check_folder(spool)
    tmp_path.chmod(0o777)
    with pytest.raises(PermissionError, match="everyone may write to its folder"):
        lock_spool(spool)
    tmp_path.chmod(0o755)
    given_away(tmp_path)
    with pytest.raises(PermissionError, match="its folder belongs to another user"):
        lock_spool(spool)
