"""The line that the screen gives for a host, run as its administrator would."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.agent.running import Agent, agent

INSTALLED = "usr/local/lib/monitor-agent/monitor-agent.pyz"
SETTINGS = "etc/monitor-agent.env"


@contextmanager
def installed(line: str, key: str, folder: Path, **settings: str) -> Iterator[Agent]:
    """Run *line* in a root below *folder*, and the agent that it installed with *key*; it reports every second."""
    root, stubs = folder / "root", folder / "stubs"
    for path in (root, stubs):
        path.mkdir()
    sudo = stubs / "sudo"
    sudo.write_text('#!/bin/sh\nexec env "$@"\n')
    sudo.chmod(0o755)
    (folder / "key").write_text(key)
    environment = os.environ | {
        "API_KEY_FILE": str(folder / "key"),
        "PATH": f"{stubs}:{os.environ['PATH']}",
        "DESTDIR": str(root),
        "PYTHON": sys.executable,
        "INTERVAL": "1",
    }
    command = ("sh", "-c", line)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    written = dict(line.split("=", 1) for line in (root / SETTINGS).read_text().splitlines())
    with agent(folder, (sys.executable, "-I", str(root / INSTALLED)), **{**written, **settings}) as running:
        yield running
