"""The README's installation by hashes is the one that `make dist` tests."""

import re

import pytest

from tests.integration.nginx import ROOT, documented

INSTALL = "pip install --no-deps --require-hashes -r requirements.txt"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_it_installs_the_wheel_with_the_built_hash(readme: str):
    text = (ROOT / readme).read_text(encoding="utf-8")
    lines = documented(readme, "sh", "cd dist").splitlines()
    assert ["cd dist", "python3 -m venv /opt/monitor", f"/opt/monitor/bin/{INSTALL}"] == lines[:3]
    assert [] == re.findall(r"pip install .*\.whl", text)


def test_the_build_installs_it_the_same_way():
    script = (ROOT / "scripts" / "dist").read_text().replace('"', "")
    assert f"(cd dist && $fresh/venv/bin/{INSTALL})\n" in script
