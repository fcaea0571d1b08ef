"""Certificates: identifiers of real ones, every slip in one, digests, metadata."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yijian.domain.certificates import (
    Certificate,
    CertificateState,
    Holder,
    Identifier,
    IdentifierError,
    Issuer,
    canonical,
    certificate_of,
    content_of,
    metadata,
    read_identifier,
)

REAL = (
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
    "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
)
IDENTIFIER = Identifier("110000000000000000001", "340100", "0190B3C55A4D7000")
CERTIFICATE = Certificate(
    id="c1",
    type="birth_certificate",
    title="出生医学证明",
    identifier=IDENTIFIER,
    number="Z340000001",
    holder=Holder("李小满"),
    issuer=Issuer("H01", "340100", "示例医院", "340100"),
    issued_on=date(2026, 11, 21),
    salt="00ff",
    shown={"newborn_name": "李小满"},
)


@pytest.mark.parametrize("text", REAL)
def test_identifiers_of_real_certificates_are_read_and_written_alike(text: str) -> None:
    assert str(read_identifier(text)) == text


@given(
    st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=32),
    st.integers(1, 999),
    st.data(),
)
def test_one_wrong_character_of_an_identifier_is_always_noticed(
    serial: str, version: int, data: st.DataObject
) -> None:
    text = str(Identifier("110000000000000000001", "340100", serial, version))
    place = data.draw(st.integers(len("1.2.156.3005.2."), len(text) - 1))
    other = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    if text[place] in (other, "."):
        return
    with pytest.raises(IdentifierError):
        read_identifier(text[:place] + other + text[place + 1 :])


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "root"),
        ("1.2.156.3005.2.", "parts"),
        (REAL[0] + ".1", "parts"),
        (REAL[0].replace("W011", "W01"), "type_code"),
        (REAL[0].replace("11430000006122244L", "1143000"), "issuer"),
        (REAL[0].replace("20230000403", "2023"), "serial"),
        (REAL[0].replace(".001.", ".000."), "version"),
        (REAL[0][:-1] + "V", "check"),
        (REAL[0].replace("20230000403", "20230000４03"), "serial"),
    ],
)
def test_a_wrong_identifier_names_its_part_at_fault(text: str, part: str) -> None:
    with pytest.raises(IdentifierError) as error:
        read_identifier(text)
    assert error.value.part == part


def test_a_new_version_keeps_the_serial_and_has_another_check_character() -> None:
    after = IDENTIFIER.next
    assert (after.serial, after.version) == (IDENTIFIER.serial, 2)
    assert str(after).split(".")[-2] == "002"
    with pytest.raises(IdentifierError):
        _ = replace(IDENTIFIER, version=999).next


def test_a_certificate_is_the_same_after_it_was_written_down() -> None:
    assert certificate_of("c1", content_of(CERTIFICATE)) == CERTIFICATE


def test_the_digest_covers_the_content_and_not_the_number_that_is_linked_later() -> None:
    linked = replace(CERTIFICATE, holder=Holder("李小满", "340104202611180018"))
    assert linked.digest == CERTIFICATE.digest
    for change in ({"number": "Z340000002"}, {"salt": "00fe"}, {"shown": {"newborn_name": "王"}}):
        assert replace(CERTIFICATE, **change).digest != CERTIFICATE.digest
    assert canonical({"b": 1, "a": "甲"}) == '{"a":"甲","b":1}'


def test_the_metadata_name_every_element_of_the_catalogue() -> None:
    told = metadata(CERTIFICATE, CertificateState.REVOKED)
    assert told["电子证照标识"] == str(IDENTIFIER)
    assert (told["持证主体"], told["持证主体代码"], told["持证主体代码类型"]) == ("李小满", "", "")
    assert (told["证照状态"], told["有效期截止日期"]) == ("已注销", "长期")
    linked = replace(CERTIFICATE, holder=Holder("李小满", "340104202611180018"))
    assert metadata(linked, CertificateState.VALID)["持证主体代码类型"] == "111"
    assert len(told) == 16
