"""A line of the server's log is one event, and no client can forge one."""

import logging
import subprocess
import sys

import pytest

FORGED = "x\n2026-01-01 00:00:00 [info     ] admin logged in\x1b[31m\u202e\u2028\r"
SCRIPT = f"""
import logging, structlog
from monitor.cli.process import configure_logging
configure_logging()
text = {FORGED!r}
log = structlog.get_logger()
log.warning("something " + text, path=text, names=[text], number=7, error=repr(ValueError(text)))
logging.getLogger("uvicorn").error("invalid %s", text)
try:
    raise ValueError(text)
except ValueError as error:
    log.error("failed", exc_info=error)
    logging.getLogger("uvicorn").exception(text)
"""


@pytest.fixture(scope="module")
def lines() -> list[str]:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True)
    return done.stderr.decode().split("\n")


def test_no_line_is_forged(lines):
    own = [line for line in lines if line and not line.startswith("    ")]
    assert 4 == len(own)
    assert not [line for line in own if line.startswith("2026-01-01")]
    assert "number=7" in own[0]
    assert logging.getLevelName(logging.ERROR) in own[1]


def test_nothing_reverses_or_colours_the_text(lines):
    assert not set("\x1b\u202e\u2028\r") & set("".join(lines))


def test_a_traceback_is_complete_and_indented(lines):
    assert 2 == sum(line.startswith("    Traceback (most recent call last)") for line in lines)
    assert "    ValueError: x" in lines
