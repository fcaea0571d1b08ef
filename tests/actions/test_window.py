"""The window: one clerk, one family, the same case as online; nobody else reaches it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from tests.actions.cast import clerk
from tests.actions.cast_window import AtWindow, at_window, page, publish
from tests.packs.edited import PACKS
from tests.web.cast import user_of
from yijian.actions import cases, contexts, materials, window, window_filling
from yijian.domain.cases import CheckState
from yijian.domain.context import RefusedError
from yijian.domain.events import EventKind
from yijian.domain.invariants import violations
from yijian.domain.states import Stage, TaskState
from yijian.packs.loading import load_context
from yijian.records import access, journal
from yijian.records import cases as case_records
from yijian.records import window as records
from yijian.records.models import AccessEntry, SightingRow
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
COUNTER = "340100ZW"


@pytest.fixture
def family(now: datetime) -> Iterator[AtWindow]:
    yield at_window(now)
    contexts.forget()


@pytest.fixture
def ready(family: AtWindow) -> AtWindow:
    """Both parents are here, everything is known and brought, the name is given."""
    family.open().agree().answer().father_comes().name()
    materials.bring(
        by=family.clerk, number=family.number, material="household_page", data=page(),
        now=family.now,
    )  # fmt: skip
    return family


def test_a_family_does_everything_at_the_window_in_one_go(ready: AtWindow) -> None:
    window_filling.open_signing(by=ready.clerk, number=ready.number, now=ready.now)
    ready.sign("mother")
    case = ready.sign("father")
    assert case.stage is Stage.SUBMITTED
    assert case.channel == "hospital_window"
    started = {t.item for t in case.tasks.values() if t.state is TaskState.QUEUED}
    assert "birth_certificate" in started
    assert violations(ready.case, ready.context) == []


def test_a_service_centre_is_a_counter_of_the_same_scheme(now: datetime) -> None:
    family = at_window(now, COUNTER, code="340000-anhui").open()
    assert family.case.channel == "counter"
    assert family.case.pack == "340000-anhui"
    family.agree().answer().father_comes().name()
    window_filling.open_signing(by=family.clerk, number=family.number, now=now)
    family.sign("mother")
    assert family.sign("father").stage is Stage.SUBMITTED
    contexts.forget()


def test_what_the_clerk_does_is_witnessed_and_the_clerk_stands_in_the_sealed_part(
    ready: AtWindow,
) -> None:
    case = ready.case
    assert all(consent.witnessed for consent in case.consents)
    assert set(case.witnesses.values()) == {f"T-{ready.clerk.pk}"}
    bodies = " ".join(str(e.event.public) for e in journal.entries_of(UUID(case.id)))
    for secret in ("王芳", "李强", "李小满", ready.facts.family["mother"]["id_number"], "陈静"):
        assert secret not in bodies


def test_a_clerk_vouches_for_the_original_with_name_and_number_sealed(family: AtWindow) -> None:
    family.open()
    (loaded,) = case_records.read(numbers=[family.number])
    ((seen, card),) = records.vouched(loaded=loaded)
    assert (seen.role, seen.present) == ("mother", True)
    assert card["staff_name"] == "陈静"
    assert card["id_number"] == family.facts.family["mother"]["id_number"]
    row = SightingRow.objects.get()
    assert "王芳".encode() not in bytes(row.sealed or b"")


def test_nobody_agrees_or_signs_who_was_not_seen_here(family: AtWindow) -> None:
    family.open().agree().answer()
    with pytest.raises(RefusedError, match="not_seen_here"):
        family.agree("father")
    window.identify(
        by=family.clerk, number=family.number, role="father", card=family.card("father"),
        present=False, now=family.now,
    )  # fmt: skip
    with pytest.raises(RefusedError, match="not_seen_here"):
        family.agree("father")


@pytest.mark.parametrize(
    ("role", "other", "field"),
    [
        ("mother", {"id_number": "340104199505012221"}, "id_number"),
        ("mother", {"name": "  "}, "name"),
        ("father", {}, "role"),
    ],
)
def test_a_card_that_cannot_be_right_is_refused_with_its_field(
    family: AtWindow, role: str, other: dict[str, str], field: str
) -> None:
    with pytest.raises(RefusedError, match="card_wrong") as refused:
        window.open_case(
            by=family.clerk, role=role, card=family.card("mother", **other), present=True,
            now=family.now,
        )  # fmt: skip
    assert refused.value.field == field


def test_another_card_than_the_one_known_is_refused(family: AtWindow) -> None:
    family.open()
    with pytest.raises(RefusedError, match="card_differs"):
        window.identify(
            by=family.clerk, number=family.number, role="mother",
            card=family.card("mother", name="王芬"), present=True, now=family.now,
        )  # fmt: skip


def test_a_save_that_is_sent_again_neither_doubles_nor_brings_back_the_old(
    family: AtWindow,
) -> None:
    family.open().agree().answer()
    first = family.name("李小满", key="k1")
    family.name("李大满", key="k2")
    again = family.name("李小满", key="k1")
    assert again.answers["newborn_name", 1].value == "李大满"
    assert again.form_version == first.form_version + 1


def test_a_refused_save_does_not_use_its_key_up(family: AtWindow) -> None:
    family.open().agree().answer()
    with pytest.raises(RefusedError, match="name_not_allowed"):
        family.name("A1", key="k1")
    assert family.name("李小满", key="k1").answers["newborn_name", 1].value == "李小满"


def test_nothing_is_signed_while_a_scan_is_missing(family: AtWindow) -> None:
    family.open().agree().answer().father_comes().name()
    with pytest.raises(RefusedError, match="materials_missing"):
        window_filling.open_signing(by=family.clerk, number=family.number, now=family.now)


def test_a_signature_on_paper_needs_the_scanned_sheet(ready: AtWindow) -> None:
    window_filling.open_signing(by=ready.clerk, number=ready.number, now=ready.now)
    with pytest.raises(RefusedError, match="sheet_missing"):
        ready.sign("mother", method="paper", strokes="")
    materials.bring(
        by=ready.clerk, number=ready.number, material="signed_sheet_mother", data=page(),
        now=ready.now,
    )  # fmt: skip
    signed = ready.sign("mother", method="paper", strokes="")
    assert signed.signatures["mother"].method == "paper"


def test_a_signature_binds_what_was_shown_and_its_strokes_are_kept_sealed(ready: AtWindow) -> None:
    window_filling.open_signing(by=ready.clerk, number=ready.number, now=ready.now)
    with pytest.raises(RefusedError, match="shown_changed"):
        ready.sign("mother", digest="0" * 64)
    for wrong in ({"strokes": ""}, {"method": "drawn"}):
        with pytest.raises(RefusedError, match="signature_missing"):
            ready.sign("mother", **wrong)
    case = ready.sign("mother")
    assert case.drawings["mother"].startswith("300x190|")


Act = Callable[[object, str], object]


def test_other_windows_and_other_staff_reach_nothing_and_learn_nothing(family: AtWindow) -> None:
    family.open().agree()
    office = family.facts.family["delivery"]["institution"]
    others = [clerk(COUNTER, StaffRole.WINDOW), clerk(office), clerk(office, StaffRole.DELIVERIES)]
    person = {"name": "赵敏", "id_type": "111", "id_number": "110105199003078888", "phone": ""}
    others.append(user_of(person, family.now))
    acts: list[Act] = [
        lambda by, n: window_filling.agree(by=by, number=n, role="mother", now=family.now),
        lambda by, n: window_filling.save(by=by, number=n, answers={}, now=family.now),
        lambda by, n: window_filling.open_signing(by=by, number=n, now=family.now),
        lambda by, n: window_filling.ask_registers(by=by, number=n, now=family.now),
        lambda by, n: window_filling.withdraw(by=by, number=n, now=family.now),
        lambda by, n: window.hand_over(by=by, number=n, now=family.now, office=COUNTER),
    ]
    for other in others:
        for number in (family.number, "34000020261121W9999990"):
            for act in acts:
                with pytest.raises(access.Refused) as refused:
                    act(other, number)
                assert refused.value.args == ()


def test_every_look_of_the_window_is_in_the_access_log(family: AtWindow) -> None:
    family.open().agree()
    entries = AccessEntry.objects.filter(what="window", purpose=window.PURPOSE, shown=True)
    assert entries.count() >= 2
    assert {entry.office for entry in entries} == {family.facts.family["delivery"]["institution"]}


def test_a_case_begun_online_is_taken_up_when_the_person_stands_here(now: datetime) -> None:
    family = at_window(now)
    mother = user_of(family.facts.family["mother"], now)
    online = cases.open_case(by=mother, now=now)
    with pytest.raises(RefusedError, match="not_seen_here"):
        window.open_case(
            by=family.clerk, role="mother", card=family.card("mother"), present=False, now=now
        )
    assert family.open().number == online
    kinds = [entry.event.kind for entry in journal.entries_of(UUID(family.case.id))]
    assert EventKind.CASE_HANDED_OVER in kinds
    assert family.open().number == online, "and it stays one case"


def test_nobody_else_opens_a_case_for_a_person_whose_case_is_being_opened(
    family: AtWindow,
) -> None:
    def locks() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
            return int(cursor.fetchone()[0])

    before = locks()
    family.open()
    assert locks() == before + 1


def test_a_case_at_another_window_is_not_taken_away_from_it(family: AtWindow) -> None:
    family.open()
    other = clerk(COUNTER, StaffRole.WINDOW)
    with pytest.raises(RefusedError, match="at_another_window"):
        window.open_case(
            by=other, role="mother", card=family.card("mother"), present=True, now=family.now
        )


def test_an_enquiry_desk_checks_and_hands_the_case_to_the_right_institution(
    now: datetime,
) -> None:
    family = at_window(now)
    office = contexts.directory().office(family.facts.family["delivery"]["institution"])
    assert office is not None
    desk = replace(office, code="DESK01", issues_certificates=False, hands_over_to=office.code)
    publish(now, desk)
    issuing, family.clerk = family.clerk, clerk("DESK01", StaffRole.WINDOW)
    family.open().agree().answer()
    assert family.case.checks["delivery"].state is CheckState.FOUND
    with pytest.raises(RefusedError, match="enquiry_desk"):
        family.name()
    there = window.hand_over(by=family.clerk, number=family.number, now=now)
    assert there.code == office.code
    with pytest.raises(access.Refused):
        window_filling.ask_registers(by=family.clerk, number=family.number, now=now)
    family.clerk = issuing
    assert family.name().answers["newborn_name", 1].value == "李小满"


def test_a_case_goes_only_to_an_office_that_has_a_window_for_its_scheme(family: AtWindow) -> None:
    family.open()
    for office in (None, "nowhere", family.facts.family["delivery"]["institution"]):
        with pytest.raises(RefusedError, match="not_an_office"):
            window.hand_over(by=family.clerk, number=family.number, now=family.now, office=office)


def test_a_scheme_without_a_window_takes_nobody_at_one(family: AtWindow) -> None:
    with pytest.raises(RefusedError, match="no_window"):
        family.open(pack="somewhere-else")


def test_what_was_opened_at_the_window_goes_on_at_home(family: AtWindow) -> None:
    family.open()
    mother = user_of(family.facts.family["mother"], family.now)
    assert cases.open_case(by=mother, now=family.now + timedelta(hours=1)) == family.number


def test_a_family_withdraws_at_the_window(ready: AtWindow) -> None:
    case = window_filling.withdraw(by=ready.clerk, number=ready.number, now=ready.now)
    assert case.stage is Stage.WITHDRAWN


def test_registers_keep_what_the_card_said(family: AtWindow) -> None:
    family.open().agree().answer()
    assert family.case.verified["mother_name", 0].source == "identity"


def test_where_two_schemes_serve_one_window_the_higher_precedence_leads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    city = load_context(PACKS, "340000-anhui")
    region = replace(city, pack=replace(city.pack, code="region", precedence=10))
    assert city.pack.precedence > region.pack.precedence
    monkeypatch.setattr(window, "contexts_here", lambda _office: (region, city))
    here = next(iter(city.directory.offices))
    assert window._context(here, None) is city
    assert window._context(here, "region") is region
