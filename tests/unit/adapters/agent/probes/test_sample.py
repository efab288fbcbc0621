"""Names, numbers, addresses and times as the API accepts them."""

import json
import math
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.clock import stamp
from monitor.adapters.agent.log import one_line
from monitor.adapters.agent.probes.sample import encode, extra_metrics, instance_name, metric_name, percent
from monitor.adapters.agent.uplink.client import batch_body, sends_address, single_body
from monitor.adapters.agent.uplink.target import plain_address

NAME = re.compile(r"[a-z0-9_.:/-]{1,64}")
numbers = st.floats() | st.sampled_from([0.0, 100.0, 100.001, -0.001, math.nan, math.inf])


@given(st.text())
def test_every_name_fits(text):
    assert NAME.fullmatch(metric_name(text))


@given(st.from_regex(NAME, fullmatch=True).filter(lambda name: NAME.fullmatch(name) is not None))
def test_a_name_that_fits_is_kept(name):
    assert metric_name(name) == name


@given(st.text(max_size=300), st.sampled_from(["", "up", "cert_days"]))
def test_every_instance_fits_and_keeps_its_end(text, value):
    name = instance_name("container", text, value)
    assert NAME.fullmatch(name)
    assert name.startswith("container:")
    assert not value or name.endswith(f":{value}")


def test_long_names_that_begin_alike_stay_apart():
    pods = [instance_name("container", "k8s_" + "pod" * 30 + end, "memory") for end in "ab"]
    assert len(set(pods)) == 2


def test_names_are_made_to_fit():
    assert metric_name("disk:/Media/My Disk") == "disk:/media/my_disk"


@given(numbers)
def test_percentages_are_bounded_and_rounded(value):
    if math.isfinite(value):
        assert 0 <= percent(value) <= 100
        assert percent(value) == round(percent(value), 2)
    else:
        with pytest.raises(ValueError, match="not a number"):
            percent(value)


@given(st.lists(st.tuples(st.text(max_size=70), numbers), max_size=300))
def test_extra_is_what_the_api_takes(readings):
    extra = extra_metrics(readings)
    assert len(extra) <= 256
    assert all(NAME.fullmatch(name) and math.isfinite(value) for name, value in extra.items())
    json.dumps(extra, allow_nan=False)


def test_the_first_of_a_name_counts_and_256_names_are_kept():
    crowd = [("load1", 1.0), ("LOAD1", 9.0), *((f"custom{number}", 0.0) for number in range(300))]
    extra = extra_metrics(crowd)
    assert extra["load1"] == 1.0
    assert len(extra) == 256
    assert "custom299" not in extra


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 (hypothesis wants naive bounds)
def test_times_are_utc_to_the_millisecond(when):
    epoch_ns = (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1_000 + 999
    assert stamp(epoch_ns // 1_000_000) == when.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("::1", "::1"),
    ],
)
def test_addresses_are_canonical(text, plain):
    assert plain_address(text) == plain


@given(st.text(max_size=20))
def test_other_text_than_an_address_raises_only_value_error(text):
    try:
        plain_address(text)
    except ValueError:
        return


@pytest.mark.parametrize(("key", "tells"), [("mk_abc", False), ("mf_abc", True), ("a-custom-key", True)])
def test_only_the_key_of_one_server_needs_no_address(key, tells):
    assert sends_address(key) is tells


def test_bodies_contain_the_address_if_there_is_one():
    body = {"metrics": {"cpu_value": 45.5}, "recorded_at": "2024-01-01 00:00:00.001", "interval": 15}
    record = encode(body)
    assert json.loads(single_body(record, None)) == body
    assert json.loads(single_body(record, "10.0.0.1")) == {"ip_address": "10.0.0.1", **body}
    assert json.loads(batch_body([record, record], None)) == {"samples": [body, body]}
    assert json.loads(batch_body([record], "::1")) == {"samples": [{"ip_address": "::1", **body}]}


@given(st.text())
def test_a_log_line_is_one_line(text):
    assert "\n" not in one_line(text)
    assert one_line(text).isprintable()
