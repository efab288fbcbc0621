"""The systemd units that are shipped, and the one of the agent's installer, are valid and have few privileges."""

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.adapters.agent.install.bundle import install_script
from tests.documents import ROOT, documented

MOST_EXPOSED = 20
"""Of 100. They need the network, and the agent must see all processes."""


def of_the_server(name: str) -> str:
    return (ROOT / "deploy" / "systemd" / name).read_text().replace("/opt/monitor/bin/monitor", sys.executable)


def of_the_agent() -> str:
    script = install_script("https://monitor.example.com")
    text = script.partition("<<'END_OF_UNIT'\n")[2].partition("END_OF_UNIT\n")[0]
    return text.replace("@PYTHON@", f"{sys.executable} -IS").replace("@PYZ@", "monitor-agent.pyz")


UNITS = {
    "monitor": of_the_server("monitor.service"),
    "monitor@8000": of_the_server("monitor@.service"),
    "monitor-agent": of_the_agent(),
    "monitor-agent-of-containers": of_the_agent() + documented("docs/agent.md", "ini", "[Service]"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_valid_and_has_few_privileges(name: str, tmp_path: Path):
    unit = tmp_path / f"{name}.service"
    unit.write_text(UNITS[name])
    understood = analyze("verify", "--man=no", str(unit))
    assert (0, "") == (understood.returncode, understood.stderr)
    judged = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(unit))
    assert 0 == judged.returncode, judged.stdout


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ("systemd-analyze", "--no-pager", *arguments), capture_output=True, text=True, timeout=60, check=False
    )
