"""The installation by hashes in docs/operations.md is the one that `make dist` tests."""

from tests.documents import ROOT, documented, read

INSTALL = "pip install --no-deps --require-hashes -r requirements.txt"


def test_it_installs_the_wheel_with_the_built_hash():
    lines = documented("docs/operations.md", "sh", "cd dist").splitlines()
    assert ["cd dist", "python3 -m venv /opt/monitor", f"/opt/monitor/bin/{INSTALL}"] == lines[:3]
    assert ".whl" not in read("docs/operations.md")


def test_the_build_installs_it_the_same_way():
    script = (ROOT / "scripts" / "dist").read_text().replace('"', "")
    assert f"(cd dist && $fresh/venv/bin/{INSTALL})\n" in script
