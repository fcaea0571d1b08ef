"""What stops, what is not online yet, what an ask waits for, and the packet for the counter."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.domain.cast import (
    BASIS,
    BORN_AT,
    CARD,
    CERTIFICATE,
    CLAIM,
    REGISTRATION,
    context,
    filled,
    item,
    later,
    submitted,
    when,
    words,
)
from yijian.domain.cases import Case
from yijian.domain.clocks import end_of
from yijian.domain.context import Context, RefusedError, outcomes
from yijian.domain.handling import OfficeDecision, answer_ask, decide
from yijian.domain.handover import handover, reason_of
from yijian.domain.history import apply_all
from yijian.domain.invariants import violations
from yijian.domain.materials import asked_materials
from yijian.domain.plan import (
    chosen_items,
    critical_workdays,
    custody_of,
    make_plan,
    without_companions,
)
from yijian.domain.policy import (
    AskSpec,
    CustodyRule,
    Limit,
    Material,
    OnRefusal,
    Scope,
    ServiceItem,
    Switch,
)
from yijian.domain.states import Stage, TaskState

S = TaskState
STOPPING = replace(REGISTRATION, on_refusal=OnRefusal.STOP_REMAINING)
BOOKLET = item("booklet", office_kind="hospital", office_fact="hospital")
GUIDANCE = item("guidance", scope=Scope.FAMILY, office_kind="hospital", office_fact="hospital")


def scheme(*items: ServiceItem, **more: object) -> Context:
    word = {"stopped_by": words("“{item}”没有办成")}
    return context(**{"items": {i.code: i for i in items}, "words": word, **more})


def act(case: Case, key: tuple[str, int], to: S, ctx: Context, **more: object) -> Case:
    decision = OfficeDecision(to, **more)  # type: ignore[arg-type]
    return apply_all(case, decide(case, key, decision, "staff:1", ctx, later(hours=1)))


def certified(ctx: Context, babies: int = 1) -> Case:
    case = submitted(babies, ctx)
    for n in range(1, babies + 1):
        case = act(case, ("certificate", n), S.COMPLETED, ctx, result={"number": f"Y34000000{n}"})
    return case


def refused(ctx: Context, case: Case, newborn: int = 1) -> Case:
    return act(case, ("registration", newborn), S.DECLINED, ctx, reason="moved", reason_text="迁")


def test_an_item_that_stops_the_rest_hands_over_what_is_under_way_too():
    ctx = scheme(CERTIFICATE, STOPPING, CARD, BOOKLET, GUIDANCE)
    case = certified(ctx)
    assert case.tasks["booklet", 1].state is S.QUEUED
    case = refused(ctx, case)
    assert case.tasks["certificate", 1].state is S.COMPLETED
    for key in (("booklet", 1), ("guidance", 0), ("card", 1)):
        assert case.tasks[key].state is S.OFFLINE, key
        assert case.tasks[key].reason == "stopped_by:registration"
        assert case.reasons[key] == "“registration”没有办成"
    assert case.stage is Stage.CLOSED
    assert violations(case, ctx) == []


def test_what_an_office_has_approved_is_not_stopped():
    ctx = scheme(CERTIFICATE, STOPPING, BOOKLET)
    case = act(certified(ctx), ("booklet", 1), S.APPROVED, ctx)
    assert refused(ctx, case).tasks["booklet", 1].state is S.APPROVED


def test_one_twins_refusal_stops_that_twin_alone():
    ctx = scheme(CERTIFICATE, STOPPING, CARD, BOOKLET, GUIDANCE)
    case = refused(ctx, certified(ctx, babies=2))
    assert case.tasks["booklet", 1].state is S.OFFLINE
    assert case.tasks["booklet", 2].state is S.QUEUED
    assert case.tasks["guidance", 0].state is S.QUEUED
    case = refused(ctx, case, newborn=2)
    assert case.tasks["guidance", 0].state is S.OFFLINE


def test_an_item_that_goes_on_stops_nothing():
    ctx = scheme(CERTIFICATE, REGISTRATION, CARD, BOOKLET)
    case = refused(ctx, certified(ctx))
    assert case.tasks["booklet", 1].state is S.QUEUED
    assert case.tasks["card", 1].reason == "prerequisite_not_met"


def off(**more: object) -> Switch:
    defaults: dict[str, object] = {
        "id": "card_not_online",
        "items": ("card",),
        "divisions": (),
        "from_on": date(2026, 1, 1),
        "until_on": None,
        "text": words("卡还不能在线上办"),
    }
    return Switch(**{**defaults, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("switch", "is_off"),
    [
        (off(), True),
        (off(divisions=("340100",)), True),  # the station's district lies below that city
        (off(divisions=("340200",)), False),
        (off(from_on=date(2026, 11, 21)), False),  # tomorrow
        (off(from_on=date(2026, 11, 20)), True),  # today
        (off(until_on=date(2026, 11, 20)), False),  # until today, exclusive
        (off(until_on=date(2026, 11, 21)), True),
        (off(items=("claim",)), False),
    ],
)
def test_a_switched_off_item_is_at_the_counter_from_the_start(switch, is_off):
    ctx = context(switches=(switch,))
    case = submitted(1, ctx)
    card = case.tasks["card", 1]
    assert (card.state is S.OFFLINE) is is_off
    if is_off:
        assert card.reason == "switched_off:card_not_online"
        assert case.reasons["card", 1] == "卡还不能在线上办"
        assert reason_of(case, card, ctx) == words("卡还不能在线上办")
    planned = {task.item.code: task.switch for task in make_plan(ctx, case, later())}
    assert (planned["card"] is not None) is is_off


def test_an_item_that_is_not_online_stops_nothing_that_is():
    switch = off(items=("registration",))
    ctx = scheme(CERTIFICATE, STOPPING, CARD, BOOKLET, switches=(switch,))
    case = submitted(1, ctx)
    assert case.tasks["registration", 1].state is S.OFFLINE
    assert case.tasks["booklet", 1].state is S.QUEUED
    assert case.tasks["card", 1].reason == "prerequisite_not_met"


def ask(after: str, blocks: bool = False) -> AskSpec:
    return AskSpec(
        "fetch", "collect", after, words("领"), words("请领"), words("好"), blocks, BASIS
    )


def certificate_asking(after: str, blocks: bool = False) -> ServiceItem:
    return replace(CERTIFICATE, asks=(ask(after, blocks),))


def test_an_ask_may_wait_for_the_end_of_another_item():
    ctx = scheme(certificate_asking("registration:ended"), REGISTRATION)
    case = certified(ctx)
    assert case.tasks["certificate", 1].asked == ()
    assert refused(ctx, case).tasks["certificate", 1].asked == ("fetch",)


def test_an_ask_waits_only_for_its_own_newborns_item():
    ctx = scheme(certificate_asking("registration:declined"), REGISTRATION)
    case = refused(ctx, certified(ctx, babies=2), newborn=2)
    assert case.tasks["certificate", 1].asked == ()
    assert case.tasks["certificate", 2].asked == ("fetch",)


def test_an_ask_about_an_item_that_is_no_part_of_the_case_opens_at_its_own_end():
    ctx = scheme(certificate_asking("claim:ended"), REGISTRATION, CLAIM)
    case = submitted(1, ctx, items=("certificate", "registration"))
    assert case.tasks["certificate", 1].asked == ()
    case = act(case, ("certificate", 1), S.COMPLETED, ctx, result={"number": "Y340000001"})
    assert case.tasks["certificate", 1].asked == ("fetch",)


def test_a_blocking_ask_about_another_item_keeps_its_task_open():
    ctx = scheme(certificate_asking("booklet:completed", blocks=True), BOOKLET)
    case = act(submitted(1, ctx), ("certificate", 1), S.APPROVED, ctx)
    with pytest.raises(RefusedError, match="ask_open"):
        act(case, ("certificate", 1), S.COMPLETED, ctx, result={"number": "Y340000001"})
    case = act(case, ("booklet", 1), S.COMPLETED, ctx)
    case = apply_all(
        case, answer_ask(case, ("certificate", 1), "fetch", "mother", "", ctx, later(hours=2))
    )
    case = act(case, ("certificate", 1), S.COMPLETED, ctx, result={"number": "Y340000001"})
    assert case.stage is Stage.CLOSED


def test_items_that_must_be_chosen_together_are_not_done_alone():
    claim = replace(CLAIM, requires=(("registration",), ("card", "booklet")))
    ctx = scheme(CERTIFICATE, REGISTRATION, CARD, replace(BOOKLET, choice=CARD.choice), claim)
    chosen = {"certificate", "registration", "claim"}
    assert without_companions(ctx.pack, chosen) == (("claim", ("card", "booklet")),)
    assert without_companions(ctx.pack, chosen | {"booklet"}) == ()
    with pytest.raises(RefusedError, match="companion_missing"):
        submitted(1, ctx, items=("claim",))
    case = submitted(1, ctx, items=("claim", "card"))
    assert "claim" in {each.code for each in chosen_items(ctx, case)}


def test_outcomes_are_told_for_each_newborn_and_for_the_family():
    ctx = scheme(CERTIFICATE, REGISTRATION)
    case = refused(ctx, certified(ctx, babies=2))
    assert outcomes(case, 1) == (["certificate"], ["registration"])
    assert outcomes(case, 2) == (["certificate"], [])
    assert outcomes(case, 0) == (["certificate"], ["registration"])
    values = ctx.values(case, 2, later())
    assert values["items_failed"] == []
    assert (values["applicant"], values["channel"]) == ("mother", "online")


def test_where_paper_goes_depends_on_what_became_of_the_items():
    whole = CustodyRule("main", words("正页"), words("医院"), words("家长"), words(""), BASIS)
    both = replace(
        whole,
        part="both",
        when=when("items_failed", that=lambda f: "registration" in f["items_failed"]),
        mark=words("未落户"),
        cut=False,
    )
    ctx = scheme(CERTIFICATE, REGISTRATION, custody=(whole, both))
    case = refused(ctx, certified(ctx, babies=2))
    assert [rule.part for rule in custody_of(ctx, case, 1, later())] == ["main", "both"]
    assert [rule.part for rule in custody_of(ctx, case, 2, later())] == ["main"]


def test_the_packet_says_where_to_go_what_to_bring_and_what_is_known():
    paper = Material("book", words("户口簿"), False, None, BASIS)
    held = replace(paper, id="card", waived=True)
    ready = replace(
        STOPPING,
        materials=(paper, held),
        payload=("newborn_name", "mother_name", "certificate_number"),
        way_offline=words("请到派出所"),
    )
    ctx = scheme(CERTIFICATE, ready, GUIDANCE)
    packet = handover(refused(ctx, certified(ctx)), ctx, later(hours=2))
    registration, guidance = packet.items
    assert (registration.office.code, registration.way) == ("P01", words("请到派出所"))
    assert registration.why == words("迁")
    assert [m.id for m in registration.bring] == ["book"]
    known = {row.fact: (row.value, row.source) for row in registration.known}
    assert known["newborn_name"] == ("李小一", None)
    assert known["mother_name"] == ("王芳", "hukou")
    assert known["certificate_number"] == ("Y340000001", "certificate")
    assert guidance.why == words("“registration”没有办成")
    assert [(row.fact, row.value) for row in packet.done] == [("certificate_number", "Y340000001")]
    assert [m.id for m in packet.bring] == ["book"]


def test_nothing_is_handed_over_while_everything_goes_on():
    ctx = scheme(CERTIFICATE, STOPPING)
    assert handover(certified(ctx), ctx, later()).items == ()


def test_a_limit_may_count_from_the_birth():
    limit = Limit(BASIS, date(2020, 1, 1), days=90, since="birth")
    ctx = scheme(CERTIFICATE, replace(REGISTRATION, limits=(limit,)))
    due = certified(ctx).tasks["registration", 1].due_at
    assert due == end_of(BORN_AT.date() + timedelta(days=90))


def test_a_new_limit_holds_from_the_first_minute_of_its_day_here():
    monday = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # 00:30 on the 23rd
    limits = (Limit(BASIS, date(2020, 1, 1), workdays=9), Limit(BASIS, date(2026, 11, 23), 1))
    ctx = scheme(CERTIFICATE, replace(REGISTRATION, limits=limits))
    case = submitted(1, ctx)
    done = OfficeDecision(S.COMPLETED, result={"number": "Y340000001"})
    case = apply_all(case, decide(case, ("certificate", 1), done, "staff:1", ctx, monday))
    assert case.tasks["registration", 1].due_at == end_of(date(2026, 11, 24))
    (planned,) = (t for t in make_plan(ctx, filled(), monday) if t.item.code == "registration")
    assert planned.limit == limits[1]
    assert critical_workdays([replace(REGISTRATION, limits=limits)], monday) == 1


def test_no_working_days_means_on_the_same_working_day():
    limit = Limit(BASIS, date(2020, 1, 1), workdays=0)
    ctx = scheme(replace(CERTIFICATE, limits=(limit,)))
    assert submitted(1, ctx).tasks["certificate", 1].due_at == end_of(date(2026, 11, 20))


def test_an_item_that_is_not_online_asks_for_no_paper_here():
    paper = Material("book", words("户口簿"), False, None, BASIS)
    card = replace(CARD, materials=(paper,))
    ctx = scheme(CERTIFICATE, REGISTRATION, card)
    assert [asked.items for asked in asked_materials(ctx, filled(), later())] == [("card",)]
    ctx = scheme(CERTIFICATE, REGISTRATION, card, switches=(off(),))
    assert asked_materials(ctx, filled(), later()) == ()
