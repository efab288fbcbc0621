"""README and docs/: every link leads somewhere, every command has a test, and nothing that people use is left out."""

import re

import click
import pytest

from monitor.cli.commands import monitor
from tests.documents import READMES, ROOT, blocks, read

PAGES = sorted(
    path.relative_to(ROOT).as_posix() for glob in ("*.md", "docs/**/*.md", "deploy/*.md") for path in ROOT.glob(glob)
)
CHINESE = [page for page in PAGES if page.startswith("docs/zh/")]
COMMANDS = {"sh", "sql", "python", "nginx", "yaml", "ini"}
"""Languages of blocks that can be run or read by a program."""
HERE = "tests/integration/documents/test_commands.py"
NGINX = "tests/integration/http/edge/test_behind_nginx.py"
PROMETHEUS = "tests/integration/prometheus/test_documented.py"
INSTALL = "tests/integration/cli/test_documented_install.py"
CONFIGURATION = "tests/integration/cli/test_configuration.py"
EMBEDDING = "tests/unit/library/test_documented.py"
MAKE = "tests/unit/test_documents.py"
PACKAGES = "tests/integration/deploy/test_packages.py"
COMPOSE = "tests/integration/deploy/test_compose.py"
RUN_BY = {
    "README.md": {"make run": MAKE, "curl -fsSL": HERE, "import monitor": EMBEDDING},
    "CONTRIBUTING.md": {"make test": MAKE},
    "docs/accounts.md": {"monitor user": HERE},
    "docs/agent.md": {"curl -fsSL": HERE, "[Service]": "tests/integration/deploy/test_units.py"},
    "docs/alerts.md": {"SMTP_HOST": HERE},
    "docs/api.md": {"curl": HERE},
    "docs/backup.md": {"monitor backup": "tests/integration/cli/test_backup.py"},
    "docs/checks.md": {"0 2 * * *": HERE},
    "docs/command-line.md": {"export MONITOR_URL": HERE},
    "docs/configuration-as-code.md": {
        "monitor config": CONFIGURATION,
        "monitor plan": CONFIGURATION,
        "checks:": CONFIGURATION,
    },
    "docs/history.md": {"monitor history": HERE},
    "docs/import.md": {"monitor import": "tests/integration/cli/test_import.py"},
    "docs/incidents.md": {'monitor api GET "': HERE, "monitor api GET /api/dep": HERE, "curl": HERE},
    "docs/library.md": dict.fromkeys(
        ("import monitor", "import tempfile", "from datetime", "from litestar"), EMBEDDING
    ),
    "docs/operations.md": {
        "cd dist": INSTALL,
        "MONITOR_BASE_URL": NGINX,
        "server {": NGINX,
        "CREATE DATABASE": HERE,
        "export DB_HOST=db.": HERE,
        "export DB_HOST=db1": HERE,
    },
    "docs/prometheus.md": {"remote_write": PROMETHEUS, "# /etc/vmagent": PROMETHEUS, "vmagent": PROMETHEUS},
    "docs/recipes.md": {"#!": "tests/integration/agent/test_metric_recipes.py"},
    "docs/release.md": {"ssh-keygen": PACKAGES},
    "docs/start.md": {"make run": MAKE, "TOKEN": HERE, "monitor simulate": HERE},
    "docs/upgrade.md": {"monitor db upgrade": HERE, "monitor db history": HERE},
    "deploy/README.md": {"# With MariaDB": COMPOSE, "# Two processes": COMPOSE, "DB_HOST=galera-1": HERE},
}
"""The test that runs each block, by its page and beginning."""
NOT_RUN = {
    "deploy/README.md": {
        "docker build": "Docker is not here: test_image.py builds and runs the image so with Podman.",
        "docker compose": "It asks a registry for images: test_compose.py reads what it would start.",
        "install -m": "It needs systemd as the first process: test_units.py checks the units.",
        "python3 -m venv": "It needs systemd as the first process: test_rolling_upgrade.py restarts processes so.",
        "CREATE USER": "test_haproxy.py makes this account on a real cluster, with its own addresses.",
    },
    "docs/agent.md": {"sudo apt": "It needs systemd as the first process: test_packages.py installs in a folder."},
    "docs/operations.md": {"sudo apt": "It needs systemd as the first process: test_packages.py installs in a folder."},
    "docs/recipes.md": {"sudo mkdir": "It writes into folders of this machine: the test of the runner makes its own."},
}
"""Blocks that no test runs as they stand, and why."""


def anchors(page: str) -> set[str]:
    """Return the anchors of the headings of *page*, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)
    found: list[str] = []
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        found.append(f"{name}-{found.count(name)}" if name in found else name)
    return set(found)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", read(page), flags=re.MULTILINE | re.DOTALL)
    wrong = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(str(target.resolve().relative_to(ROOT)))):
            wrong.append(link)
    assert [] == wrong


def test_pages_are_found_from_the_readme() -> None:
    """Pages of decisions and benchmarks have lists of their own."""
    text = "".join(read(page) for page in (*READMES, *(page for page in PAGES if page.startswith("docs/"))))
    names = [page.rpartition("/")[2] for page in PAGES if page.startswith("docs/")]
    assert [] == [name for name in names if f"{name})" not in text and f"{name}#" not in text]


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_is_short(readme: str) -> None:
    assert len(read(readme).splitlines()) < 200


@pytest.mark.parametrize("page", [page for page in PAGES if page not in CHINESE and page != READMES[1]])
def test_each_block_is_run_by_a_test(page: str) -> None:
    """Or the reason stands here."""
    listed = {**RUN_BY.get(page, {}), **NOT_RUN.get(page, {})}
    found = [each.text for each in blocks(page) if each.language in COMMANDS]
    assert [] == [text for text in found if not any(map(text.startswith, listed))]
    assert [] == [beginning for beginning in listed if not any(text.startswith(beginning) for text in found)]
    for beginning, file in RUN_BY.get(page, {}).items():
        assert page.rpartition("/")[2] in (ROOT / file).read_text(), beginning


def test_chinese_pages_have_the_same_blocks() -> None:
    """Apart from what is said in comments."""
    for page in (*CHINESE, READMES[1]):
        english = "README.md" if page == READMES[1] else page.replace("zh/", "")
        given = [code(each.text) for each in blocks(english) if each.language in COMMANDS]
        assert [] == [
            text for each in blocks(page) if each.language in COMMANDS and (text := code(each.text)) not in given
        ]


def code(text: str) -> str:
    return re.sub(r"\s*#\s.*", "", text)


@pytest.mark.parametrize("page", [page for page in CHINESE if page != "docs/zh/agent.md"])
def test_chinese_pages_have_the_same_parts(page: str) -> None:
    """That about the agent has no list of what it measures."""
    levels = [re.findall(r"^#+(?= \S)|^\| `\w+", read(each), re.MULTILINE) for each in (page, page.replace("zh/", ""))]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("page", ["docs/settings.md", "docs/zh/settings.md"])
def test_each_setting_is_listed(page: str) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "src/monitor/settings").glob("*.py"))
    names = set(re.findall(r'"((?:MONITOR|DB|SMTP|OIDC|HISTORY|JWT)_[A-Z_]+[A-Z])"', sources))
    names |= set(
        re.findall(r"^  ([A-Z][A-Z_]+) ", (ROOT / "src/monitor/adapters/agent/settings.py").read_text(), re.MULTILINE)
    )
    assert len(names) > 30
    assert set() == {name for name in names if f"`{name}`" not in read(page)}


@pytest.mark.parametrize("page", ["docs/command-line.md", "docs/zh/command-line.md"])
def test_each_command_is_listed(page: str) -> None:
    context = click.Context(monitor)
    words = set(re.findall(r"[\w-]+", read(page)))
    for name in monitor.list_commands(context):
        command = monitor.get_command(context, name)
        assert {name, *getattr(command, "commands", {})} <= words


def test_what_is_made_can_be_made() -> None:
    """`make` and what documents name for it: targets of the Makefile. `make run` is `monitor up`."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md", "docs/start.md"):
        assert set(re.findall(r"^make (\w+)", read(page), re.MULTILINE)) <= targets
    assert "run: runtime ui" in (ROOT / "Makefile").read_text()
    assert "monitor up --data-dir var" in (ROOT / "Makefile").read_text()
