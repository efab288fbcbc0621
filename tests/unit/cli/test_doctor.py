"""What `monitor doctor` says of what surrounds the database, and what of a log may leave the installation."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assembly import in_memory
from monitor.cli.doctor.examining import Answer, examined
from monitor.cli.doctor.redaction import redacted
from monitor.cli.doctor.surroundings import backup, base_url, disk, proxies, smtp
from monitor.container import Container
from monitor.settings import Settings


def core(directory: Path = Path(), **settings: Any) -> Container:
    return in_memory(Settings(database_url="", data_dir=directory, **settings))


@pytest.fixture
def hanging() -> Iterator[threading.Event]:
    released = threading.Event()
    yield released
    released.set()


def test_each_check_is_bounded_and_none_spoils_another(hanging: threading.Event) -> None:
    def hangs() -> Answer:
        hanging.wait(60)
        return Answer(True, "late")

    def fails() -> Answer:
        raise ValueError("of db-1\n with a password")

    begun = time.monotonic()
    found = examined({"a": hangs, "b": fails, "c": lambda: Answer(True, "well"), "d": hangs}, 0.2)
    assert time.monotonic() - begun < 10
    assert [("a", False), ("b", False), ("c", True), ("d", False)] == [(name, each.ok) for name, each in found.items()]
    assert "it cannot be read, by ValueError (of db-1 with a password)" == found["b"].text
    assert "no answer within" in found["a"].text


@pytest.mark.parametrize(
    ("base", "trusted", "ok"),
    [
        (None, (), True),
        ("http://monitor.example", (), True),
        ("https://monitor.example", (), False),
        ("https://monitor.example", ("10.0.0.1",), True),
        ("http://monitor.example", ("10.0.0.1", "0.0.0.0/0"), False),
        (None, ("::/0",), False),
    ],
)
def test_proxies(base: str | None, trusted: tuple[str, ...], ok: bool) -> None:
    found = proxies(core(base_url=base, trusted_proxies=tuple(map(ip_network, trusted))))
    assert (ok, str(len(trusted))) == (found.ok, found.said.split()[0])
    assert ok or "MONITOR_TRUSTED_PROXIES" in found.said


def test_backups(tmp_path: Path) -> None:
    assert (True, "not configured") == (backup(core()).ok, backup(core()).said[:14])
    scheduled = core(backup_dir=tmp_path, backup_at="0 */2 * * *")
    assert not backup(scheduled).ok
    (tmp_path / "empty.backup").touch()
    (tmp_path / "taken.backup.part").write_text("x")
    assert not backup(scheduled).ok
    made = tmp_path / "taken.backup"
    made.write_text("x")
    assert backup(scheduled).ok
    os.utime(made, (time.time() - 4 * 3600,) * 2)  # at least two turns ago
    old = backup(scheduled)
    assert (False, "4 h 0 min") == (old.ok, old.said[old.said.index("4 h") :][:9])
    ahead = tmp_path / "ahead.backup"  # of a clock that was wrong
    ahead.write_text("x")
    os.utime(ahead, (time.time() + 9e6,) * 2)
    assert not backup(scheduled).ok


def test_a_directory_that_is_still_to_be_made_has_the_room_around_it(tmp_path: Path) -> None:
    found = disk(core(tmp_path / "a" / "b"))
    assert "GB are free" in found.said
    assert str(tmp_path) not in found.said


@pytest.mark.parametrize(
    ("total", "free", "ok"), [(100.0, 5.0, True), (100.0, 4.9, False), (2.0, 0.2, True), (2.0, 0.19, False)]
)
def test_a_disk_that_is_nearly_full(monkeypatch: pytest.MonkeyPatch, total: float, free: float, ok: bool) -> None:
    """In gigabytes. No test can fill the disk of its machine."""
    usage = SimpleNamespace(total=total * 1e9, free=free * 1e9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    found = disk(core())
    assert (ok, f"{free:.1f} of {total:.1f} GB") == (found.ok, found.said[: found.said.index(" are")])
    assert ok or "make room" in found.said


def test_what_is_not_configured_is_not_bad() -> None:
    assert all(check(core()).ok and "not configured" in check(core()).said for check in (smtp, base_url))


AT = "2030-01-01 12:00"
LOG = f"""\
{AT}:00 [warning  ] job fails                      error="StorageUnavailable('db-1.corp refused ann')" job='tidy up'
{AT}:01 [warning  ] slow request                   id=5f2ac0ffee seconds=2.5 route=/api/servers/{{server_id}}
{AT}:02 [warning  ] refused a host that neither MONITOR_BASE_URL nor MONITOR_ALLOWED_HOSTS names host=evil.corp
{AT}:03 [error    ] request failed                 method=ANN path=/api
Traceback (most recent call last):
      File "/home/ann/venv/lib/python3.11/site-packages/pymysql/connections.py", line 644, in connect
      File "/home/ann/private.py", line 2, in ann
    pymysql.err.OperationalError: (1045, "Access denied for user 'ann'@'10.1.2.3' (using password: s3cret)")
WARNING monitor.adapters.persistence.engine.slow: 2.5 s for request 5f2a: SELECT name FROM users
ERROR monitor.application.checks.runs: a check could not be run: https://ann:s3cret@shop.corp
INFO other: ann logged in from 10.1.2.3
"""  # noqa: S608 (a log, no query)


def test_of_a_log_only_our_own_words_stay() -> None:
    assert [
        "2030-01-01 12:00:00 [warning  ] job fails error=\"StorageUnavailable job='tidy up'",
        "2030-01-01 12:00:01 [warning  ] slow request seconds=2.5 route=/api/servers/{server_id}",
        "2030-01-01 12:00:02 [warning  ] (a text)",
        "2030-01-01 12:00:03 [error    ] request failed",
        '    site-packages/pymysql/connections.py", line 644',
        "WARNING monitor.adapters.persistence.engine.slow: 2.5 s for request 5f2a: SELECT name FROM users",
        "ERROR monitor.application.checks.runs:",
    ] == list(redacted(LOG.split("\n")))


@pytest.mark.parametrize(
    "line",
    [
        f"{AT}:00 [warning  ] job fails  error=\"SMTPError('535 for pin=739182 ')\" job=mails",
        f"{AT}:00 [warning  ] single sign-on failed  error='Ann has no account code=739182'",
        f"{AT}:00 [warning  ] single sign-on failed  error='Hunter739182 is no account'",
        f"{AT}:00 [warning  ] a delivery failed  error=\"Unavailable('refused: job=Ann route=739182 ')\"",
    ],
)
def test_what_looks_like_ours_within_a_text_from_outside_does_not_stay(line: str) -> None:
    [kept] = redacted([line])
    assert not [word for word in ("739182", "Ann", "Hunter") if word in kept], kept


@given(before=st.text(), after=st.text(), line=st.sampled_from(LOG.split("\n")))
def test_no_word_from_outside_stays(before: str, after: str, line: str) -> None:
    """Wherever in a line it stands, but for statements, which hold no values."""
    planted = f"{before} hunter2@10.9.8.7 {after}"
    for text in (planted, line + planted, planted + line, line.replace("corp", planted), line.replace("ann", planted)):
        kept = [each for each in redacted([text]) if "engine.slow" not in each]
        assert not [each for each in kept if "hunter2" in each or "10.9.8.7" in each]
