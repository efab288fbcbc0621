"""Uptime Kuma: the JSON backup of 1.x. Its version 2 makes none."""

from typing import Any

from monitor.adapters.exports.taken import Record, Taken, Untaken
from monitor.domain.checks.checks import MOST_ATTEMPTS
from monitor.domain.checks.requests import MOST_REDIRECTS

_REFUSED = ("upsideDown", "invertKeyword", "headers", "body", "basic_auth_user", "oauth_client_id", "tlsCert")
_LOST = {
    "ignoreTls": "certificates are verified; a check may have a CA of its own",
    "proxyId": "checks ask without a proxy",
    "tags": "checks have the tags of their server",
    "pushToken": "the check-in has another address, to which the job has to report",
}


def read(backup: Record) -> Taken:
    """Raises Untaken."""
    taken = Taken()
    for each in backup.records("monitorList", None):
        with taken.item(name := f"monitor {each.text('name')}"):
            _add(taken, each)
            taken.lose(name, each, _LOST)
    for each in backup.records("notificationList"):
        with taken.item(f"notification {each.text('name')}"):
            raise Untaken("add a channel in its place")
    return taken


def _add(taken: Taken, monitor: Record) -> None:
    if monitor.get("active") in (False, 0):
        raise Untaken("it is paused")
    if asked := [name for name in _REFUSED if monitor.get(name)]:
        raise Untaken(f"a check is not like it: {', '.join(asked)}")
    name, kind, retries = monitor.text("name"), monitor.text("type"), monitor.number("maxretries")
    host, server = (f"[{x}]" if ":" in x else x for x in map(monitor.text, ("hostname", "dns_resolve_server")))
    interval, port = monitor.number("interval", 60), monitor.text("port", "53")
    times: dict[str, Any] = {"interval": interval, "timeout": monitor.number("timeout")}
    times["attempts"] = int(min(retries + 1, MOST_ATTEMPTS))
    match kind:
        case "http" | "keyword" | "json-query":
            taken.check(name, "http", monitor.text("url"), **_http(monitor, kind), **times)
        case "port":
            taken.check(name, "tcp", f"{host}:{port}", **times)
        case "ping":
            taken.check(name, "ping", host.strip("[]"), **times)
        case "dns" if monitor.text("dns_resolve_type", "A") in ("A", "AAAA"):
            taken.check(name, "dns", f"{host}@{server}:{port}" if server else host, **times)
        case "push":
            grace = max(retries * monitor.number("retryInterval"), 60.0)
            taken.add("check_ins", name, period=interval, grace=grace)
        case _:
            raise Untaken(f"there is no check of its type, {kind}")


def _http(monitor: Record, kind: str) -> dict[str, Any]:
    """Return what a check of a URL asks and expects."""
    codes = monitor.get("accepted_statuscodes")
    expect = {"statuses": ",".join(map(str, codes))} if isinstance(codes, list) and codes else {}
    if kind == "keyword":
        expect["text"] = monitor.text("keyword")
    if kind == "json-query":
        expect |= {"json_path": monitor.text("jsonPath"), "json_value": monitor.text("expectedValue")}
    redirects = int(min(monitor.number("maxredirects"), MOST_REDIRECTS))
    return {"expect": expect, "request": {"method": monitor.text("method", "GET"), "redirects": redirects}}
