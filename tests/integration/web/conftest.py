"""The built screen, served by a real server on SQLite, with a mailbox to look into."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.integration.alerts.mail_server import MailServer, mail_server
from tests.integration.cli.running import Process, ready
from tests.integration.web.browser import ADMIN, ROOT, Screen, chromium, screen


@pytest.fixture(scope="session")
def built_screen() -> None:
    """Build it as `make run` does, unless it is built already."""
    subprocess.run([ROOT / "scripts" / "build-ui"], check=True, stdin=subprocess.DEVNULL, timeout=300)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def mailbox() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """With an administrator, `admin`; shared by the tests of a file."""
    with serving(tmp_path_factory.mktemp("web"), mailbox) as running:
        yield running


@contextmanager
def serving(home: Path, mailbox: MailServer, **settings: str) -> Iterator[Process]:
    """Its mails link to where it is."""
    with ready(home, "serve", **mailbox.settings, **settings) as running:
        running.settings["MONITOR_BASE_URL"] = running.origin
        running.start()
        yield running


@pytest.fixture
def origin(served: Process) -> str:
    return served.origin


@pytest.fixture
def admin(browser: Browser, origin: str) -> Iterator[Screen]:
    """Their browser, logged in, with no page yet."""
    with screen(browser, origin, ADMIN) as shown:
        yield shown
