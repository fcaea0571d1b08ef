"""号码: ID, certificate, phone and case numbers, each checked by its standard."""

import re
from datetime import date
from enum import StrEnum

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 "
    "61 62 63 64 65 71 81 82 83 91".split()
)
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class NumberFault(StrEnum):
    """Why a number cannot be right."""

    FORMAT = "format"
    CHECK_DIGIT = "check_digit"
    DATE = "date"
    PROVINCE = "province"
    BIRTH_DATE = "birth_date"
    SEX = "sex"


def normal_id_number(text: str) -> str:
    """The number in upper case, half width, without spaces.

    >>> normal_id_number(" 11010519491231002x ")
    '11010519491231002X'
    """
    half = "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text)
    return "".join(half.split()).upper()


def citizen_id_fault(number: str, today: date) -> NumberFault | None:
    """What is wrong with a 公民身份号码 (GB 11643-1999); None when nothing is.

    >>> citizen_id_fault("11010519491231002X", date(2026, 1, 1))
    >>> citizen_id_fault("110105194912310021", date(2026, 1, 1))
    <NumberFault.CHECK_DIGIT: 'check_digit'>
    """
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
        return NumberFault.FORMAT
    if check_character(number[:17]) != number[17]:
        return NumberFault.CHECK_DIGIT
    try:
        born = id_birth_date(number)
    except ValueError:
        return NumberFault.DATE
    if not date(1900, 1, 1) <= born <= today:
        return NumberFault.DATE
    return None if number[:2] in _PROVINCES else NumberFault.PROVINCE


def check_character(first_17: str) -> str:
    """The check character of the first 17 digits (ISO 7064 MOD 11-2).

    >>> check_character("11010519491231002")
    'X'
    """
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def id_birth_date(number: str) -> date:
    """The birth date inside an 18-character number; ValueError when it is no date."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def id_sex(number: str) -> str:
    """The GB/T 2261.1 sex code inside an 18-character number: "1" male, "2" female."""
    return "1" if int(number[16]) % 2 else "2"


def newborn_id_fault(number: str, born_on: date, sex: str, today: date) -> NumberFault | None:
    """What is wrong with the number a newborn was given; None when it fits the child."""
    fault = citizen_id_fault(number, today)
    if fault is not None:
        return fault
    if id_birth_date(number) != born_on:
        return NumberFault.BIRTH_DATE
    return None if id_sex(number) == sex else NumberFault.SEX


def birth_certificate_fault(number: str) -> NumberFault | None:
    """What is wrong with an 出生医学证明编号: one letter, province, seven digits.

    The letter is not checked against the year: which letter follows Z is not published.
    """
    if not re.fullmatch(r"[A-Z]\d{9}", number, re.ASCII):
        return NumberFault.FORMAT
    return None if number[1:3] in _PROVINCES else NumberFault.PROVINCE


def certificate_parts(number: str) -> tuple[str, int]:
    """What stays in a run of birth certificate numbers, and what counts: ("T34", 12).

    Errors: ValueError for what is no such number.
    """
    if birth_certificate_fault(number) is not None:
        raise ValueError("no birth certificate number")
    return number[:3], int(number[3:])


def certificate_number(prefix: str, serial: int) -> str:
    """The birth certificate number of a run with this serial.

    >>> certificate_number(*certificate_parts("T340000012"))
    'T340000012'
    """
    return f"{prefix}{serial:07d}"


def mobile_fault(number: str) -> NumberFault | None:
    """What is wrong with a mainland mobile number; None when nothing is."""
    return None if re.fullmatch(r"1[3-9]\d{9}", number, re.ASCII) else NumberFault.FORMAT


def mod_37_36(text: str) -> str:
    """The ISO 7064 MOD 37,36 check character of digits and capital letters."""
    product = 36
    for character in text:
        total = (product + _ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def case_number(division: str, day: date, letter: str, sequence: int) -> str:
    """A 办件编号: division, day, item letter, six-digit sequence and a check character."""
    body = f"{division}{day:%Y%m%d}{letter}{sequence:06d}"
    return body + mod_37_36(body)


def masked_id(number: str) -> str:
    """A number safe to show: a newborn's birth date never appears.

    >>> masked_id("340103199505012224")
    '340***********2224'
    """
    return number[:3] + "*" * max(len(number) - 7, 0) + number[-4:] if len(number) > 7 else "***"


def masked_name(name: str) -> str:
    """A name safe to show: the first character, or both of a two-character surname."""
    keep = 2 if name[:2] in _TWO_CHARACTER_SURNAMES and len(name) > 2 else 1
    return name[:keep] + "*" * (len(name) - keep)


def masked_phone(number: str) -> str:
    """A phone number safe to show.

    >>> masked_phone("13800138000")
    '138****8000'
    """
    return number[:3] + "****" + number[-4:] if len(number) >= 8 else "****"


_TWO_CHARACTER_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 长孙 夏侯 令狐 司徒 司空 端木 南宫 独孤 宇文 "
    "闻人 轩辕 申屠 万俟 呼延".split()
)
