"""The units for systemd, as the README and the installer give them: whole, and with little that they may do."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.adapters.agent.install import install_script

ROOT = Path(__file__).parents[3]
MOST_EXPOSED = 20
"""Of 100. What is left is the network, and for the agent a look at everybody's processes."""


def of_the_server(readme: str) -> str:
    found = re.search(r"```ini\n(\[Unit\]\nDescription=monitor\n.*?)```", (ROOT / readme).read_text(), re.DOTALL)
    assert found is not None
    return found[1].replace("/opt/monitor/bin/monitor", sys.executable)


def of_the_agent() -> str:
    script = install_script("https://monitor.example.com")
    text = script.partition("<<'END_OF_UNIT'\n")[2].partition("END_OF_UNIT\n")[0]
    return text.replace("@PYTHON@", f"{sys.executable} -IS").replace("@PYZ@", "monitor-agent.pyz")


UNITS = {
    "monitor": of_the_server("README.md"),
    "monitor-zh": of_the_server("README.zh-CN.md"),
    "monitor-agent": of_the_agent(),
}


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_understood_and_may_do_little(name: str, tmp_path: Path):
    unit = tmp_path / f"{name}.service"
    unit.write_text(UNITS[name])
    understood = analyze("verify", "--man=no", str(unit))
    assert (0, "") == (understood.returncode, understood.stderr)
    judged = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(unit))
    assert 0 == judged.returncode, judged.stdout


def test_both_readmes_give_the_same_unit():
    """But for its comments."""
    given = [re.sub(r"^#.*\n", "", UNITS[name], flags=re.MULTILINE) for name in ("monitor", "monitor-zh")]
    assert given[0] == given[1]


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ("systemd-analyze", "--no-pager", *arguments), capture_output=True, text=True, timeout=60, check=False
    )
