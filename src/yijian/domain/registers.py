"""共享登记: the registers that nodes publish for each other: what each is asked and what it may say.

Whether a partner may ask is a right: for one register, for named purposes, with or without the
family's consent, for chosen fields, for a time, so many questions a day. Where this node asks is a
route: for one register and one place. Both are data; nothing here asks or answers anybody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

EVERYTHING = "*"
"""In the place of optional fields: all of them."""


@dataclass(frozen=True, slots=True)
class Register:
    """登记服务: one published register. Fields are dotted paths inside its answer's `part`.

    `needed` always leave with an answer: without them nobody can read it. `optional` are left out
    unless the right names them; a part that is left out takes everything inside it along.
    `relayed`: what this node does not know itself is asked of the register behind it.
    """

    name: str
    asked: tuple[str, ...]
    part: str
    needed: frozenset[str]
    optional: frozenset[str]
    relayed: bool = True

    @property
    def person(self) -> str:
        """The field of the question that names a person; empty when it is about nobody."""
        return next((one for one in self.asked if one.endswith("id_number")), "")


def _named(text: str) -> frozenset[str]:
    return frozenset(text.split())


REGISTERS: Mapping[str, Register] = {
    one.name: one
    for one in (
        Register(
            "delivery",
            ("mother_id_number", "name"),
            "deliveries",
            _named(
                "delivery_id division born_place recorded_at mother.name mother.id_type"
                " mother.id_number mother.nationality mother.birth_date father.name father.id_type"
                " father.id_number father.nationality father.birth_date newborns.order"
                " newborns.sex newborns.born_at newborns.place_division newborns.alive"
            ),
            _named(
                "institution_code institution_name in_patient_number midwife mode discharged_on"
                " issues_certificates mother.ethnicity mother.phone mother.address father"
                " father.ethnicity father.phone father.address newborns.population_code"
                " newborns.parity newborns.weeks newborns.days newborns.weight_g"
                " newborns.length_cm newborns.healthy newborns.blood_type newborns.place_text"
                " newborns.certificate_number newborns.certificate_collected_on"
            ),
        ),
        Register(
            "hukou",
            ("id_number", "name"),
            "person",
            _named("name id_number division address household police_station"),
            _named(
                "sex birth_date ethnicity nationality head_name head_id_number relation_to_head"
                " native_place police_station_name id_valid_until residence residence.division"
                " residence.address"
            ),
        ),
        Register(
            "marriage",
            ("id_number", "name"),
            "marriage",
            _named("state spouse_name spouse_id_number"),
            _named("registered_on certificate_number"),
        ),
        Register(
            "certificates",
            ("holder_id_number", "name", "type"),
            "certificate",
            _named("type"),
            _named("identifier number issued_on valid_until issuer data file"),
        ),
        Register(
            "maternity",
            ("mother_id_number", "name"),
            "maternity",
            _named("insured settled pool allowance"),
            _named("division amount_fen"),
        ),
        Register(
            "citizen_id",
            ("certificate_number", "name"),
            "citizen",
            _named("name id_number"),
            _named("sex birth_date certificate_number"),
            relayed=False,
        ),
        Register(
            "institution",
            ("institution_code",),
            "institution",
            _named("code name division"),
            _named("address phone issues_certificates hands_over_to"),
            relayed=False,
        ),
    )
}
"""Every register that a node can publish, by its name in the address."""


def shown(register: Register, document: object, fields: Iterable[str]) -> object:
    """What of an answer's part may leave: its needed fields and the optional ones named.

    Fields that nobody has agreed on never leave.

    >>> institution = REGISTERS["institution"]
    >>> shown(institution, {"code": "H1", "name": "x", "phone": "1", "secret": 1}, [])
    {'code': 'H1', 'name': 'x'}
    """
    allowed = frozenset(fields)
    if EVERYTHING in allowed:
        allowed = register.optional
    known = register.needed | register.optional
    parts = {path.rpartition(".")[0] for path in known} - {""}

    def kept(value: object, path: str) -> object:
        if isinstance(value, list):
            return [kept(one, path) for one in value]
        if not isinstance(value, dict) or (path and path not in parts):
            return value
        found = {}
        for name, inner in value.items():
            inside = f"{path}.{name}" if path else str(name)
            if inside not in known | parts or (
                inside in register.optional and inside not in allowed
            ):
                continue
            found[name] = kept(inner, inside)
        return found

    return kept(document, "")


@dataclass(frozen=True, slots=True)
class Right:
    """访问权限: what one partner may ask of one register here. `ends_at` None: until it is ended."""

    partner: str
    register: str
    purposes: frozenset[str]
    consent: bool
    fields: frozenset[str]
    begins_at: datetime
    ends_at: datetime | None
    daily_budget: int


def refusal(right: Right | None, *, purpose: str, consent: str, now: datetime) -> str | None:
    """Why a question is not answered, as a stable code; None when it is.

    The partner never learns it: what is refused looks like what does not exist.
    """
    if right is None:
        return "no_right"
    if now < right.begins_at or (right.ends_at is not None and now >= right.ends_at):
        return "not_in_force"
    if purpose not in right.purposes:
        return "another_purpose"
    if right.consent and not consent:
        return "no_consent"
    return None


class RouteKind(StrEnum):
    """How a provider is spoken to: another node, a plain register, or a data-sharing gateway."""

    YIJIAN = "yijian"
    REGISTER = "register"
    NATIONAL = "national"
    TIF = "tif"


@dataclass(frozen=True, slots=True)
class Provider:
    """提供方: who answers. `target` is a partner's code, or the address of a register or gateway.

    `secret` names the file of its secret, `options` what its gateway calls this node and itself.
    """

    kind: RouteKind
    target: str
    secret: str = ""
    options: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Route:
    """询问路由: who is asked about a place; the empty place is anywhere.

    While the place is not known providers are asked one after the other by `position`;
    neighbours that are all `at_once` are asked together.
    """

    register: str
    place: str
    provider: Provider
    position: int
    at_once: bool = False
    begins_on: date = date.min
    ends_on: date | None = None

    def holds(self, on: date) -> bool:
        """Whether the route is in force on a day."""
        return self.begins_on <= on and (self.ends_on is None or on < self.ends_on)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """所在地: the division that a question is about: as known, or only as likely."""

    known: str = ""
    likely: str = ""


def providers_to_ask(
    routes: Sequence[Route], register: str, where: Whereabouts, on: date
) -> tuple[tuple[Provider, ...], ...]:
    """Who is asked, in groups one after the other; empty means nobody is named for it.

    A known place has its own provider: the longest prefix that fits, else the one for anywhere. Of
    an unknown place every provider is asked in the configured order, the likely ones first, until
    one has it.
    """
    mine = sorted(
        (r for r in routes if r.register == register and r.holds(on)), key=lambda r: r.position
    )
    if where.known:
        fitting = [r for r in mine if where.known.startswith(r.place)]
        longest = max((len(r.place) for r in fitting), default=0)
        mine = [r for r in fitting if len(r.place) == longest]
    elif where.likely:
        mine.sort(key=lambda r: not (r.place and where.likely.startswith(r.place)))
    return _grouped(mine)


def _grouped(routes: Sequence[Route]) -> tuple[tuple[Provider, ...], ...]:
    groups: list[list[Provider]] = []
    seen: set[tuple[RouteKind, str]] = set()
    together = False
    for route in routes:
        if (route.provider.kind, route.provider.target) in seen:
            continue
        seen.add((route.provider.kind, route.provider.target))
        if groups and together and route.at_once:
            groups[-1].append(route.provider)
        else:
            groups.append([route.provider])
        together = route.at_once
    return tuple(tuple(group) for group in groups)
