"""统一身份认证: what the identity provider's userinfo says about a person, as values.

The login itself (authorization code, PKCE, token) belongs to allauth in `web`; here its claims are
read as strictly as a register's answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yijian.domain.cases import CheckState
from yijian.gateways.registers.answers import RESIDENT_CARD, Answer, Person, family
from yijian.gateways.registers.reading import Reader

REGISTER = "identity"
STAFF_PREFIX = "staff-"
ID_TYPES = ("111", "414", "511", "516", "553")


@dataclass(frozen=True, slots=True)
class Identity:
    """A person who has logged in with their real name. `valid_until` None means long-term."""

    subject: str
    name: str
    id_type: str
    id_number: str
    phone: str
    valid_until: date | None
    level: str

    @property
    def person(self) -> Person:
        """The person as registers are asked about."""
        return Person(self.name, self.id_type, self.id_number)


@dataclass(frozen=True, slots=True)
class StaffIdentity:
    """A member of staff who has logged in. What they may do is kept here, not believed."""

    subject: str
    name: str
    staff_number: str
    roles: tuple[str, ...]
    office: str


def read(claims: Mapping[str, object]) -> Identity | StaffIdentity:
    """The person behind userinfo claims. Errors: WrongShapeError with the claim at fault."""
    given = Reader(claims)
    subject = given.text("sub", longest=128)
    if subject.startswith(STAFF_PREFIX):
        return StaffIdentity(
            subject=subject,
            name=given.text("name", longest=100),
            staff_number=given.text("staff_number", longest=40),
            roles=tuple((given.optional_text("roles", longest=200) or "").split()),
            office=given.optional_text("office", longest=60) or "",
        )
    return Identity(
        subject=subject,
        name=given.text("name", longest=100),
        id_type=given.code("id_type", ID_TYPES),
        id_number=given.number_of("id_number"),
        phone=given.optional_text("phone", longest=20) or "",
        valid_until=given.optional_day("id_valid_until"),
        level=given.text("acr", longest=60),
    )


def answer_about(identity: Identity, role: str) -> Answer:
    """What the login proves about the mother or the father, as if a register had been asked."""
    values: dict[str, object] = {
        f"{role}_name": identity.name,
        f"{role}_id_type": identity.id_type,
        f"{role}_id_number": identity.id_number,
        f"{role}_phone": identity.phone or None,
    }
    if identity.id_type != RESIDENT_CARD:
        values[f"{role}_id_valid_until"] = identity.valid_until or date.max
    return Answer(REGISTER, CheckState.FOUND, family(values))
