"""The command `monitor doctor`."""

import secrets
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from monitor.assembly import in_memory, on_sql
from monitor.cli.chosen import chosen_settings
from monitor.cli.doctor import stored, surroundings
from monitor.cli.doctor.bundle import write_bundle
from monitor.cli.doctor.examining import Answer, examined
from monitor.cli.output import CommandFailed
from monitor.cli.tables import print_json
from monitor.container import Container
from monitor.settings import Settings
from monitor.settings.kept_secrets import kept_cipher

PATIENCE = 12.0  # seconds for all checks: a database that is away is noticed within eight, a mail server within ten
_NAMES = ("database", "schema", "disk", "smtp", "clock", "base_url", "proxies", "agents", "unsent", "jobs", "backup")
_file = partial(click.Path, path_type=Path, dir_okay=False)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects with name, ok and text.")
@click.option(
    "--bundle", type=_file(), help="Also write a zip for those who help, without secrets, addresses and names."
)
@click.option("--log", type=_file(exists=True), help="A file with the server's standard error, for the bundle.")
def doctor(as_json: bool, bundle: Path | None, log: Path | None) -> None:
    """Say what is wrong with this installation, and what to do. The exit code is 1 if something is.

    It changes nothing, and answers within 30 seconds, also without the database.
    """
    container = _container(chosen_settings())
    with closing(container.store):
        answers = examined(_checks(container), PATIENCE)
        if bundle is not None:
            try:
                write_bundle(bundle, container, answers, log)
            except OSError as error:
                raise CommandFailed(f"{bundle}: {error.strerror}") from None
            click.echo(f"{bundle} is written; its manifest.json says what was left out", err=True)
    if as_json:
        print_json([{"name": name, "ok": each.ok, "text": each.text} for name, each in answers.items()])
    else:
        click.echo("\n".join(f"{'ok ' if each.ok else 'BAD'}  {name:8}  {each.text}" for name, each in answers.items()))
    sys.exit(not all(each.ok for each in answers.values()))


def _container(settings: Settings) -> Container:
    """Return the core; without a database if its file is missing, which would be created. Raises SettingsError."""
    url = settings.database_url
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        return in_memory(replace(settings, database_url=""))
    return on_sql(settings, settings.jwt_secret or secrets.token_urlsafe(48), kept_cipher(settings))


def _checks(container: Container) -> Mapping[str, Callable[[], Answer]]:
    found = {name: partial(getattr(stored, name, None) or getattr(surroundings, name), container) for name in _NAMES}
    if container.settings.database_url:
        return found
    said = f"{container.settings.database_variable} holds no database: correct it, or run `monitor serve --migrate`"
    return found | dict.fromkeys(set(_NAMES) & vars(stored).keys(), lambda: Answer(False, said))
