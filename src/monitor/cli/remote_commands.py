"""`monitor status`, `servers`, `alerts`, `ack`, `silence` and `api`: a running server, from any machine."""

import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import click

from monitor.adapters.http.edge.times import written
from monitor.cli.output import CommandFailed
from monitor.cli.remote import NotThere, Remote, connected
from monitor.cli.tables import print_json, print_table
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import canonical_ip
from monitor.domain.text import escaped

SHOWN_ALERTS = 20
"""In the table of `monitor status`."""
_DURATION = re.compile(r"(?=\d)(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,8})m)?(?:(\d{1,9})s)?", re.ASCII)
_ALERT_COLUMNS = ("ID", "LEVEL", "STATE", "SERVER", "METRIC", "VALUE", "THRESHOLD", "FIRED AT", "ACKNOWLEDGED BY")

Command = Callable[..., Any]


def asking(command: Command) -> Command:
    """Add the options of every command here."""
    for option in (
        click.option(
            "--plain-http",
            is_flag=True,
            envvar="MONITOR_PLAIN_HTTP",
            show_envvar=True,
            help="Send the token without TLS. On the way everyone can read it.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print the API's data as JSON."),
    ):
        command = option(command)
    return command


def _duration(_: click.Context, option: click.Parameter, text: str) -> timedelta:
    found = _DURATION.fullmatch(text.lower())
    days, hours, minutes, seconds = map(int, found.groups(default="0")) if found else (0, 0, 0, 0)
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        raise click.BadParameter(f"{text!r} is no duration such as 2h, 90m or 1d12h", param=option)
    return length


@click.command()
@asking
def status(as_json: bool, plain_http: bool) -> None:
    """Show how many servers there are, and what fires."""
    firing = {"state": "firing"}
    with connected(allows_plain_http=plain_http) as remote:
        counts = remote.ask("GET", "/api/monitor/stats", params={"summary": "true"}).data
        alerts = remote.pages("/api/alerts", firing, None if as_json else SHOWN_ALERTS)
    if as_json:
        print_json(counts | {"alerts": alerts})
        return
    click.echo(
        f"{counts['total_servers']} servers: {counts['online_servers']} online, {counts['offline_servers']} offline. "
        f"{counts['alert_count']} alerts firing."
    )
    if alerts:
        click.echo()
        _print_alerts(alerts[:SHOWN_ALERTS])
    if len(alerts) > SHOWN_ALERTS:
        click.echo("There are more: `monitor alerts` shows all.", err=True)


@click.command()
@click.option("--q", "text", help="Part of a name or address.")
@click.option("--tag", help="Of servers with this tag.")
@click.option("--status", "reporting", type=click.Choice(["online", "offline"]), help="Of these alone.")
@asking
def servers(text: str | None, tag: str | None, reporting: str | None, as_json: bool, plain_http: bool) -> None:
    """List servers."""
    with connected(allows_plain_http=plain_http) as remote:
        found = remote.pages("/api/servers", {"q": text, "tag": tag, "status": reporting})
    if as_json:
        print_json(found)
        return
    rows = [
        (
            server["id"],
            server["server_name"],
            server["ip_address"],
            server["status"],
            ", ".join(server["tags"]),
            max((silence["until"] for silence in server["silenced"]), default=None),
        )
        for server in found
    ]
    print_table(("ID", "NAME", "ADDRESS", "STATUS", "TAGS", "SILENCED UNTIL"), rows)


@click.command()
@click.option(
    "--state",
    type=click.Choice(["pending", "firing", "resolved", "cancelled", "all"]),
    default="firing",
    show_default=True,
    help="State of the alerts.",
)
@click.option("--level", type=click.Choice(["warning", "critical"]), help="Highest level that they reached.")
@click.option("--server", help="Id, name or address of one server.")
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="How many, the newest first.")
@asking
def alerts(state: str, level: str | None, server: str | None, limit: int, as_json: bool, plain_http: bool) -> None:
    """List alerts, the newest first."""
    with connected(allows_plain_http=plain_http) as remote:
        wanted = {"state": None if state == "all" else state, "level": level}
        if server is not None:
            wanted["server_id"] = _server(remote, server)["id"]
        found = remote.pages("/api/alerts", wanted, limit)
    if as_json:
        print_json(found[:limit])
    else:
        _print_alerts(found[:limit])
    if len(found) > limit:
        click.echo(f"These are the newest {limit}. There are more: --limit chooses how many.", err=True)


def _print_alerts(found: list[Any]) -> None:
    names = ("id", "level", "state", "server_name", "metric", "value", "threshold", "fired_at", "acknowledged_by")
    print_table(_ALERT_COLUMNS, [[alert[name] for name in names] for alert in found])


@click.command()
@click.argument("alert_ids", metavar="ID...", nargs=-1, required=True, type=click.IntRange(1, 2**31 - 1))
@click.option("--note", help="Why, for the alert's timeline.")
@asking
def ack(alert_ids: tuple[int, ...], note: str | None, as_json: bool, plain_http: bool) -> None:
    """Acknowledge alerts, which stops their reminders."""
    with connected(allows_plain_http=plain_http) as remote:
        try:
            done = remote.ask("POST", "/api/alerts/ack", body={"alert_ids": alert_ids, "note": note}).data
        except NotThere:
            raise CommandFailed("not all of these alerts exist, so none was acknowledged") from None
    if as_json:
        print_json(done)
        return
    for name, said in (("acknowledged", "acknowledged"), ("already_closed", "had ended already")):
        if done[name]:
            click.echo(f"{', '.join(map(str, done[name]))} {said}")


@click.command()
@click.argument("server")
@click.option(
    "--for", "length", metavar="DURATION", callback=_duration, required=True, help="How long, such as 2h, 90m or 1d12h."
)
@click.option("--reason", default="", help="Why, for others to see.")
@asking
def silence(server: str, length: timedelta, reason: str, as_json: bool, plain_http: bool) -> None:
    """Hold back notifications about SERVER (its id, name or address) from now on."""
    with connected(allows_plain_http=plain_http) as remote:
        found = _server(remote, server)
        # By the clock of the server: this machine's may differ.
        ends_at = remote.ask("GET", f"/api/servers/{found['id']}").at + length
        body = {"scope": {"server_id": found["id"]}, "ends_at": written(ends_at), "reason": reason}
        made = remote.ask("POST", "/api/silences", body=body).data
    if as_json:
        print_json(made)
    else:
        click.echo(f"{escaped(found['server_name'])} is silenced until {made['ends_at']} UTC")


def _server(remote: Remote, named: str) -> Any:
    """Return the one server with that id, name or address. Raises CommandFailed."""
    if named.isascii() and named.isdigit():
        with suppress(NotThere):
            return remote.ask("GET", f"/api/servers/{named}").data
    with suppress(InvalidInput):
        named = canonical_ip(named)
    found = remote.pages("/api/servers", {"q": named})
    exact = [server for server in found if named in (server["server_name"], server["ip_address"])]
    if len(exact) > 1:
        ids = ", ".join(str(server["id"]) for server in exact)
        raise CommandFailed(f"several servers are called {named!r}: choose one by its id ({ids})")
    if not exact:
        raise CommandFailed(f"there is no server {named!r}")
    return exact[0]


@click.command()
@click.argument("method", metavar="METHOD", type=click.Choice(["GET", "POST", "PUT", "DELETE"], case_sensitive=False))
@click.argument("path")
@click.option("--data", "given", metavar="JSON|-", help="Body of the request; - reads it from standard input.")
@click.option("--pages", is_flag=True, help="Ask for all pages of a list.")
@asking
def api(method: str, path: str, given: str | None, pages: bool, as_json: bool, plain_http: bool) -> None:
    """Send a request to PATH, such as /api/servers?limit=10, and print the data of the answer as JSON."""
    if not path.startswith("/api/"):
        raise click.BadParameter("must begin with /api/", param_hint="PATH")
    if pages and method != "GET":
        raise click.BadParameter("lists are read with GET", param_hint="--pages")
    body = None if given is None else _body(sys.stdin.read() if given == "-" else given)
    with connected(allows_plain_http=plain_http) as remote:
        reply = remote.ask(method, path, body=body)
        data, cursor = reply.data, reply.cursor
        while pages and cursor is not None:
            reply = remote.ask(method, path, params={"cursor": cursor})
            data, cursor = data + reply.data, reply.cursor
    if isinstance(data, str) and not as_json:
        click.echo(data, nl=False)  # a CSV file
    else:
        print_json(data)
    if cursor is not None:
        click.echo("There are more: --pages asks for all.", err=True)


def _body(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise click.BadParameter("must be JSON", param_hint="--data") from None


def _refuse(constant: str) -> None:
    raise ValueError(constant)
