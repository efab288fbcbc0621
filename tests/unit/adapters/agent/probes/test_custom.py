"""Metrics from files: what is read, what is ignored, and what is logged."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.probes.custom import CustomMetrics, parse

NOW = 1_800_000_000.0


def write(folder: Path, name: str, text: str, age: float = 0.0) -> Path:
    path = folder / name
    path.write_text(text)
    os.utime(path, (NOW - age, NOW - age))
    return path


def test_lines_of_name_and_value():
    assert parse("queue_length 12\n\n# a comment\n  backup.age  3.5e2 \n") == [
        ("queue_length", 12.0),
        ("backup.age", 350.0),
    ]


def test_prometheus_text_form():
    text = '# TYPE up gauge\nup{job="db",host="a"} 1 1700000000000\nage_seconds 5\nratio NaN\n'
    assert parse(text) == [("up:db:a", 1.0), ("age_seconds", 5.0)]


@pytest.mark.parametrize("text", ["name", "name value", "name 1 2 3", "{} 1", "1", "a 0x10"])
def test_malformed_lines(text):
    with pytest.raises(ValueError, match="line 1"):
        parse(text)


@given(st.text())
def test_no_text_raises_anything_but_value_error(text):
    with suppress(ValueError):
        parse(text)


def test_files_are_read_in_order_and_others_are_not(tmp_path):
    write(tmp_path, "b.prom", "b 2")
    write(tmp_path, "a.txt", "a 1")
    write(tmp_path, "c.prom.tmp", "c 3")
    logged: list[str] = []
    assert CustomMetrics(str(tmp_path), logged.append).read(NOW) == [("a", 1.0), ("b", 2.0)]


def test_a_stale_or_malformed_file_is_ignored_and_logged_once(tmp_path):
    logged: list[str] = []
    write(tmp_path, "fine.prom", "fine 1", age=299)
    write(tmp_path, "stale.prom", "stale 1", age=301)
    broken = write(tmp_path, "broken.prom", "half 1\nha")
    os.mkfifo(tmp_path / "pipe.prom")
    metrics = CustomMetrics(str(tmp_path), logged.append)
    for second in range(3):
        assert metrics.read(NOW + second * 0.1) == [("fine", 1.0)]
    assert len(logged) == 3
    write(tmp_path, broken.name, "half 1")
    assert ("half", 1.0) in metrics.read(NOW)
    write(tmp_path, broken.name, "ha")
    metrics.read(NOW)
    assert len(logged) == 4


def test_a_missing_directory_is_logged_once(tmp_path):
    logged: list[str] = []
    metrics = CustomMetrics(str(tmp_path / "none"), logged.append)
    assert [metrics.read(NOW), metrics.read(NOW)] == [[], []]
    assert len(logged) == 1
