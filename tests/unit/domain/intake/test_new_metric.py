"""A new metric of the agent is a probe and a line in the list: everything else asks these."""

from collections.abc import Iterator

import pytest

from monitor.adapters.agent.probes.extra import HOST_METRICS, Host, Values
from monitor.adapters.notify.wording.texts import format_value
from monitor.domain.errors import InvalidInput
from monitor.domain.intake.metrics import METRICS, Metric, Section, Unit, metric_name
from monitor.domain.policies.changing import checked_policy
from monitor.domain.policies.policies import Policy
from scripts import screen_copies
from tests.unit.adapters.agent.probes.test_probe import Machine, sampled


def entropy(_host: Host) -> Values:
    yield "entropy", 61.0


@pytest.fixture(autouse=True)
def _new_metric() -> Iterator[None]:
    HOST_METRICS.append(entropy)
    METRICS["entropy"] = Metric("entropy", "熵", "Entropy", Section.SYSTEM, Unit.PERCENT, chart="entropy")
    yield
    HOST_METRICS.remove(entropy)
    del METRICS["entropy"]


def test_the_agent_sends_it() -> None:
    assert 61.0 == sampled(Machine())["extra"]["entropy"]


def test_mails_have_its_name_and_unit() -> None:
    assert ("熵", "entropy") == (metric_name("entropy", 0), metric_name("entropy", 1))
    assert "61 %" == format_value("entropy", 61.0, 1)


def test_policies_know_its_range_and_margin() -> None:
    policy = checked_policy(Policy(metric="entropy", warning=80.0, critical=90.0))
    assert 5.0 == policy.clear_margin
    with pytest.raises(InvalidInput) as caught:
        checked_policy(Policy(metric="entropy", warning=101.0))
    assert ["warning"] == [*caught.value.problems]


def test_the_screen_finds_it_in_its_section() -> None:
    texts = screen_copies.texts()
    assert '"name": "entropy", "zh-CN": "熵", "en": "Entropy", "unit": "percent"' in texts["api/metrics.ts"]
    [section] = [line for line in texts["api/metricSections.ts"].splitlines() if '"entropy"' in line]
    assert section.startswith("  system: ")
