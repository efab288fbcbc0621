"""Exports of other programs, as hostile as they can be; tests/integration/cli/test_import.py has whole ones."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.exports import beszel, healthchecks, kuma, zabbix
from monitor.adapters.exports.taken import Record, Taken, Untaken
from monitor.domain.checks.checks import Check
from monitor.domain.configuration import reading
from monitor.domain.configuration.configuration import Configuration
from monitor.domain.configuration.references import Installation

PROGRAMS = (kuma, beszel, zabbix, healthchecks)
_NAMES = """monitorList notificationList checks items systems alerts pages zabbix_export hosts interfaces httptests
steps tags groups name host id system value min type url hostname port interval timeout maxretries active version status
ip schedule grace tz users totalPages key delay http push dns ping CPU Status 6.0 192.0.2.1 https://a.example/ 1m"""
WORDS = st.sampled_from(_NAMES.split())
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS
TREES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=8))
EXPORTS = st.dictionaries(WORDS, TREES, max_size=8)
RECORDS = st.lists(st.dictionaries(WORDS, PLAIN), max_size=4)


def config_of(taken: Taken) -> Configuration:
    """Return what a server makes of it where nothing is configured. Raises Unreadable."""
    nobody = Installation(servers={}, users={}, forms={})
    return reading.read(taken.added_to({}, {}), Configuration(), nobody).configuration


@pytest.mark.parametrize("program", PROGRAMS)
@given(export=EXPORTS)
def test_a_hostile_export_is_refused_or_makes_a_valid_file(program: Any, export: dict[str, Any]):
    try:
        taken = program.read(Record(export))
    except Untaken:
        return
    config_of(taken)


@given(records=RECORDS)
def test_each_record_is_taken_over_or_named(records: list[dict[str, Any]]):
    for program, export in (
        (kuma, {"monitorList": records}),
        (healthchecks, {"checks": records}),
        (zabbix, {"zabbix_export": {"version": "6.0", "hosts": records}}),
        (beszel, {"systems": [*records, {"name": "one", "host": "192.0.2.77"}]}),
    ):
        try:
            taken = program.read(Record(export))
        except Untaken:
            assert not records or program is beszel
            continue
        added = len(taken.servers) + sum(map(len, taken.sections.values()))
        assert added + len(taken.left_out) >= len(records)
        config_of(taken)


def test_what_exists_stays_and_the_rest_is_added():
    taken = kuma.read(Record(monitorList=[{"name": each, "type": "ping", "hostname": "a.example"} for each in "ab"]))
    held = {"kind": "ping", "target": "other.example"}
    tree = taken.added_to({"checks": {"a": held}, "teams": {}}, {})
    assert (["checks"], ["a", "b"], held) == ([*tree], [*tree["checks"]], tree["checks"]["a"])
    assert {} == taken.added_to({"checks": tree["checks"]}, {})


def test_names_are_known_without_the_blanks_around_them():
    taken = healthchecks.read(Record(checks=[{"name": "nightly "}]))
    tree = taken.added_to({}, {})
    assert ["nightly"] == [*tree["check_ins"]]
    assert {} == taken.added_to(tree, {})


def test_a_policy_is_known_by_the_name_of_its_server():
    system = {"id": "s", "name": "db", "host": "192.0.2.1"}
    alerts = [{"system": "s", "name": name, "value": 80, "min": 10} for name in ("CPU", "Disk")]
    taken = beszel.read(Record(systems=[system], alerts=alerts))
    scope = {"server": "db"}
    current = [{"metric": "cpu", "scope": scope, "warning": 50}, {"metric": "disk", "kind": "forecast", "scope": scope}]
    tree = taken.added_to({"policies": current}, {"db": "192.0.2.1"})
    assert current == tree["policies"][:2]
    assert [("disk", 80)] == [(each["metric"], each["warning"]) for each in tree["policies"][2:]]


def test_the_file_of_beszel_is_read_too():
    """Its config.yml names systems alone."""
    file = {"systems": [{"name": "db", "host": "192.0.2.1", "port": 45876, "users": ["ops@example.com"]}]}
    taken = beszel.read(Record(file))
    assert (["192.0.2.1"], ["system db"]) == ([*taken.servers], [name for name, _ in taken.left_out])


def test_entries_of_one_name_get_numbers():
    records = [{"name": name} for name in ("a", "a", "a (3)", "a", "a")]
    taken = healthchecks.read(Record(checks=records))
    assert ["a", "a (2)", "a (3)", "a (4)", "a (5)"] == [*taken.sections["check_ins"]]


@pytest.mark.parametrize(
    ("interval", "timeout", "expected"),
    [(60, 48, (60, 48)), (1, 0, (10, 8)), (10**8, 10**8, (86_400, 60)), (60, 0, (60, 10)), (20, 19, (20, 16))],
)
def test_times_become_those_that_checks_allow(interval: float, timeout: float, expected: tuple[float, float]):
    monitor = {"name": "a", "type": "ping", "hostname": "a.example", "interval": interval, "timeout": timeout}
    [check] = config_of(kuma.read(Record(monitorList=[monitor]))).checks
    assert isinstance(check, Check)
    assert expected == (check.interval, check.timeout)


def test_too_many_things_are_refused():
    with pytest.raises(Untaken, match="10,000 things"):
        kuma.read(Record(monitorList=[{"name": "a", "type": "docker"}] * 10_001))
