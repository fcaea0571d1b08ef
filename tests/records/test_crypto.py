"""What is sealed opens only where it was written; what is found is found only with the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.records.families import MOTHER_ID, PHONE, saved, submitted
from yijian.records import cases, crypto
from yijian.records.crypto import Algorithm, Key, SealBroken

PLACE = crypto.place("case", "sealed", "1")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_what_is_sealed_opens_in_its_place(algorithm: Algorithm) -> None:
    key = crypto.new_case_key()
    sealed = key.seal("王芳".encode(), PLACE, algorithm)
    assert key.open(sealed, PLACE) == "王芳".encode()
    assert "王芳".encode() not in sealed
    assert sealed[:1] == algorithm.value


@pytest.mark.parametrize("algorithm", list(Algorithm))
@pytest.mark.parametrize(
    "elsewhere",
    [
        crypto.place("case", "sealed", "2"),
        crypto.place("case", "display", "1"),
        crypto.place("outbox", "sealed", "1"),
    ],
)
def test_a_sealed_value_moved_elsewhere_does_not_open(algorithm: Algorithm, elsewhere: str) -> None:
    key = crypto.new_case_key()
    sealed = key.seal(b"value", PLACE, algorithm)
    with pytest.raises(SealBroken, match="moved"):
        key.open(sealed, elsewhere)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_every_changed_bit_is_noticed(algorithm: Algorithm) -> None:
    key = crypto.new_case_key()
    sealed = key.seal(b"value", PLACE, algorithm)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            key.open(bytes(changed), PLACE)


def test_another_key_and_a_cut_value_are_named_as_such() -> None:
    sealed = crypto.new_case_key().seal(b"value", PLACE)
    with pytest.raises(SealBroken, match="another key"):
        crypto.new_case_key().open(sealed, PLACE)
    with pytest.raises(SealBroken, match="too short"):
        crypto.new_case_key().open(sealed[:20], PLACE)


def test_the_switch_to_sm4_keeps_older_values_readable(settings: Any) -> None:
    key = crypto.new_case_key()
    older = key.seal(b"older", PLACE)
    settings.YIJIAN = settings.YIJIAN.model_copy(update={"cipher": "SM4-GCM"})
    newer = key.seal(b"newer", PLACE)
    assert (older[:1], newer[:1]) == (b"A", b"S")
    assert (key.open(older, PLACE), key.open(newer, PLACE)) == (b"older", b"newer")


def test_one_value_sealed_twice_looks_different() -> None:
    key = crypto.new_case_key()
    assert key.seal(b"value", PLACE) != key.seal(b"value", PLACE)


def test_the_key_of_a_case_cannot_be_given_to_another_case() -> None:
    wrapped = crypto.wrap(crypto.new_case_key(), "1")
    crypto.unwrap(wrapped, "1")
    with pytest.raises(SealBroken):
        crypto.unwrap(wrapped, "2")


def test_a_key_does_not_print_its_secret() -> None:
    key = Key(b"s" * 32)
    assert "sss" not in repr(key)
    assert repr(crypto.new_case_key()) != repr(crypto.new_case_key())


def test_the_blind_index_is_keyed_and_short() -> None:
    found = crypto.blind_index("id_number", MOTHER_ID)
    assert len(found) == 16
    plain = f"id_number\n{MOTHER_ID}".encode()
    assert found != hashlib.sha256(plain).digest()[:16]
    assert found != hashlib.sha256(MOTHER_ID.encode()).digest()[:16]
    master = base64.b64decode(settings.YIJIAN.master_key)
    assert found != hmac.digest(master, plain, "sha256")[:16]


def test_the_blind_index_differs_by_purpose() -> None:
    purposes = ("id_number", "person", "certificate", "phone", "name", "newborn")
    assert len({crypto.blind_index(purpose, "34010319") for purpose in purposes}) == len(purposes)


@pytest.mark.parametrize(
    ("purpose", "written", "meant"),
    [
        ("id_number", " 11010519491231002x ", "11010519491231002X"),
        ("id_number", "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("phone", "+86 138-0013-8000", PHONE),
        ("phone", "0086138 0013 8000", PHONE),
        ("name", " 王 芳 ", "王芳"),
        ("name", "Ｌｉ Ｑｉａｎｇ", "liqiang"),
    ],
)
def test_two_ways_to_write_one_thing_are_found_alike(
    purpose: str, written: str, meant: str
) -> None:
    assert crypto.blind_index(purpose, written) == crypto.blind_index(purpose, meant)


def test_birth_order_mother_and_delivery_make_the_newborn() -> None:
    uids = {
        crypto.newborn_uid(MOTHER_ID, "D1", 1),
        crypto.newborn_uid(MOTHER_ID, "D1", 2),
        crypto.newborn_uid(MOTHER_ID, "D2", 1),
        crypto.newborn_uid("110101199003070011", "D1", 1),
    }
    assert len(uids) == 4
    assert crypto.newborn_uid(MOTHER_ID.lower(), "D1", 1) in uids


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["sealed", "display", "wrapped_key"])
def test_data_of_one_family_copied_into_another_do_not_open(column: str) -> None:
    first, second = saved(submitted("N1"), submitted("N2", delivery="D2"))
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "case" a SET {column} = b.{column} FROM "case" b'
            " WHERE a.id = %s AND b.id = %s",
            [first.id, second.id],
        )
    assert cases.read(ids=[second.id])[0].case.answers
    if column == "display":
        from yijian.records.lines import names_of

        with connection.cursor() as cursor:
            cursor.execute('SELECT wrapped_key, display FROM "case" WHERE id = %s', [first.id])
            row = cursor.fetchone()
        with pytest.raises(SealBroken):
            names_of(first.id, *row)
    else:
        with pytest.raises(SealBroken):
            cases.read(ids=[first.id])
