"""`--data-dir`, which all commands take before or after their name, and the settings that it changes."""

import os
from pathlib import Path
from typing import Any

import click

from monitor.settings import Settings, load

_DATA_DIR = "monitor.data_dir"


def chosen_settings(**given: object) -> Settings:
    """Read the settings of the command that runs; *given* as for `load`. Raises SettingsError."""
    context = click.get_current_context(silent=True)
    data_dir = None if context is None else context.meta.get(_DATA_DIR)
    return load(os.environ, data_dir=data_dir, **given)


def with_data_dir(command: click.Command) -> click.Command:
    """Let the command, and all of a group, take `--data-dir`. What is given last counts."""
    if not any(option.name == "data_dir" for option in command.params):
        command.params.append(_option())
    if isinstance(command, click.Group):
        for each in command.commands.values():
            with_data_dir(each)
    return command


def _option() -> click.Option:
    return click.Option(
        ["--data-dir"],
        type=click.Path(path_type=Path, file_okay=False),
        help="Directory of the SQLite database and of generated secrets.  [env: MONITOR_DATA_DIR]",
        expose_value=False,
        callback=_choose,
    )


def _choose(context: click.Context, _: click.Parameter, value: Any) -> None:
    if value is not None:
        context.meta[_DATA_DIR] = value
