"""Which host a series is of, and what its values are kept as."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.intake.prometheus import host_of, own_name, series_key, valid_name
from monitor.domain.intake.samples import METRIC_NAME


@pytest.mark.parametrize(
    ("instance", "host"),
    [
        ("10.0.0.5:9100", "10.0.0.5"),
        ("10.0.0.5", "10.0.0.5"),
        ("[2001:db8::5]:9100", "2001:db8::5"),
        ("[2001:db8::5]", "2001:db8::5"),
        ("2001:db8::5", "2001:db8::5"),
        ("::1", "::1"),
        ("web-1.example.com:9100", "web-1.example.com"),
        (" web-1 ", "web-1"),
        ("", ""),
    ],
)
def test_the_host_of_an_instance(instance: str, host: str):
    assert host == host_of(instance)


def test_an_own_name_is_the_metric_and_what_tells_the_series_apart():
    labels = {"__name__": "http_requests_total", "instance": "a:1", "job": "app", "method": "GET", "code": "200"}
    assert "http_requests_total:200:get" == own_name(labels)
    assert "up" == own_name({"__name__": "up", "instance": "a:1", "job": "app"})


@given(st.text(min_size=1))
def test_every_name_is_valid(text: str):
    assert re.fullmatch(METRIC_NAME, valid_name(text))


def test_long_names_stay_apart():
    names = {valid_name("a" * 100 + end) for end in "bcd"}
    assert 3 == len(names)
    assert all(len(name) == 64 for name in names)


@given(st.dictionaries(st.sampled_from(["cpu", "mode", "instance", "job", "x"]), st.text(max_size=5)))
def test_readings_have_the_parts_of_their_metric_whatever_the_labels_hold(labels: dict[str, str]):
    key = series_key({"__name__": "node_cpu_seconds_total", **labels}, kept=())
    assert key is not None
    assert 3 == len(key.reading.split("\x1f"))
    assert 0 <= key.source < 2**63


def test_only_what_is_wanted_is_kept():
    assert series_key({"__name__": "go_threads"}, kept=()) is None
    kept = series_key({"__name__": "go_threads", "instance": "a:1"}, kept=("go_threads",))
    assert kept is not None
    assert ("a", "=go_threads") == (kept.host, kept.reading)


def test_targets_of_two_jobs_are_two_sources():
    one, other = (series_key({"__name__": "node_load1", "job": job, "instance": "a:1"}, kept=()) for job in "ab")
    assert one is not None
    assert other is not None
    assert one.source != other.source


def test_long_labels_are_cut_and_still_differ():
    def reading(label: str, name: str = "node_network_receive_bytes_total", **more: str) -> str:
        key = series_key({"__name__": name, "device": label, **more}, kept=("app",))
        assert key is not None
        return key.reading

    assert "node_network_receive_bytes_total\x1f" + "x" * 256 == reading("x" * 256)
    for name, most in (("node_network_receive_bytes_total", 300), ("app", 1024)):
        many = {f"l{n}": "y" * 200 for n in range(8)} if name == "app" else {}
        one, other = (reading("x" * 4000 + end, name, **many) for end in "ab")
        assert one != other
        assert len(one) <= most
