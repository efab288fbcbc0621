"""Each recipe of docs/architecture.md works as it is written, in as many places as it says."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.recipes.scratch import ROOT, Lines, Places, carried_out, module_of

pytestmark = pytest.mark.nightly

HTTP = ROOT / "tests/integration/http"
IN_A_WORLD = "from tests.integration.http.world import World; world = World(); send = world.send; "


class Recipe(NamedTuple):
    places: Places
    proof: str
    prints: str
    environ: dict[str, str] = {}  # noqa: RUF012  # nobody changes it


RECIPES = {
    "an endpoint": Recipe(
        {
            "application/fleet/tag_counts.py": """
from collections import Counter
from dataclasses import dataclass

from monitor.application.fleet.fleet import Fleet
from monitor.domain.accounts.actors import Actor


@dataclass(frozen=True, slots=True)
class CountTags:
    fleet: Fleet

    def __call__(self, actor: Actor) -> dict[str, int]:
        servers = self.fleet.visible_to(actor).servers
        return dict(Counter(tag for server in servers for tag in server.tags))
""",
            "adapters/http/fleet/tag_counts.py": '''
from litestar import get
from monitor.adapters.http.edge.supplying import Part

from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.application.fleet.tag_counts import CountTags
from monitor.domain.accounts.actors import Actor


@get("/tag-counts", tags=("servers",), sync_to_thread=True)
def tag_counts(actor: Part[Actor], count_tags: Part[CountTags]) -> Envelope[dict[str, int]]:
    """How many of the caller's servers have each tag."""
    return ok(count_tags(actor))
''',
            "adapters/http/routes.py": (
                Lines(
                    "from monitor.adapters.http.edge import authentication",
                    "from monitor.adapters.http.fleet import tag_counts",
                ),
                Lines("RESOURCES = (", "    tag_counts.tag_counts,"),
            ),
        },
        IN_A_WORLD + "world.server('192.0.2.1', tags=['web']); world.server('192.0.2.2', tags=['web', 'db']); "
        "print(send('GET', '/api/tag-counts', world.admin).json()['data'])",
        "{'web': 2, 'db': 1}",
    ),
    "a setting": Recipe(
        {
            "settings/__init__.py": (
                Lines("    threads: int = 12", '    greeting: str = "hello"'),
                Lines("        quotas=_quotas(env),", '        greeting=env.text("MONITOR_GREETING") or "hello",'),
            ),
        },
        "from monitor.settings import load; from monitor.assembly import in_memory; "
        "print(in_memory(load()).part('greeting', str))",
        "welcome",
        {"MONITOR_GREETING": "welcome", "MONITOR_DATA_DIR": "/nowhere"},
    ),
    "a preference": Recipe(
        {
            "domain/preferences.py": (Lines("    digest_wait: float = 10", "    naps_for: float = 60"),),
            "adapters/http/operations/preferences.py": (
                Lines("    digest_wait: float", "    naps_for: float"),
                Lines("    digest_wait: Number", "    naps_for: Number | UnsetType = UNSET"),
            ),
        },
        IN_A_WORLD + "path = '/api/settings'; before = send('GET', path, world.admin).json()['data']['naps_for']; "
        "send('PUT', path, world.admin, json={'naps_for': 90}); "
        "refused = send('PUT', path, world.admin, json={'naps_for': 1e9}).status_code; "
        "print(before, send('GET', path, world.admin).json()['data']['naps_for'], refused)",
        "60 90.0 400",
    ),
    "a kind of channel": Recipe(
        {
            "adapters/notify/pigeon.py": module_of(HTTP / "test_new_channel_kind.py", "PigeonSender"),
            "adapters/notify/kinds.py": (
                Lines(
                    "from monitor.adapters.notify.webhook.channel",
                    "from monitor.adapters.notify.pigeon import PigeonSender",
                ),
                Lines("KINDS: tuple", "    lambda tools: PigeonSender(),"),
            ),
        },
        IN_A_WORLD + "print([kind['kind'] for kind in send('GET', '/api/channels/kinds', world.admin).json()['data']])",
        "['pigeon', 'email', 'webhook', 'pushover', 'apprise']",
    ),
    "a kind of check": Recipe(
        {
            "domain/checks/kinds.py": (
                Lines(
                    "KINDS = {",
                    'KINDS["quote"] = CheckKind("quote", lambda target: endpoint_of(target, 17), "invalid_endpoint")',
                ),
            ),
            "adapters/checks/quote.py": module_of(HTTP / "test_new_check_kind.py", "quote_target", "probe"),
            "adapters/checks/kinds.py": (
                Lines("from monitor.adapters.checks import", "from monitor.adapters.checks import quote"),
                Lines("PROBES: dict", '    "quote": quote.probe,'),
            ),
        },
        IN_A_WORLD + "from tests.integration.http.test_new_check_kind import PATH, QUOTE; "
        "from monitor.adapters.checks.kinds import PROBES; "
        "print(send('POST', PATH, world.admin, json=QUOTE).json()['data']['kind'], PROBES['quote'].__module__)",
        "quote monitor.adapters.checks.quote",
    ),
    "a metric of the agent": Recipe(
        {
            "adapters/agent/probes/extra.py": (
                Lines("Values = ", "\n\ndef entropy(host):\n    yield 'entropy', 61.0\n"),
                Lines("HOST_METRICS: ", "    entropy,"),
            ),
            "domain/intake/metrics.py": (
                Lines(
                    "for metric in (", 'Metric("entropy", "熵", "Entropy", Section.SYSTEM, Unit.PERCENT, "entropy"),'
                ),
            ),
        },
        "from tests.unit.adapters.agent.probes.test_probe import Machine, sampled; "
        "from monitor.domain.intake.metrics import METRICS, metric_name; "
        "print(sampled(Machine())['extra']['entropy'], metric_name('entropy', 1), METRICS['entropy'].section)",
        "61.0 entropy system",
    ),
    "a kind of policy": Recipe(
        {
            "domain/policies/kinds/rise.py": module_of(
                HTTP / "test_new_policy_kind.py", "MINUTE", "Rise", "RiseKind", "RISE_KIND"
            ),
            "domain/policies/kinds/known.py": (
                Lines(
                    "from monitor.domain.policies.policies", "from monitor.domain.policies.kinds.rise import RiseKind"
                ),
                Lines("KINDS: dict", 'KINDS["rise"] = RiseKind()'),
            ),
        },
        IN_A_WORLD + "from tests.integration.http.test_new_policy_kind import RISE, PATH; "
        "print(send('POST', PATH, world.admin, json=RISE).json()['data']['over'])",
        "300.0",
    ),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_works_in_as_many_places_as_it_says(name: str, tmp_path: Path) -> None:
    recipe = RECIPES[name]
    assert recipe.prints == carried_out(recipe.places, recipe.proof, tmp_path, **recipe.environ)
    assert len(recipe.places) == stated()[name]


def stated() -> dict[str, int]:
    """Return the places in `src` of each recipe, by the table of the document."""
    text = (ROOT / "docs/architecture.md").read_text()
    return {name: int(number) for name, number in re.findall(r"^\| (an? [^|]+) \| (\d+) \|", text, re.MULTILINE)}


def test_each_stated_number_is_proved() -> None:
    assert stated().keys() == RECIPES.keys()
