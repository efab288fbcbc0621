"""`monitor import`: adds what another program watches to a running server."""

import json
import sys
from typing import Any

import click

from monitor.adapters.exports import beszel, healthchecks, kuma, zabbix
from monitor.adapters.exports.taken import Record, Taken, Untaken
from monitor.adapters.yaml_files import YamlFiles
from monitor.application.configuration.current import Written
from monitor.application.fleet.server_csv import written
from monitor.cli.configuration import DIFFERENT, LONG, planned, print_changes, text_of
from monitor.cli.output import CommandFailed, sentence_of
from monitor.cli.remote import Remote, connected
from monitor.cli.remote_commands import asking
from monitor.cli.tables import print_json
from monitor.domain.errors import InvalidInput
from monitor.domain.text import escaped
from monitor.settings import SettingsError

_PROGRAMS = {"kuma": kuma.read, "beszel": beszel.read, "zabbix": zabbix.read, "healthchecks": healthchecks.read}
_MOST_CHARACTERS = 20_000_000


@click.command("import")
@click.argument("program", type=click.Choice(list(_PROGRAMS)))
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--apply", "at_once", is_flag=True, help="Apply the plan without asking.")
@asking
def import_(program: str, file: str, at_once: bool, as_json: bool, plain_http: bool) -> None:
    """Add what PROGRAM watches, by its export FILE (- for standard input). What exists already stays as it is.

    It prints what it would add, and what it leaves out and why. Then it asks. Without a terminal and without --apply it
    ends there; the exit code is 2 if there is something to add.
    """
    taken = _taken(program, text_of(file, _MOST_CHARACTERS + 1).lstrip("\ufeff \n"))
    try:
        with connected(allows_plain_http=plain_http) as remote:
            servers, body, changes = _planned(remote, taken)
            left = [(name, sentence_of(why) if isinstance(why, InvalidInput) else why) for name, why in taken.left_out]
            if as_json:
                print_json({"changes": changes, "left_out": [{"name": name, "why": why} for name, why in left]})
            else:
                print_changes(changes)
                click.echo("".join(f"{escaped(f'! {name}: {why}'[:500])}\n" for name, why in left), nl=False)
            if changes and not (at_once or (sys.stdin.isatty() and click.confirm("Apply this?", err=True))):
                sys.exit(DIFFERENT)
            if servers:  # first: entries refer to them
                remote.ask("POST", "/api/servers/import", body=servers, timeout=LONG)
                _, body, _ = _planned(remote, taken)
            if body["config"]:
                remote.ask("POST", "/api/config/apply", body=body, timeout=LONG)
    except SettingsError as error:  # whose exit code is that of a difference
        raise CommandFailed(str(error)) from None


def _taken(program: str, text: str) -> Taken:
    try:
        if len(text) > _MOST_CHARACTERS:
            raise Untaken(f"it is longer than {_MOST_CHARACTERS:,} characters")
        tree = json.loads(text) if text.startswith(("{", "[")) else YamlFiles().read(text)
        return _PROGRAMS[program](Record(tree) if isinstance(tree, dict) else Record(pages=tree))
    except (Untaken, ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, Untaken) else "it is no JSON, or nested too deep"
        raise CommandFailed(f"can't import this as an export of {program}: {escaped(why)}") from None


def _planned(remote: Remote, taken: Taken) -> tuple[bytes, dict[str, str], list[Any]]:
    """Return new servers as CSV, the file to apply with its revision (each may be empty), and all changes."""
    revision = planned(remote, "", 0)["revision"]  # Older than the file, so that no change by others is undone.
    current = YamlFiles().read(remote.ask("GET", "/api/config", timeout=LONG).data)
    known = {each["ip_address"]: each["server_name"] for each in remote.pages("/api/servers", {})}
    new = {address: each for address, each in taken.servers.items() if address not in known}
    changes: list[Any] = [{"kind": "server", "name": address, "action": "create"} for address in new]
    servers = written(new.values(), {}).encode() if new else b""
    tree = taken.added_to(current, {name: address for address, name in known.items()})
    text = YamlFiles().write(Written(tree=tree, comments={})) if tree else ""
    found = planned(remote, text, 0)["changes"]
    changes += [each for each in found if each["action"] != "missing" or each["name"] not in new]
    return servers, {"config": text, "revision": revision}, changes
