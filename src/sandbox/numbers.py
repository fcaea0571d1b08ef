"""Numbers of synthetic people and papers (号码): valid by checksum, never looked up."""

import random
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def id_check_character(first17: str) -> str:
    """Return the check character of a citizen identity number.

    >>> id_check_character("11010519491231002")
    'X'
    """
    total = sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def is_id_number(number: str) -> bool:
    """Say whether `number` has 18 characters, a real date and the right check character.

    >>> is_id_number("11010519491231002X"), is_id_number("110105194912310021")
    (True, False)
    """
    if len(number) != 18 or not number[:17].isascii() or not number[:17].isdigit():
        return False
    try:
        date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    except ValueError:
        return False
    return id_check_character(number[:17]) == number[17]


def make_id_number(
    rng: random.Random, *, division: str, birth_date: date, sex: str, taken: set[str]
) -> str:
    """Draw a number nobody in `taken` has; an odd sequence is male ("1"), an even one female."""
    while True:
        sequence = rng.randrange(500) * 2 + (1 if sex == "1" else 0)
        first17 = f"{division}{birth_date:%Y%m%d}{sequence:03d}"
        number = first17 + id_check_character(first17)
        if number not in taken:
            taken.add(number)
            return number


def make_phone(rng: random.Random, *, taken: set[str]) -> str:
    """Draw a mobile number from one narrow block, so that test numbers are easy to recognise."""
    while True:
        phone = f"19900{rng.randrange(1_000_000):06d}"
        if phone not in taken:
            taken.add(phone)
            return phone


def check_character_37_36(text: str) -> str:
    """Return the hybrid modulus 37,36 check character used by certificate identifiers.

    >>> check_character_37_36("11100000000013338W01111430000006122244L20230000403001")
    'U'
    """
    remainder = 36
    for character in text:
        remainder = (remainder + _ALPHANUMERIC.index(character)) % 36 or 36
        remainder = remainder * 2 % 37
    return _ALPHANUMERIC[(37 - remainder) % 36]


def certificate_identifier(*, type_code: str, issuer: str, serial: str) -> str:
    """Return an electronic certificate identifier, version 001, with its check character."""
    check = check_character_37_36(f"{type_code}{issuer}{serial}001")
    return f"1.2.156.3005.2.{type_code}.{issuer}.{serial}.001.{check}"


def birth_certificate_number(rng: random.Random, *, province: str) -> str:
    """Return one letter, two province digits and seven more digits."""
    return f"Z{province[:2]}{rng.randrange(10_000_000):07d}"
