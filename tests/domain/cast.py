"""The people and the small scheme that the core's tests speak about. Nothing here is real.

王芳 is the mother, 李强 the father, 陈静 the officer. The scheme has four items: a certificate,
then a registration that the family confirms, then a card (by choice) and a claim.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from yijian.domain.applying import (
    give_consent,
    live_checked,
    open_signing,
    register_answered,
    save_answers,
    sign,
    start,
)
from yijian.domain.cases import Case, CheckState
from yijian.domain.clocks import SHANGHAI, Calendar
from yijian.domain.context import Context
from yijian.domain.forms import FormField, FormPage, FormSection
from yijian.domain.history import apply_all
from yijian.domain.policy import (
    AskSpec,
    Choice,
    CodeList,
    Exemption,
    FactKind,
    FactType,
    Limit,
    NoticeSpec,
    OnRefusal,
    Pack,
    ResultField,
    Rule,
    RuleKind,
    Scope,
    ServiceItem,
    SigningStep,
    Subject,
)
from yijian.domain.routing import Directory, Office
from yijian.domain.wording import Basis, Text

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)
BASIS = Basis("doc", "一")
BORN_AT = datetime(2026, 11, 18, 3, 27, tzinfo=SHANGHAI)
NEWBORN_ID = "34010320261118002X"


def words(text: str) -> Text:
    return Text(text, text)


@dataclass(frozen=True)
class Lambda:
    """A condition or expression in plain Python, with the facts it needs."""

    needs: frozenset[str]
    function: Callable[[Mapping[str, object]], object]
    source: str = "test"

    def value(self, facts: Mapping[str, object]) -> object | None:
        return self.function(facts) if self.needs <= facts.keys() else None

    def holds(self, facts: Mapping[str, object]) -> bool | None:
        value = self.value(facts)
        return None if value is None else bool(value)


def when(*needs: str, that: Callable[[Mapping[str, object]], object]) -> Lambda:
    return Lambda(frozenset(needs), that)


def _fact(
    fact: str, kind: FactKind = FactKind.TEXT, scope: Scope = Scope.FAMILY, **more: object
) -> FactType:
    return FactType(fact, kind, scope, words(fact), **more)  # type: ignore[arg-type]


FACTS = {
    fact.id: fact
    for fact in (
        _fact("hospital", register="delivery"),
        _fact("mother_name", register="hukou"),
        _fact("household_kind", FactKind.CODE, register="hukou", fresh_days=7),
        _fact("station", register="hukou"),
        _fact("follows", FactKind.CODE, code_list="parent"),
        _fact("place", derive=when("follows", "station", that=lambda f: f["station"])),
        _fact("newborn_name", FactKind.NAME, Scope.NEWBORN),
        _fact("newborn_sex", FactKind.CODE, Scope.NEWBORN, register="delivery"),
        _fact("newborn_born_at", FactKind.MOMENT, Scope.NEWBORN, register="delivery"),
        _fact("certificate_number", scope=Scope.NEWBORN),
        _fact("citizen_id", scope=Scope.NEWBORN),
    )
}


def item(code: str, **more: object) -> ServiceItem:
    defaults: dict[str, object] = {
        "code": code,
        "title": words(code),
        "summary": words(code),
        "office_kind": "station",
        "office_fact": "place",
        "scope": Scope.NEWBORN,
        "choice": Choice.ALWAYS,
        "needs": (),
        "payload": ("newborn_name",),
        "limits": (Limit(BASIS, date(2020, 1, 1), workdays=2),),
        "materials": (),
        "results": (),
        "on_refusal": OnRefusal.CONTINUE,
        "basis": BASIS,
    }
    return ServiceItem(**{**defaults, **more})  # type: ignore[arg-type]


CERTIFICATE = item(
    "certificate",
    office_kind="hospital",
    office_fact="hospital",
    results=(
        ResultField(
            "number",
            words("号"),
            FactKind.TEXT,
            True,
            "certificate_number",
            check="birth_certificate_number",
        ),
    ),
)
REGISTRATION = item(
    "registration",
    needs=("certificate",),
    results=(
        ResultField(
            "id_number",
            words("号"),
            FactKind.TEXT,
            True,
            "citizen_id",
            check="newborn_id_number",
            check_with={"born_at": "newborn_born_at", "sex": "newborn_sex"},
        ),
    ),
    asks=(
        AskSpec(
            "confirm",
            "confirm",
            "approved",
            words("确认"),
            words("请确认"),
            words("确认"),
            True,
            BASIS,
        ),
    ),
)
CARD = item("card", choice=Choice.DEFAULT, needs=("registration",))
CLAIM = item(
    "claim",
    scope=Scope.FAMILY,
    choice=Choice.OPTIONAL,
    needs=("registration",),
    exemptions=(
        Exemption(
            "settled",
            when("household_kind", that=lambda f: f["household_kind"] == "family"),
            words("已报销"),
            BASIS,
        ),
    ),
)


def rule(rule_id: str, condition: Lambda, *registers: str, scope: Scope = Scope.FAMILY) -> Rule:
    return Rule(
        rule_id,
        RuleKind.CONDITION,
        scope,
        words(rule_id),
        condition,
        words("符合"),
        words("不符合"),
        words("请到窗口"),
        (BASIS,),
        registers=registers,
    )


FAMILY_HOUSEHOLD = rule(
    "family_household",
    when("household_kind", that=lambda f: f["household_kind"] == "family"),
    "hukou",
)
IN_TIME = rule(
    "in_time",
    when(
        "newborn_born_at",
        "today",
        that=lambda f: (f["today"] - f["newborn_born_at"].date()).days <= 30,
    ),  # type: ignore[operator, attr-defined]
    "delivery",
    scope=Scope.NEWBORN,
)


def field(fact: str, **more: object) -> FormField:
    defaults: dict[str, object] = {
        "fact": fact,
        "label": words(fact),
        "hint": words(""),
        "required": True,
        "typed": False,
        "items": (),
        "official": True,
        "basis": BASIS,
    }
    return FormField(**{**defaults, **more})  # type: ignore[arg-type]


PAGES = (
    FormPage("name", words("取名"), 1, words("")),
    FormPage("home", words("落户"), 2, words("")),
)
FORM = (
    FormSection("baby", words("宝宝"), "name", (field("newborn_name", typed=True),)),
    FormSection(
        "home",
        words("落户"),
        "home",
        (field("follows", default=when("station", that=lambda f: "father")),),
    ),
)


def pack(**more: object) -> Pack:
    defaults: dict[str, object] = {
        "code": "test",
        "version": "1",
        "digest": "d" * 64,
        "title": words("试"),
        "service_title": words("出生一件事"),
        "base": None,
        "divisions": ("34",),
        "in_force_from": date(2020, 1, 1),
        "in_force_until": None,
        "lead_office_kind": "hospital",
        "applicants": ("mother",),
        "signing": (
            SigningStep("mother", False, (), words("签"), BASIS),
            SigningStep("father", True, ("mother",), words("签"), BASIS),
        ),
        "channels": ("online",),
        "precedence": 1,
        "facts": FACTS,
        "code_lists": {
            "parent": CodeList("parent", {"father": words("父"), "mother": words("母")})
        },
        "items": {i.code: i for i in (CERTIFICATE, REGISTRATION, CARD, CLAIM)},
        "rules": (FAMILY_HOUSEHOLD, IN_TIME),
        "pages": PAGES,
        "form": FORM,
        "delivery": (),
        "custody": (),
        "notices": (
            NoticeSpec(
                "invited",
                "signed:mother",
                ("father",),
                ("sms",),
                words("请{mother_name}的配偶确认 {link}"),
            ),
            NoticeSpec(
                "done",
                "task_moved:*:completed",
                ("mother", "father"),
                ("sms", "inbox"),
                words("{baby}的{item}办好了"),
            ),
        ),
        "words": {},
        "sources": {},
        "decisions": {},
        "anchors": {"birth": "newborn_born_at"},
        "subject": Subject(words("宝宝"), "newborn_name"),
    }
    return Pack(**{**defaults, **more})  # type: ignore[arg-type]


OFFICES = Directory(
    (
        Office("H01", "hospital", words("医院"), "340103"),
        Office("P01", "station", words("派出所"), "340103", phone="0551-0000000"),
        Office("P02", "station", words("市局"), "340100"),
    )
)
CALENDAR = Calendar({date(2026, 10, 10): True, date(2027, 1, 1): False}, frozenset({2026}))


def context(**more: object) -> Context:
    return Context(pack(**more), OFFICES, CALENDAR)


def draft() -> Case:
    case = Case("c1", "N1", "test", "1", "d" * 64, "online", NOW)
    return apply_all(case, start(case, "mother", context(), NOW))


def verified(case: Case, babies: int = 1, born_at: datetime = BORN_AT) -> Case:
    children = [
        (fact, n, value)
        for n in range(1, babies + 1)
        for fact, value in (("newborn_sex", "2"), ("newborn_born_at", born_at))
    ]
    case = apply_all(
        case,
        register_answered(
            case,
            "delivery",
            CheckState.FOUND,
            [("hospital", 0, "H01"), *children],
            NOW,
            receipt="r1",
            newborns=babies,
        ),
    )
    home = [("mother_name", 0, "王芳"), ("household_kind", 0, "family"), ("station", 0, "P01")]
    return apply_all(
        case, register_answered(case, "hukou", CheckState.FOUND, home, NOW, receipt="r2")
    )


def filled(babies: int = 1, ctx: Context | None = None) -> Case:
    ctx = ctx or context()
    case = verified(draft(), babies)
    case = apply_all(case, give_consent(case, "mother", "notice", "n" * 64, NOW))
    names = {("newborn_name", n): f"李小{'一二三四五六'[n - 1]}" for n in range(1, babies + 1)}
    return apply_all(case, save_answers(case, "mother", names, ctx, NOW))


def submitted(babies: int = 1, ctx: Context | None = None, items: tuple[str, ...] = ()) -> Case:
    ctx = ctx or context()
    case = filled(babies, ctx)
    if items:
        case = apply_all(case, save_answers(case, "mother", {}, ctx, NOW, items=items))
    case = apply_all(case, open_signing(case, "mother", ctx, NOW))
    case = apply_all(case, sign(case, "mother", "s" * 64, "drawn", ctx, NOW))
    case = apply_all(case, give_consent(case, "father", "notice", "n" * 64, NOW))
    case = apply_all(case, live_checked(case, "father", CheckState.FOUND, NOW, receipt="r"))
    return apply_all(case, sign(case, "father", "s" * 64, "typed", ctx, NOW))


def later(**more: float) -> datetime:
    return NOW + timedelta(**more)


def without(ctx: Context, **more: object) -> Context:
    return replace(ctx, **more)  # type: ignore[arg-type]
