"""`monitor config export`, `monitor plan` and `monitor apply`: the configuration of a running server as a file."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from monitor.cli.output import CommandFailed
from monitor.cli.remote import Remote, connected
from monitor.cli.remote_commands import asking
from monitor.cli.tables import print_json, print_table
from monitor.domain.text import escaped
from monitor.settings import SettingsError

DIFFERENT = 2
"""Exit code of a plan that would change something."""
_SIGNS = {"create": "+", "delete": "-", "missing": "!"}
_PAUSE = 0.5
LONG = 600.0
"""Seconds that a large file may take."""

_FILE = click.argument("file", type=click.Path(allow_dash=True))


@click.group()
def config() -> None:
    """Export the configuration as a file."""


@config.command()
@asking
def export(as_json: bool, plain_http: bool) -> None:
    """Print policies, silences, teams, channels, checks, check-ins and tags as YAML, without ids and secrets."""
    with connected(allows_plain_http=plain_http) as remote:
        text = remote.ask("GET", "/api/config", timeout=LONG).data
    if as_json:
        print_json(text)
    else:
        click.echo(text, nl=False)


@click.command()
@_FILE
@click.option(
    "--days", type=click.IntRange(0, 400), default=30, show_default=True, help="Past to replay; 0: the changes alone."
)
@asking
def plan(file: str, days: int, as_json: bool, plain_http: bool) -> None:
    """Say what FILE (- for standard input) would change, and whom it would have paged.

    The exit code is 2 if it would change anything, 0 if not, and 1 if it cannot be planned.
    """
    try:
        with connected(allows_plain_http=plain_http) as remote:
            found = planned(remote, text_of(file), days)
    except SettingsError as error:  # whose exit code is that of a difference
        raise CommandFailed(str(error)) from None
    if as_json:
        print_json(found)
    else:
        _print(found, days)
    if found["changes"]:
        sys.exit(DIFFERENT)


@click.command()
@_FILE
@click.option("--revision", help="Only if nothing changed since the plan that printed this revision.")
@asking
def apply(file: str, revision: str | None, as_json: bool, plain_http: bool) -> None:
    """Make the configuration that of FILE (- for standard input): all of it, or nothing."""
    text = text_of(file)
    with connected(allows_plain_http=plain_http) as remote:
        revision = revision or planned(remote, text, 0)["revision"]
        body = {"config": text, "revision": revision}
        applied = remote.ask("POST", "/api/config/apply", body=body, timeout=LONG).data
    if as_json:
        print_json(applied)
    else:
        print_changes(applied["changes"])
        _print_ends(applied["ends"])


def text_of(file: str, most: int = -1) -> str:
    """Return the text of a file, or its beginning. click would end with the exit code of a difference without one."""
    try:
        with click.open_file(file, encoding="utf-8") as opened:
            return str(opened.read(most))
    except UnicodeDecodeError:
        raise CommandFailed(f"{file} is not encoded in UTF-8") from None
    except OSError as error:
        raise CommandFailed(f"can't read {file}: {error.strerror}") from None


def planned(remote: Remote, text: str, days: int) -> Any:
    """Return the whole plan, and show how far it is if it takes long."""
    found = remote.ask("POST", "/api/config/plan", body={"config": text, "days": days}, timeout=LONG).data
    if found["job_id"] is None:
        return found
    path = f"/api/config/plan/{found['job_id']}"
    with _cancelled_with(remote, path):
        while (job := remote.ask("GET", path).data)["result"] is None:
            if job["error"] is not None:
                raise CommandFailed(f"the past cannot be replayed: {escaped(job['error'])}")
            _show(f"replaying {days} days: {100 * job['progress']:.1f} %")
            time.sleep(_PAUSE)
    _show("")
    return job["result"]


@contextmanager
def _cancelled_with(remote: Remote, path: str) -> Iterator[None]:
    """End the job if the command is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        remote.ask("DELETE", path)
        raise


def _show(line: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{line:<40}" + ("" if line else "\r"), err=True, nl=False)


def _print_ends(ends: Any) -> None:
    """Print the alerts that end with the file."""
    for each in ends:
        what = f"{each['server_name']} {each['metric']}, {each['level']}"
        click.echo(escaped(f"{'ends' if each['ends'] else 'may end'}: alert {each['id']}: {what}"))


def _print(planned: Any, days: int) -> None:
    print_changes(planned["changes"])
    _print_ends(planned["ends"])
    if planned["pages"] is not None:
        pages = planned["pages"]
        click.echo(
            f"\nPages in the last {days} days: {pages['before']} now, {pages['after']} with this file "
            f"(+{pages['added']} -{pages['removed']})"
        )
        notified = [(each["username"], each["before"], each["after"]) for each in planned["people"]]
        notified += [(f"channel {each['name']}", each["before"], each["after"]) for each in planned["channels"]]
        if notified:
            click.echo()
            print_table(("WHO", "NOW", "THEN"), notified)
        nights = [
            (each["username"], each.get("nights_before", 0), each.get("nights_after", 0)) for each in planned["people"]
        ]
        if any(before or after for _, before, after in nights):
            click.echo()
            print_table(("NIGHTS OF", "NOW", "THEN"), nights)
        if pages.get("unanswered_after"):
            click.echo(f"\nPages that would reach nobody: {pages['unanswered_after']}")
    click.echo(f"\nRevision {planned['revision']}")


def print_changes(changes: Any) -> None:
    if not changes:
        click.echo("No changes.")
    for change in changes:
        sign = _SIGNS.get(change["action"], "~")
        click.echo(f"{sign} {change['action']} {change['kind']} {escaped(change['name'])}")
        if change["action"] in ("update", "rename"):
            for field in change["fields"]:
                click.echo(f"    {field['name']}: {_written(field['before'])} -> {_written(field['after'])}")


def _written(value: Any) -> str:
    return escaped(json.dumps(value, ensure_ascii=False))
