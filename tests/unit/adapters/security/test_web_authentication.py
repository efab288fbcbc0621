import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from webauthn.helpers import encode_cbor

from monitor.adapters.security.factors import WebAuthn
from monitor.application.accounts.credentials import Claim, Credential
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.errors import InvalidPasskey
from monitor.domain.accounts.passkeys import Site
from tests.contracts.builders import a_passkey, a_user
from tests.fakes.device import ORIGIN, Device, HeldKey, Json, raw, text

SITE, PROTOCOL = Site(origin=ORIGIN), WebAuthn()
CHALLENGE, ANOTHER = "c" * 43, "d" * 43
HANDLE = b"h" * 32

CREATION: Json = PROTOCOL.creation_options(SITE, CHALLENGE, user=a_user(), user_handle=HANDLE, known=())
REQUEST: Json = PROTOCOL.request_options(SITE, CHALLENGE)
DEVICE = Device(counts=True)
CREATED = DEVICE.create(CREATION)
SIGNED = DEVICE.sign(REQUEST)
PUBLIC = DEVICE.keys[0].public


def created(answer: Json, challenge: str = CHALLENGE, site: Site = SITE) -> Credential:
    return PROTOCOL.created(answer, site, challenge)


def signed(answer: Json, challenge: str = CHALLENGE, site: Site = SITE) -> int:
    return PROTOCOL.signed(answer, site, challenge, PUBLIC)


def test_options_ask_for_a_discoverable_passkey_and_a_verified_user() -> None:
    assert CREATION["rp"] == {"id": "monitor.test", "name": "monitor"}
    assert CREATION["user"] == {"id": text(HANDLE), "name": "alice", "displayName": "alice"}
    assert CREATION["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert CREATION["attestation"] == "none"
    assert {-7, -8, -257} == {each["alg"] for each in CREATION["pubKeyCredParams"]}
    assert raw(CREATION["challenge"]).decode() == CHALLENGE
    assert (REQUEST["rpId"], REQUEST["userVerification"]) == ("monitor.test", "required")
    assert REQUEST["allowCredentials"] == []


def test_devices_with_a_known_passkey_make_no_other() -> None:
    known = [a_passkey(UserId(1), "key", transports=("usb", "nfc"))]
    options: Json = PROTOCOL.creation_options(SITE, CHALLENGE, user=a_user(), user_handle=HANDLE, known=known)
    assert options["excludeCredentials"] == [{"id": text(b"key"), "type": "public-key", "transports": ["usb", "nfc"]}]


def test_a_right_answer_is_taken() -> None:
    key = DEVICE.keys[0]
    made = created(CREATED)
    assert (made.credential_id, made.public_key, made.sign_count) == (key.id, PUBLIC, 1)
    assert made.transports == ("hybrid", "internal")
    assert signed(SIGNED) == 2
    claim = Claim(challenge=CHALLENGE, credential_id=key.id, user_handle=HANDLE)
    assert PROTOCOL.claim(SIGNED) == claim
    assert PROTOCOL.claim(CREATED) == replace(claim, user_handle=b"")


def test_the_same_number_is_no_matter_for_the_protocol() -> None:
    """`Passkey.used` judges it, once the signature is known to be valid."""
    assert [signed(SIGNED) for _ in range(2)] == [2, 2]


WRONG: list[dict[str, Any]] = [
    {"origin": "https://evil.test"},
    {"origin": "http://monitor.test"},
    {"origin": "https://monitor.test:8443"},
    {"origin": "https://sub.monitor.test"},
    {"origin": ""},
    {"host": "evil.test"},
    {"host": "test"},
    {"verifies": False},
    {"kind": "webauthn.get"},
    {"kind": "webauthn.create"},
    {"kind": "payment.get"},
    {"more": {"challenge": text(ANOTHER.encode())}},
]


@pytest.mark.parametrize("changes", [change for change in WRONG if change.get("kind") != "webauthn.create"])
def test_a_new_passkey_from_elsewhere_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidPasskey):
        created(replace(DEVICE, keys=[], **changes).create(CREATION))


@pytest.mark.parametrize("changes", [change for change in WRONG if change.get("kind") != "webauthn.get"])
def test_a_signature_from_elsewhere_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidPasskey):
        signed(replace(DEVICE, **changes).sign(REQUEST))


def test_an_answer_to_another_site_or_challenge_is_refused() -> None:
    for wrong in ((CHALLENGE, Site(origin="https://other.test")), (ANOTHER, SITE)):
        with pytest.raises(InvalidPasskey):
            signed(SIGNED, *wrong)
        with pytest.raises(InvalidPasskey):
            created(CREATED, *wrong)


def test_a_page_within_another_site_is_refused() -> None:
    with pytest.raises(InvalidPasskey):
        PROTOCOL.claim(replace(DEVICE, more={"crossOrigin": True}).sign(REQUEST))


def test_another_key_is_refused() -> None:
    other = HeldKey(user_handle=HANDLE, id=DEVICE.keys[0].id)
    with pytest.raises(InvalidPasskey):
        signed(DEVICE.sign(REQUEST, other))


SIGNED_PARTS = ("clientDataJSON", "authenticatorData", "signature")


@given(st.sampled_from(SIGNED_PARTS), st.data())
def test_a_signature_with_one_changed_byte_is_refused(part: str, data: st.DataObject) -> None:
    changed = deepcopy(SIGNED)
    changed["response"][part] = text(mutated(raw(SIGNED["response"][part]), data))
    with pytest.raises(InvalidPasskey):
        signed(changed)


@given(st.data())
def test_a_new_passkey_with_changed_client_data_is_refused(data: st.DataObject) -> None:
    changed = deepcopy(CREATED)
    client_data = json.loads(raw(CREATED["response"]["clientDataJSON"]))
    name = data.draw(st.sampled_from(["type", "challenge", "origin"]))
    if name == "challenge":
        client_data[name] = text(mutated(raw(client_data[name]), data))
    else:
        client_data[name] = mutated(client_data[name].encode(), data).decode("latin-1")
    changed["response"]["clientDataJSON"] = text(json.dumps(client_data).encode())
    with pytest.raises(InvalidPasskey):
        created(changed)


@given(st.data())
def test_a_changed_attestation_is_refused_or_makes_the_passkey_that_it_names(data: st.DataObject) -> None:
    """Nothing signs it, since none is asked for."""
    whole = raw(CREATED["response"]["attestationObject"])
    changed = deepcopy(CREATED)
    attestation = mutated(whole, data)
    changed["response"]["attestationObject"] = text(attestation)
    with suppress(InvalidPasskey):
        made = created(changed)
        assert made.credential_id in attestation
        assert made.public_key in attestation


@given(st.data())
def test_an_attestation_for_another_site_is_refused(data: st.DataObject) -> None:
    whole, site = raw(CREATED["response"]["attestationObject"]), sha256(b"monitor.test").digest()
    assert whole.count(site) == 1
    changed = deepcopy(CREATED)
    changed["response"]["attestationObject"] = text(whole.replace(site, mutated(site, data)))
    with pytest.raises(InvalidPasskey):
        created(changed)


@given(st.data())
def test_any_other_form_is_refused(data: st.DataObject) -> None:
    for whole, verify in ((CREATED, created), (SIGNED, signed)):
        damaged = deepcopy(whole)
        holder = data.draw(st.sampled_from([damaged, damaged["response"]]))
        name = data.draw(st.sampled_from([name for name in holder if name not in ("transports", "userHandle")]))
        holder[name] = data.draw(OTHERS)
        with pytest.raises(InvalidPasskey):
            verify(damaged)


OTHERS = st.none() | st.booleans() | st.integers() | st.text(max_size=40) | st.lists(st.text(max_size=3), max_size=2)


def mutated(value: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(value) - 1))
    by = data.draw(st.integers(1, 255))
    return value[:at] + bytes([value[at] ^ by]) + value[at + 1 :]


@pytest.mark.parametrize(
    "client_data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{}",
        b'{"challenge": 7}',
        b'{"challenge": "*"}',
        b'{"challenge": "_w"}',
        b"[" * 100_000,
        json.dumps({"challenge": "ä"}).encode(),
    ],
)
def test_client_data_of_any_other_form_is_refused(client_data: bytes) -> None:
    answer = {"rawId": "AA", "response": {"clientDataJSON": text(client_data)}}
    with pytest.raises(InvalidPasskey):
        PROTOCOL.claim(answer)


BOMBS = [
    b"\x81" * 100_000,
    b"\xa1\x00" * 100_000,
    b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xc5\x82\x1b\x00\xff\xff\xff\xff\xff\xff\xff\x03",  # 3 * 2**(a great number)
    b"\xc4\x82\x1b\x00\xff\xff\xff\xff\xff\xff\xff\x03",  # 3 * 10**(a great number)
    b"\xd8\x1c\x81\xd8\x1d\x00",  # a list within itself
]


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_hostile_cbor_is_refused(bomb: bytes) -> None:
    answer = deepcopy(CREATED)
    for attestation in (bomb, b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData" + bomb):
        answer["response"]["attestationObject"] = text(attestation)
        with pytest.raises(InvalidPasskey):
            created(answer)


def cose_rsa() -> bytes:
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    return encode_cbor({1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"})


def cose_ed25519() -> bytes:
    return encode_cbor({1: 1, 3: -8, -1: 6, -2: ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()})


@pytest.mark.parametrize("make", [cose_rsa, cose_ed25519])
def test_other_kinds_of_keys_can_be_added(make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    public = make()
    monkeypatch.setattr(HeldKey, "public", public)
    assert created(Device().create(CREATION)).public_key == public


@pytest.mark.parametrize(
    "public",
    [
        encode_cbor({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32}),  # not on the curve
        encode_cbor({1: 2, 3: -7}),
        encode_cbor({1: 2, 3: -47, -1: 8, -2: b"x" * 32, -3: b"y" * 32}),  # an algorithm that was not offered
        encode_cbor([1, 2, 3]),
        encode_cbor("a key"),
    ],
    ids=range(5),
)
def test_keys_that_could_never_be_used_are_refused(public: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HeldKey, "public", public)
    with pytest.raises(InvalidPasskey):
        created(Device().create(CREATION))


def test_the_library_is_loaded_when_it_is_needed() -> None:
    """Not by garbage either, which anybody may send."""
    script = (
        "import sys\n"
        "from monitor.adapters.security.factors import WebAuthn\n"
        "from monitor.domain.accounts.errors import InvalidPasskey\n"
        "try: WebAuthn().claim({'rawId': 'AA'})\n"
        "except InvalidPasskey: print('webauthn' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
