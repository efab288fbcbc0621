"""Keys and encryption of pushes, and what a browser is given."""

import json
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.memory.fakes import FixedClock
from monitor.adapters.notify.web_push.channel import WebPushSender, _payload
from monitor.adapters.notify.web_push.encryption import MOST, as_bytes, as_text, encrypted, public_key, sealed
from monitor.adapters.notify.web_push.vapid import DerivedPushKeys
from monitor.adapters.outbound.connections import Outbound
from monitor.domain.alerts.alert import EventKind
from monitor.domain.errors import InvalidInput
from monitor.domain.notifications.channels import Channel, ChannelKind
from tests.unit.adapters.notify.messages import NOON, RACK, a_message, an_alert, an_item, ended

# RFC 8291, appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
BROWSER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
OWN = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
ENDPOINT = "https://push.example.com/b1"
SUBSCRIBED = {"endpoint": ENDPOINT, "p256dh": BROWSER, "auth": AUTH}


def test_the_example_of_the_standard_comes_out():
    key = ec.derive_private_key(int.from_bytes(as_bytes(OWN), "big"), ec.SECP256R1())
    body = sealed(TEXT, as_bytes(BROWSER), as_bytes(AUTH), key=key, salt=as_bytes(SALT))
    assert BODY == as_text(body)


def test_the_largest_message_fits_into_one_record():
    assert len(encrypted(b"x" * MOST, as_bytes(BROWSER), as_bytes(AUTH))) <= 4096


def test_the_key_is_that_of_the_secret():
    """So that a restart, and each process of an installation, has the same."""
    key = DerivedPushKeys("a secret").public()
    assert key == DerivedPushKeys("a secret").public()
    assert key != DerivedPushKeys("another secret").public()
    assert public_key(as_bytes(key))
    assert (87, True) == (len(key), key.startswith("B"))


def test_the_token_is_for_this_service_and_half_a_day():
    keys = DerivedPushKeys("a secret")
    header = keys.authorization("https://push.example.com:8443/b1?c=d", None, NOON)
    token, key = header.removeprefix("vapid t=").split(", k=")
    assert keys.public() == key
    public = public_key(as_bytes(key))
    options = {"verify_aud": False, "verify_exp": False}
    claims = jwt.decode(token, public, algorithms=["ES256"], options=options)  # type: ignore[arg-type]  # a TypedDict
    assert {
        "aud": "https://push.example.com:8443",
        "exp": int((NOON + timedelta(hours=12)).timestamp()),
    } == claims


@given(
    names=st.lists(st.text(min_size=1, max_size=120), min_size=1, max_size=30),
    note=st.text(max_size=600),
    locale=st.sampled_from(["en", "zh-CN"]),
)
def test_a_message_never_has_more_bytes_than_are_taken(names, note, locale):
    items = [an_item(server_name=name, note=note, alert=an_alert(id=n)) for n, name in enumerate(names, 1)]
    payload = _payload(a_message(*items, locale=locale))
    assert len(payload) <= MOST
    shown = json.loads(payload)
    assert {"title", "body", "level", "tag", "locale", "link", "ack_link"} == shown.keys()
    assert shown["title"]


SEVERAL = [an_item(alert=an_alert(id=n)) for n in (12, 13)]
ENDS = [an_item(EventKind.RESOLVED, alert=ended(id=n)) for n in (12, 13)]
ALONE = replace(RACK, kind=None)


@pytest.mark.parametrize(
    ("items", "incident", "tag"),
    [
        (SEVERAL, RACK, "incident-7"),
        (SEVERAL, replace(RACK, is_first=False, more=2), "incident-7"),
        (SEVERAL[:1], replace(RACK, is_first=False, more=1), "incident-7"),  # else it would stand beside the first
        (SEVERAL[:1], RACK, "incident-7"),
        (ENDS, replace(RACK, is_first=False), "incident-7"),
        (SEVERAL, ALONE, "incident-7"),
        (ENDS, replace(ALONE, is_first=False), "incident-7"),
        (SEVERAL[:1], ALONE, "alert-12"),
        (SEVERAL, replace(ALONE, is_first=False), "m-1"),  # more about one host: the first alerts still fire
        (SEVERAL, None, "m-1"),
        (SEVERAL[:1], None, "alert-12"),
    ],
)
def test_what_amends_an_incident_replaces_what_was_said_of_it(items, incident, tag):
    assert tag == json.loads(_payload(a_message(*items, incident=incident)))["tag"]


def a_sender() -> WebPushSender:
    return WebPushSender(Outbound(), FixedClock(NOON), DerivedPushKeys("a secret"))


def a_way(**settings: str) -> Channel:
    return Channel(name="bob", kind=ChannelKind("web_push"), settings=SUBSCRIBED | settings, created_at=NOON)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("endpoint", "ftp://push.example.com/", "invalid_url"),
        ("endpoint", "https://169.254.169.254/", "address_refused"),
        ("endpoint", "", "required"),
        ("p256dh", "BAAA", "invalid_push_key"),
        ("p256dh", as_text(b"\4" + bytes(64)), "invalid_push_key"),
        ("p256dh", "键", "invalid_push_key"),
        ("auth", "AAAA", "invalid_push_key"),
        ("auth", "A" * 101, "too_long"),
    ],
)
def test_a_subscription_is_checked(name, value, problem):
    a_sender().check(a_way())
    with pytest.raises(InvalidInput) as refused:
        a_sender().check(a_way(**{name: value}))
    assert {f"settings.{name}": problem} == {field: each.code for field, each in refused.value.problems.items()}


def test_only_the_browser_and_the_service_are_shown_of_it():
    assert {
        "endpoint": "***",
        "p256dh": "***",
        "auth": "***",
        "label": "Firefox",
    } == a_sender().shown(a_way(label="Firefox"))
