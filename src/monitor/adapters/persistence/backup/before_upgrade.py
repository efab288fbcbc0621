"""A copy of the database from before an upgrade, which its own kind of database takes back in one step.

It is none of the scheduled backups, and none for `monitor doctor`: its name is another one.
"""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import URL, make_url

from monitor.adapters.persistence.backup.backup_file import BackupRefused
from monitor.adapters.persistence.backup.places import draft_of
from monitor.adapters.persistence.engine.engine import connected, create_migration_engine
from monitor.application.operations.backups import LONGEST

KEPT = 2
_NAME = "before-upgrade"
_LOOK = 0.2  # seconds between two looks at how far it is


def client() -> str | None:
    """Return the program that dumps a MySQL database, if it is installed."""
    return shutil.which("mariadb-dump") or shutil.which("mysqldump")


@contextmanager
def alone_in(directory: Path) -> Iterator[None]:
    """Wait for other upgrades on this machine, and keep them waiting. It ends with its process. Raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(directory / "upgrade.lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def copy_before(url: str, directory: Path, revision: str, now: datetime, copied: Callable[[int], None]) -> Path:
    """Copy the database into a new file in *directory*, and return that; the newest two of them are kept.

    *copied* is called with the number of bytes. Raises BackupRefused, StorageUnavailable, OSError; there is no new file
    then. A killed process leaves a draft, which the next one overwrites.
    """
    place = make_url(url)
    is_file = place.get_backend_name() == "sqlite"
    path = directory / f"{_NAME}-{revision}-{now:%Y-%m-%d-%H%M%S}.{'db' if is_file else 'sql'}"
    with draft_of(directory / _NAME) as (draft, file):
        if is_file:
            _copy_file(str(place.database), draft, copied)
        else:
            _dump(place, file, copied)
        os.fsync(file.fileno())
        draft.replace(path)
    others = [each for each in directory.glob(f"{_NAME}-????-????-??-??-??????.*") if each.suffix in (".db", ".sql")]
    # The clock may have been wrong: the new one stays in any case.
    for old in sorted({*others} - {path}, key=lambda each: each.name[len(f"{_NAME}-0000-") :])[: 1 - KEPT]:
        old.unlink(missing_ok=True)
    return path


def _copy_file(source: str, draft: Path, copied: Callable[[int], None]) -> None:
    import sqlite3  # not with MySQL

    try:
        with closing(sqlite3.connect(source)) as connection:
            connection.set_progress_handler(lambda: copied(draft.stat().st_size), 100_000)
            connection.execute("VACUUM INTO ?", (str(draft),))
        with closing(sqlite3.connect(f"{draft.absolute().as_uri()}?immutable=1", uri=True)) as copy:
            [found] = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise BackupRefused(f"the database can't be copied: {error}") from error
    if found != "ok":
        raise BackupRefused(f"the copy of the database is not whole: {found}")


def _dump(url: URL, file: IO[bytes], copied: Callable[[int], None]) -> None:
    with connected(create_migration_engine(url)) as connection:
        driver: Any = connection.connection.driver_connection
        reached = {"host": driver.host, "port": driver.port, "socket": driver.unix_socket, "user": url.username}
    reached |= {name.replace("_", "-"): value for name, value in url.query.items() if name.startswith("ssl_")}
    options = [f"--{name}={value}" for name, value in reached.items() if value]
    # As our own connections do: without a certificate of its own the server is not checked.
    tls = [] if "ssl-ca" in reached else ["--loose-skip-ssl-verify-server-cert"]
    # Older programs would choose three bytes a character.
    whole = ("--single-transaction", "--quick", "--hex-blob", "--no-tablespaces", "--default-character-set=utf8mb4")
    command = [client() or "mariadb-dump", *options, *tls, *whole, str(url.database)]
    environment = os.environ | {"MYSQL_PWD": url.password or ""}
    give_up = time.monotonic() + LONGEST.total_seconds()  # a database that hangs must not hold up a start for ever
    with subprocess.Popen(  # noqa: S603 (the program found above; what the address says are values of options)
        command, env=environment, stdout=file, stderr=subprocess.PIPE
    ) as dump:
        try:
            while (answer := _answer_of(dump)) is None:
                copied(os.fstat(file.fileno()).st_size)
                if time.monotonic() >= give_up:
                    raise BackupRefused(f"{Path(command[0]).name}: not done after {LONGEST}")
        finally:
            dump.kill()  # if it still runs
    if dump.returncode:
        said = answer.decode(errors="replace").strip() or f"{command[0]}: exit code {dump.returncode}"
        raise BackupRefused(said.splitlines()[-1])  # it names itself


def _answer_of(dump: subprocess.Popen[bytes]) -> bytes | None:
    """Return what it said, or None if it is still at work a moment later."""
    try:
        return dump.communicate(timeout=_LOOK)[1]
    except subprocess.TimeoutExpired:
        return None
