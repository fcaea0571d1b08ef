"""Numbers, names, insurance dates, routing and messages."""

import random
from datetime import date

import pytest
from stdnum.cn import ric
from stdnum.iso7064 import mod_37_36 as oracle

from tests.domain.cast import CARD, OFFICES, context, later, pack, submitted, words
from yijian.domain.events import Event, EventKind
from yijian.domain.handling import OfficeDecision, decide
from yijian.domain.history import apply_all
from yijian.domain.insurance import coverage, payable_years
from yijian.domain.names import NameFault, name_characters, name_fault, normal_name
from yijian.domain.notices import messages
from yijian.domain.numbers import (
    NumberFault,
    birth_certificate_fault,
    case_number,
    check_character,
    citizen_id_fault,
    masked_id,
    masked_name,
    mobile_fault,
    mod_37_36,
    normal_id_number,
)
from yijian.domain.policy import InsuranceRule
from yijian.domain.routing import Directory, Office
from yijian.domain.states import TaskState

TODAY = date(2026, 11, 21)
RULE = InsuranceRule(90, "next_day", (9, 1), (12, 31), ())


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("11010519491231002X", None),
        ("810000199408230021", None),
        ("11010519491231002x", NumberFault.FORMAT),
        ("110105491231002", NumberFault.FORMAT),
        ("１１０１０５１９４９１２３１００２Ｘ", NumberFault.FORMAT),
        ("110105194912310021", NumberFault.CHECK_DIGIT),
        ("11010520260230002" + check_character("11010520260230002"), NumberFault.DATE),
        ("11010520261231002" + check_character("11010520261231002"), NumberFault.DATE),
        ("00010519491231002" + check_character("00010519491231002"), NumberFault.PROVINCE),
    ],
)
def test_a_citizen_number_is_right_or_says_what_is_wrong(number, fault):
    assert citizen_id_fault(number, TODAY) is fault


def test_check_characters_agree_with_an_independent_library():
    chance = random.Random(7)
    for _ in range(500):
        body = "".join(chance.choices("0123456789", k=17))
        assert check_character(body) == ric.calc_check_digit(body + "0")
        text = "".join(chance.choices("0123456789ABCXYZ", k=20))
        assert mod_37_36(text) == oracle.calc_check_digit(text)


def test_full_width_and_lower_case_numbers_are_understood():
    assert normal_id_number("１１０１０５ １９４９１２３１００２ｘ") == "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("Y340000001", None),
        ("y340000001", NumberFault.FORMAT),
        ("Y990000001", NumberFault.PROVINCE),
    ],
)
def test_a_certificate_number_is_one_letter_a_province_and_seven_digits(number, fault):
    assert birth_certificate_fault(number) is fault


def test_only_mainland_mobiles_receive_text_messages():
    assert mobile_fault("13800138000") is None
    assert mobile_fault("12300138000") is NumberFault.FORMAT


def test_a_case_number_ends_with_its_check_character():
    number = case_number("340000", TODAY, "S", 42)
    assert number[:-1] == "34000020261121S000042"
    assert oracle.is_valid(number)


def test_what_is_shown_hides_the_birth_date_and_most_of_a_name():
    assert "19491231" not in masked_id("11010519491231002X")
    assert masked_name("欧阳明月") == "欧阳**"
    assert masked_name("王芳") == "王*"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("李小满", None),
        ("买买提·艾力", None),
        ("李\U00020164", None),
        ("", NameFault.EMPTY),
        ("李", NameFault.TOO_SHORT),
        ("李" * 31, NameFault.TOO_LONG),
        ("Li明", NameFault.NOT_CHINESE),
        ("李8", NameFault.NOT_CHINESE),
        ("李\ue000", NameFault.PRIVATE_CHARACTER),
        ("李\uf900", NameFault.COMPATIBILITY_CHARACTER),
        ("·李明", NameFault.MISPLACED_DOT),
        ("李<b>明", NameFault.NOT_CHINESE),
        ("李\u202e明", NameFault.NOT_CHINESE),
        ("李\u200b明", NameFault.NOT_CHINESE),
        ("李😀", NameFault.NOT_CHINESE),
    ],
)
def test_a_name_can_be_registered_or_says_why_not(name, fault):
    assert name_fault(normal_name(name)) is fault


def test_rare_characters_are_marked_with_their_code_point():
    shown = name_characters("李\U00020164", frozenset("李"))
    assert [(c.code_point, c.rare) for c in shown] == [("U+674E", False), ("U+20164", True)]


@pytest.mark.parametrize(
    ("paid_on", "from_on"),
    [
        (date(2026, 9, 8), date(2026, 6, 10)),  # day 90: from birth
        (date(2026, 9, 9), date(2026, 9, 10)),  # day 91: from the day after payment
        (date(2026, 6, 10), date(2026, 6, 10)),
    ],
)
def test_paying_within_ninety_days_covers_from_birth(paid_on, from_on):
    assert coverage(RULE, date(2026, 6, 10), paid_on, 2026).from_on == from_on


@pytest.mark.parametrize(
    ("born_on", "years"),
    [
        (date(2026, 8, 31), (2026,)),
        (date(2026, 9, 1), (2026, 2027)),
        (date(2026, 12, 31), (2026, 2027)),
        (date(2027, 1, 1), (2027,)),
    ],
)
def test_late_year_births_may_pay_two_years(born_on, years):
    assert payable_years(RULE, born_on) == years


def test_next_years_premium_covers_from_new_year():
    assert coverage(RULE, date(2026, 10, 1), date(2026, 11, 1), 2027).from_on == date(2027, 1, 1)


def test_paying_before_birth_is_an_error():
    with pytest.raises(ValueError, match="before the birth"):
        coverage(RULE, date(2026, 6, 10), date(2026, 6, 9), 2026)


def test_an_office_is_found_by_its_code_or_by_the_nearest_place_above():
    directory = Directory(
        (
            *OFFICES.offices,
            Office("B34", "bureau", words("省"), "340000"),
            Office("B3401", "bureau", words("市"), "340100"),
        )
    )
    nearest = [directory.nearest("bureau", d) for d in ("340103", "340200", "310101", "x")]
    assert [office.code if office else None for office in nearest] == ["B3401", "B34", None, None]
    assert directory.route(CARD, {"place": "P01"}).code == "P01"
    assert directory.route(CARD, {"place": "H01"}) is None
    assert directory.route(CARD, {}) is None


def test_a_finished_item_tells_both_parents_over_every_channel_once():
    ctx, case = context(), submitted()
    events = decide(
        case,
        ("certificate", 1),
        OfficeDecision(TaskState.COMPLETED, result={"number": "Y340000001"}),
        "s",
        ctx,
        later(hours=1),
    )
    sent = messages(apply_all(case, events), events, ctx, later(hours=1))
    assert {(m.role, m.channel) for m in sent} == {
        (role, channel) for role in ("mother", "father") for channel in ("sms", "inbox")
    }
    assert {m.text for m in sent} == {"李小一的certificate办好了"}
    assert len({m.about for m in sent}) == 4


def test_the_father_is_invited_when_the_mother_has_signed():
    case = submitted()
    event = Event(EventKind.SIGNED, later(), "mother", public={"role": "mother"})
    (invitation,) = messages(case, [event], context(), later(), link="https://example/x")
    assert (invitation.role, invitation.text) == ("father", "请王芳的配偶确认 https://example/x")


def test_markup_in_a_name_stays_text_in_a_message():
    notice = pack().notices[0]
    event = Event(EventKind.SIGNED, later(), "mother", public={"role": "mother"})
    (sent,) = messages(
        submitted(), [event], context(notices=(notice,)), later(), link="{0.__class__}"
    )
    assert sent.text.endswith("{0.__class__}")
