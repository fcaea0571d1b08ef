"""A request counts only when the right sender signed the whole of it, now, and once."""

from __future__ import annotations

import base64
import hashlib
import string
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateways.conftest import make_pair
from yijian.gateways.signatures import Message, SignatureRefusedError, sign, verify
from yijian.gateways.signatures.keys import KeyFolder, split_keys

SENDER = "hr-340000"
URL = "http://node.test/api/v1/feedback?x=1"
BODY = b'{"feedback_id":"f1"}'
JSON = "application/json"
Check = Callable[..., str]
Pair = tuple[bytes, bytes]


class Nonces:
    """The nonces that were spent."""

    def __init__(self) -> None:
        self.spent: set[tuple[str, str]] = set()

    def __call__(self, sender: str, nonce: str, created: datetime) -> bool:
        new = (sender, nonce) not in self.spent
        self.spent.add((sender, nonce))
        return new


def signed(private: bytes, now: datetime, *, body: bytes = BODY, nonce: str = "n1") -> Message:
    message = Message("POST" if body else "GET", URL, {"Content-Type": JSON} if body else {}, body)
    sign(message, participant=SENDER, private_pem=private, nonce=nonce, now=now)
    return message


def by_hand(private: bytes, covered: list[str], parameters: str, message: Message) -> Message:
    """Sign exactly these components, built from the standard's text and not with the library."""
    digest = base64.b64encode(hashlib.sha256(message.body).digest()).decode()
    values = {
        "@method": message.method,
        "@target-uri": message.url,
        "content-digest": f"sha-256=:{digest}:",
        "content-type": JSON,
    }
    inner = " ".join(f'"{name}"' for name in covered)
    lines = [f'"{name}": {values[name]}' for name in covered]
    base = "\n".join([*lines, f'"@signature-params": ({inner}){parameters}'])
    key: Any = load_pem_private_key(private, None)
    signature = base64.b64encode(key.sign(base.encode())).decode()
    message.headers |= {
        "Content-Digest": values["content-digest"],
        "Content-Type": JSON,
        "Signature-Input": f"sig1=({inner}){parameters}",
        "Signature": f"sig1=:{signature}:",
    }
    return message


def parameters(now: datetime, **changes: object) -> str:
    given = {
        "created": int(now.timestamp()),
        "nonce": '"n1"',
        "alg": '"ed25519"',
        "keyid": f'"{SENDER}"',
    } | changes
    return "".join(f";{name}={value}" for name, value in given.items() if value is not None)


ALL = ["@method", "@target-uri", "content-digest", "content-type"]


@pytest.fixture
def check(pair: Pair, now: datetime) -> Check:
    nonces = Nonces()

    def check(message: Message, later: timedelta = timedelta()) -> str:
        keys = {SENDER: (pair[1],)}
        return verify(
            message,
            public_keys=lambda sender: keys.get(sender, ()),
            spend_nonce=nonces,
            now=now + later,
        )

    return check


def refusal(check: Callable[..., str], message: Message, later: timedelta = timedelta()) -> str:
    with pytest.raises(SignatureRefusedError) as refused:
        check(message, later)
    return refused.value.code


@pytest.mark.parametrize("body", [BODY, b""])
def test_what_we_sign_we_accept(check: Check, pair: Pair, now: datetime, body: bytes) -> None:
    assert check(signed(pair[0], now, body=body)) == SENDER


def test_a_request_signed_by_hand_after_the_standard_is_accepted(
    check: Check, pair: Pair, now: datetime
) -> None:
    assert check(by_hand(pair[0], ALL, parameters(now), Message("POST", URL, {}, BODY))) == SENDER


@pytest.mark.parametrize("missing", ALL)
def test_a_missing_component_is_refused(
    check: Check, pair: Pair, now: datetime, missing: str
) -> None:
    covered = [name for name in ALL if name != missing]
    message = by_hand(pair[0], covered, parameters(now), Message("POST", URL, {}, BODY))
    assert refusal(check, message) == "forged"


def test_a_changed_body_is_refused(check: Check, pair: Pair, now: datetime) -> None:
    message = signed(pair[0], now)
    message.body = BODY.replace(b"f1", b"f2")
    assert refusal(check, message) == "digest_differs"


def test_a_body_added_to_a_request_without_one_is_refused(
    check: Check, pair: Pair, now: datetime
) -> None:
    message = signed(pair[0], now, body=b"")
    message.body = BODY
    assert refusal(check, message) == "forged"


def test_a_changed_digest_is_refused(check: Check, pair: Pair, now: datetime) -> None:
    message = signed(pair[0], now)
    message.body = b"{}"
    digest = base64.b64encode(hashlib.sha256(b"{}").digest()).decode()
    message.headers["Content-Digest"] = f"sha-256=:{digest}:"
    assert refusal(check, message) == "forged"


@pytest.mark.parametrize(
    ("what", "value"), [("method", "PUT"), ("url", URL + "2"), ("url", URL.replace("node", "n2"))]
)
def test_another_method_or_address_is_refused(
    check: Check, pair: Pair, now: datetime, what: str, value: str
) -> None:
    message = signed(pair[0], now)
    setattr(message, what, value)
    assert refusal(check, message) == "forged"


@pytest.mark.parametrize("seconds", [301, -301, 86_400])
def test_an_old_or_future_signature_is_refused(
    check: Check, pair: Pair, now: datetime, seconds: int
) -> None:
    assert refusal(check, signed(pair[0], now), timedelta(seconds=seconds)) == "stale"


def test_the_window_is_five_minutes_long(check: Check, pair: Pair, now: datetime) -> None:
    assert check(signed(pair[0], now), timedelta(seconds=299)) == SENDER


def test_a_repeated_request_is_refused(check: Check, pair: Pair, now: datetime) -> None:
    message = signed(pair[0], now)
    check(message)
    assert refusal(check, message) == "replayed"


def test_a_forged_request_does_not_use_up_the_nonce(
    check: Check, pair: Pair, now: datetime
) -> None:
    assert refusal(check, signed(make_pair()[0], now)) == "forged"
    assert check(signed(pair[0], now)) == SENDER


def test_the_key_of_another_is_refused(check: Check, now: datetime) -> None:
    assert refusal(check, signed(make_pair()[0], now)) == "forged"


def test_a_stranger_is_refused_by_name(check: Check, pair: Pair, now: datetime) -> None:
    message = Message("GET", URL)
    sign(message, participant="stranger-1", private_pem=pair[0], nonce="n", now=now)
    with pytest.raises(SignatureRefusedError) as refused:
        check(message)
    assert (refused.value.code, refused.value.claimed) == ("unknown_sender", "stranger-1")


def test_during_a_change_of_keys_both_are_accepted(pair: Pair, now: datetime) -> None:
    old, new = pair, make_pair()
    keys = split_keys(old[1] + new[1])
    assert len(keys) == 2
    for number, private in enumerate((old[0], new[0])):
        message = signed(private, now, nonce=str(number))
        sender = verify(message, public_keys=lambda _: keys, spend_nonce=Nonces(), now=now)
        assert sender == SENDER


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": None}, {"nonce": '""'}, {"nonce": 7}, {"created": None}, {"created": '"1"'},
        {"alg": None}, {"alg": '"hmac-sha256"'}, {"keyid": None}, {"keyid": '"../etc"'},
        {"created": 999_999_999_999_999}, {"expires": 1}, {"created": "1.5"},
    ],
)  # fmt: skip
def test_a_signature_without_its_parameters_is_refused(
    check: Check, pair: Pair, now: datetime, changes: dict[str, object]
) -> None:
    message = by_hand(pair[0], ALL, parameters(now, **changes), Message("POST", URL, {}, BODY))
    assert refusal(check, message) in ("malformed", "stale")


@pytest.mark.parametrize("name", ["Signature", "Signature-Input"])
def test_an_unsigned_request_is_refused(check: Check, pair: Pair, now: datetime, name: str) -> None:
    message = signed(pair[0], now)
    del message.headers[name]
    assert refusal(check, message) == "unsigned"


def test_two_signatures_are_refused(check: Check, pair: Pair, now: datetime) -> None:
    message = signed(pair[0], now)
    for name in ("Signature", "Signature-Input"):
        message.headers[name] += ", " + message.headers[name].replace("sig1=", "sig2=")
    assert refusal(check, message) == "malformed"


def test_a_signature_has_one_spelling(check: Check, pair: Pair, now: datetime) -> None:
    """Base64's last letter carries four bits that say nothing; another letter means the same."""
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    message = signed(pair[0], now)
    spelt = message.headers["Signature"]
    last = letters.index(spelt[-4])
    other = letters[last ^ 1]
    message.headers["Signature"] = f"{spelt[:-4]}{other}{spelt[-3:]}"
    assert refusal(check, message) == "malformed"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_mutation_of_the_headers_is_ever_accepted(data: st.DataObject) -> None:
    """Every changed character either breaks the signature or changes nothing that is covered."""
    now = datetime.fromisoformat("2026-11-21T10:00:00+08:00")
    message = signed(PAIR[0], now)
    name = data.draw(st.sampled_from(["Signature", "Signature-Input", "Content-Digest"]))
    value = message.headers[name]
    place = data.draw(st.integers(0, len(value) - 1))
    character = data.draw(st.characters(max_codepoint=0x250))
    message.headers[name] = value[:place] + character + value[place + 1 :]
    if message.headers[name].strip() == value:
        return
    with pytest.raises(SignatureRefusedError):
        verify(message, public_keys=lambda _: (PAIR[1],), spend_nonce=Nonces(), now=now)


PAIR = make_pair()


def test_a_folder_knows_only_plain_names(tmp_path: Path, pair: Pair) -> None:
    (tmp_path / "hr-340000.pub.pem").write_bytes(pair[1])
    folder = KeyFolder(tmp_path / "")
    assert folder.public_keys(SENDER) == (pair[1],)
    assert folder.public_keys("nobody-1") == folder.public_keys("../hr-340000") == ()
