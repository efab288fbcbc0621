"""Zabbix: exports of hosts, of 6.0 and later, in YAML or JSON. What has its default is not in them."""

import re
from typing import Any

from monitor.adapters.exports.taken import Record, Taken, Untaken
from monitor.domain.checks.requests import MOST_REDIRECTS

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_UNTRANSLATED = ("triggers", "templates", "items", "discovery_rules", "graphs")
_REFUSED = ("variables", "http_user", "query_fields", "headers", "posts")


def read(file: Record) -> Taken:
    """Raises Untaken."""
    taken, [export] = Taken(), Record(zabbix_export=[file.get("zabbix_export")]).records("zabbix_export")
    for host in export.records("hosts"):
        with taken.item(f"host {(name := host.text('name', host.text('host')))}"):
            _add(taken, host, name)
    _leave(taken, export, "the export")
    return taken


def _leave(taken: Taken, record: Record, owner: str) -> None:
    for kind in _UNTRANSLATED:
        for each in record.records(kind):
            _leave(taken, each, owner)
            with taken.item(f"{kind[:-1]} {each.text('name')} of {owner}"):
                raise Untaken("it is not translated")


def _add(taken: Taken, host: Record, name: str) -> None:
    if host.get("status") == "DISABLED":
        raise Untaken("it is disabled")
    main = next((each for each in host.records("interfaces") if each.text("default", "YES") == "YES"), Record())
    target = main.text("ip", "127.0.0.1") if main.text("useip", "YES") == "YES" else main.text("dns")
    tags = {each.text("name") for each in host.records("groups")}
    tags |= {":".join(filter(None, (each.text("tag"), each.text("value")))) for each in host.records("tags")}
    place: dict[str, Any] = {}
    _leave(taken, host, name)
    with taken.item(f"host {name}"):
        place["server"] = taken.server(name, target, frozenset(tags))
    for each in host.records("httptests"):
        with taken.item(f"web scenario {each.text('name')} of {name}"):
            _web(taken, each, {"name": f"{name}: {each.text('name')}", **place})


def _web(taken: Taken, scenario: Record, place: dict[str, Any]) -> None:
    first, *more = scenario.records("steps") or [Record()]
    asked = [name for name in _REFUSED if scenario.get(name) or first.get(name)] + ["a second step"] * bool(more)
    asked += ["status DISABLED"] * (scenario.get("status") == "DISABLED")
    if asked := asked + ["a macro"] * bool(re.search(r"\{[$#A-Z]", str(first))):
        raise Untaken(f"this is not translated: {', '.join(asked)}")
    expect = {"statuses": first.text("status_codes"), "pattern": first.text("required")}
    place["expect"] = {name: value for name, value in expect.items() if value}
    place["request"] = {"redirects": MOST_REDIRECTS} if first.text("follow_redirects", "YES") == "YES" else {}
    place |= {
        "attempts": max(int(scenario.number("attempts")), 1),
        "interval": _span(scenario, "delay", "1m"),
        "timeout": _span(first, "timeout", "15s"),
    }
    taken.check(kind="http", target=first.text("url"), **place)


def _span(record: Record, name: str, default: str) -> float:
    """Return seconds."""
    if (found := re.fullmatch(r"([0-9]{1,8})([smhdw]?)", record.text(name, default))) is None:
        raise Untaken(f"{name} is no span such as 1m")
    return int(found[1]) * _SECONDS[found[2]]
