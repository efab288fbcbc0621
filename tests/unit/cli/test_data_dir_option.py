"""`--data-dir` before and after each command."""

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from monitor.cli.chosen import chosen_settings, with_data_dir
from monitor.cli.commands import monitor

OWN_ARGUMENTS = ("agent",)
"""It runs on other hosts, as a program of its own."""


def _paths(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        path = (*before, name)
        yield path
        if isinstance(command, click.Group):
            yield from _paths(command, *path)


def _help(*arguments: str) -> str:
    done = CliRunner().invoke(monitor, [*arguments, "--help"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found = re.search(r"--data-dir DIRECTORY.*?MONITOR_DATA_DIR\]", done.output, re.DOTALL)
    return "" if found is None else " ".join(found.group().split())


@pytest.mark.parametrize("path", [each for each in _paths(monitor) if each != OWN_ARGUMENTS], ids=" ".join)
def test_every_command_takes_it_with_the_same_words(path: tuple[str, ...]) -> None:
    words = _help()
    assert words.startswith("--data-dir DIRECTORY Directory of the SQLite database")
    assert words == _help("--data-dir", "x", *path) == _help(*path, "--data-dir", "x")


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (["tell"], "env"),
        (["--data-dir", "a", "tell"], "a"),
        (["tell", "--data-dir", "b"], "b"),
        (["--data-dir", "a", "tell", "--data-dir", "b"], "b"),
    ],
)
def test_what_is_given_last_counts(arguments: list[str], chosen: str) -> None:
    @click.group()
    def group() -> None: ...

    @group.command()
    def tell() -> None:
        click.echo(chosen_settings().data_dir)

    done = CliRunner().invoke(with_data_dir(group), arguments, env={"MONITOR_DATA_DIR": "env"}, catch_exceptions=False)
    assert f"{chosen}\n" == done.output
