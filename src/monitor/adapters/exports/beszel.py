"""Beszel: records of its collections `systems` and `alerts`, or its file config.yml."""

from monitor.adapters.exports.taken import Record, Taken, Untaken

_METRICS = {name: name.lower() for name in ("CPU", "Memory", "Disk", "Temperature")}
_METRICS |= {"Status": "offline", "LoadAvg1": "load1", "LoadAvg5": "load5", "LoadAvg15": "load15"}
_LOST = {"users": "they have other accounts here: link people to the server"}


def read(export: Record) -> Taken:
    """Raises Untaken. *export*: one page of records, or a list of *pages*."""
    taken, addresses = Taken(), dict[str, str]()
    pages = export.records("pages", [export])
    records = [each for page in pages for name in ("items", "systems", "alerts") for each in page.records(name)]
    if any(page.number("totalPages", 1) > len(pages) for page in pages) or not any("host" in each for each in records):
        raise Untaken("records of systems (with name and host), or pages of them, are missing")
    for each in sorted(records, key=lambda each: "host" not in each):  # alerts name systems
        with taken.item(name := f"{'system' if 'host' in each else 'alert'} {each.text('name')}"):
            if "host" in each:
                addresses[each.text("id")] = taken.server(each.text("name"), each.text("host"))
                taken.lose(name, each, _LOST)
            else:
                _add(taken, each, addresses)
    return taken


def _add(taken: Taken, alert: Record, addresses: dict[str, str]) -> None:
    metric, address = _METRICS.get(alert.text("name")), addresses.get(alert.text("system"))
    if metric is None or address is None:
        raise Untaken("its system is not taken over" if metric else f"no metric is like it; server {address}")
    when = {"sustained_for": 60 * alert.number("min", 1)}
    when |= {} if metric == "offline" else {"warning": alert.number("value")}
    taken.add("policies", f"{metric} of {address}", metric=metric, scope={"server": address}, **when)
