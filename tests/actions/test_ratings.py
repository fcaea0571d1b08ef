"""Ratings and the orders they open: row, journal and order in one commit, each thing once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.auth.models import User
from django.db import connection

from tests.actions.cast import CERTIFICATE, REGISTRATION, Household, clerk
from tests.actions.test_tasks import issue
from tests.web.cast import user_of
from yijian.actions import figures, rating_tables, ratings, work_orders
from yijian.domain.context import RefusedError
from yijian.domain.measures import Measure
from yijian.domain.ratings import RatingChannel
from yijian.domain.reports import Month
from yijian.domain.work_orders import OrderActor, OrderKind, OrderState
from yijian.ops import jobs
from yijian.records import access, journal, people
from yijian.records import figures as figure_records
from yijian.records import ratings as records
from yijian.records import work_orders as order_records
from yijian.records.models import AccessEntry, RatingRow, WorkOrderRow, WorkOrderStep
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
DESK_OFFICE = "340100WJ"
WORDS = "等了三天，王芳打电话也没人接"


@pytest.fixture
def issued(submitted: Household) -> Household:
    """The certificate is finished."""
    issue(submitted)
    return submitted


def say(family: Household, by: User, level: int, *reasons: str, words: str = "") -> None:
    opinion = ratings.opinion_of(
        level=level, channel=RatingChannel.MOBILE, reasons=reasons, words=words
    )
    ratings.rate(
        by=by, number=family.number, item=CERTIFICATE[0], newborn=1, opinion=opinion,
        now=family.now,
    )  # fmt: skip


def order_of(family: Household) -> WorkOrderRow:
    return WorkOrderRow.objects.get(case_id=family.id)


def desk() -> User:
    return clerk(DESK_OFFICE, StaffRole.COMPLAINTS)


def supervisor(office: str) -> User:
    return clerk(office, StaffRole.SUPERVISOR)


def act(by: User, family: Household, step: str, **given: str) -> OrderState:
    row = order_of(family)
    return work_orders.act(
        by=by, order_id=row.id, step=step, given=given, version=row.version, now=family.now
    )


def handled(family: Household) -> tuple[User, User]:
    """The order is with the office that it speaks of, which has begun; both sides."""
    here, there = desk(), supervisor(order_of(family).about)
    act(here, family, "assign", office=order_of(family).about, brief="有家庭反映等待时间长")
    act(there, family, "take")
    return here, there


def test_a_good_grade_is_kept_and_opens_nothing(issued: Household) -> None:
    say(issued, issued.mother, 1)
    row = RatingRow.objects.get()
    assert (row.level, row.office) == (1, issued.case.tasks[CERTIFICATE].office)
    assert not WorkOrderRow.objects.exists()
    last = journal.entries_of(issued.id)[-1]
    assert last.kind == "rated" and last.event_body["level"] == 1


def test_a_bad_grade_opens_an_order_about_office_task_and_clause(issued: Household) -> None:
    say(issued, issued.mother, 5, "too_slow", words=WORDS)
    row = order_of(issued)
    assert (row.kind, row.state, row.item, row.newborn) == ("bad_rating", "new", *CERTIFICATE)
    assert row.about == issued.case.tasks[CERTIFICATE].office and row.clause
    assert row.reasons == ["too_slow"]
    assert row.assign_due_at < row.due_at


def test_the_id_of_an_order_tells_nobody_when_it_was_opened(issued: Household) -> None:
    say(issued, issued.mother, 5, "too_slow")
    assert order_of(issued).id.version == 4
    first = [complaint(issued) for _ in range(2)]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE work_order SET opened_at = opened_at + interval '1 minute' WHERE number = %s",
            [first[0]],
        )
    found = order_records.of_case(case_id=issued.id)
    assert found[0].row.number == first[0]


def test_what_was_said_lies_open_nowhere(issued: Household) -> None:
    say(issued, issued.mother, 5, "too_slow", words=WORDS)
    for sealed in (RatingRow.objects.get().sealed, order_of(issued).sealed):
        assert WORDS.encode() not in bytes(sealed or b"")
    bodies = " ".join(str(e.event.public) for e in journal.entries_of(issued.id))
    assert WORDS not in bodies
    opened = access.access_case(
        by=issued.mother, number=issued.number, purpose="test", now=issued.now
    )
    assert records.of_case(loaded=opened.loaded)[CERTIFICATE].words == WORDS


def test_each_thing_is_rated_once_whichever_parent_does_it(issued: Household) -> None:
    say(issued, issued.mother, 5)
    for parent in (issued.mother, issued.father):
        with pytest.raises(RefusedError, match="rated_already"):
            say(issued, parent, 1)
    assert RatingRow.objects.count() == WorkOrderRow.objects.count() == 1


def test_what_has_not_ended_cannot_be_rated(submitted: Household) -> None:
    with pytest.raises(RefusedError, match="not_ratable"):
        say(submitted, submitted.mother, 1)


def test_a_stranger_and_the_staff_rate_nothing(issued: Household) -> None:
    person = {"name": "赵敏", "id_type": "111", "id_number": "110105199003078888", "phone": ""}
    for nobody in (user_of(person, issued.now), desk()):
        with pytest.raises(access.Refused):
            say(issued, nobody, 1)
    assert not RatingRow.objects.exists()


def test_what_goes_wrong_leaves_neither_row_nor_order(
    issued: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: object, **_more: object) -> None:
        raise RuntimeError("the journal is away")

    monkeypatch.setattr("yijian.actions.changes.change", breaks)
    with pytest.raises(RuntimeError):
        say(issued, issued.mother, 5)
    assert not RatingRow.objects.exists() and not WorkOrderRow.objects.exists()


def test_words_are_added_once_and_reach_the_order(issued: Household) -> None:
    say(issued, issued.mother, 5)
    add = {
        "by": issued.father, "number": issued.number, "item": CERTIFICATE[0], "newborn": 1,
        "now": issued.now,
    }  # fmt: skip
    with pytest.raises(RefusedError, match="words_missing"):
        ratings.append(words="  ", **add)  # type: ignore[arg-type]
    ratings.append(words="后来有人回电了", **add)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="appended_already"):
        ratings.append(words="再说一句", **add)  # type: ignore[arg-type]
    found = order_records.one(order_id=order_of(issued).id)
    assert found is not None and found.words["added"] == "后来有人回电了"


def test_a_bad_rating_goes_from_desk_to_office_to_call_back_to_the_end(issued: Household) -> None:
    say(issued, issued.mother, 4, "unclear_guidance")
    here, there = handled(issued)
    act(there, issued, "answer", finding="founded", reply="已补充指引")
    assert act(here, issued, "call_back", outcome="satisfied") is OrderState.CALLED_BACK
    assert act(here, issued, "close") is OrderState.CLOSED
    steps = WorkOrderStep.objects.order_by("seq").values_list("step", flat=True)
    assert list(steps) == ["open", "assign", "take", "answer", "call_back", "close"]
    with pytest.raises(RefusedError, match="step_not_allowed"):
        act(here, issued, "close")


def test_the_family_grades_again_after_the_answer_and_not_before(issued: Household) -> None:
    say(issued, issued.mother, 5)
    _here, there = handled(issued)
    again = {
        "by": issued.mother, "number": issued.number, "item": CERTIFICATE[0], "newborn": 1,
        "opinion": ratings.opinion_of(level=2, channel=RatingChannel.PC), "now": issued.now,
    }  # fmt: skip
    with pytest.raises(RefusedError, match="step_not_allowed"):
        ratings.rate_again(**again)  # type: ignore[arg-type]
    act(there, issued, "answer", finding="founded", reply="已改")
    ratings.rate_again(**again)  # type: ignore[arg-type]
    row = RatingRow.objects.get()
    assert (row.level, row.again_level) == (5, 2)
    assert (order_of(issued).state, order_of(issued).outcome) == ("called_back", "satisfied")
    assert journal.entries_of(issued.id)[-1].event_body["replaces"] == 5
    with pytest.raises(RefusedError, match="rated_already"):
        ratings.rate_again(**again)  # type: ignore[arg-type]


def test_an_upheld_appeal_counts_the_rating_no_more(issued: Household) -> None:
    say(issued, issued.mother, 5)
    here, there = handled(issued)
    act(there, issued, "appeal", reason="评的是别的机构")
    act(here, issued, "uphold", reply="经核实，与该机构无关，不计入")
    assert RatingRow.objects.get().excluded
    day = timedelta(days=1)
    assert records.counts(since=issued.now - day, until=issued.now + day) == []
    last = journal.entries_of(issued.id)[-1]
    assert (last.kind, last.item) == ("rating_excluded", None)
    assert last.event_body == {"level": 5, "item": CERTIFICATE[0], "newborn": 1}
    assert people.staff_number(here) and last.actor == people.visitor(here).staff


def rated_figures(family: Household) -> int:
    journal.seal_journal(now=family.now, key=Ed25519PrivateKey.generate())
    figures.follow_all(now=family.now)
    assert figures.recount(repair=False, now=family.now) == []
    today = family.now.date()
    span = {"since": today - timedelta(days=40), "until": today + timedelta(days=40)}
    found = figure_records.read(scopes=[""], measures=[Measure.RATED], **span)
    return sum(one.count for one in found)


def test_what_an_appeal_has_excluded_is_in_no_figure(issued: Household) -> None:
    say(issued, issued.mother, 5, "too_slow")
    here, there = handled(issued)
    act(there, issued, "appeal", reason="评的是别的机构")
    assert rated_figures(issued) == 1
    act(here, issued, "uphold", reply="经核实，与该机构无关，不计入")
    assert rated_figures(issued) == 0
    ratings.rate_again(
        by=issued.mother, number=issued.number, item=CERTIFICATE[0], newborn=1,
        opinion=ratings.opinion_of(level=2, channel=RatingChannel.PC), now=issued.now,
    )  # fmt: skip
    assert rated_figures(issued) == 0


def test_an_appeal_of_an_order_whose_family_is_forgotten_is_not_upheld(issued: Household) -> None:
    say(issued, issued.mother, 5, "too_slow")
    here, there = handled(issued)
    act(there, issued, "appeal", reason="评的是别的机构")
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE "case" SET wrapped_key = NULL, sealed = NULL, display = NULL,'
            " forgotten_at = now() WHERE id = %s",
            [UUID(str(issued.id))],
        )
    with pytest.raises(RefusedError, match="family_forgotten"):
        act(here, issued, "uphold", reply="不计入")
    assert not RatingRow.objects.get().excluded
    with pytest.raises(RefusedError, match="family_forgotten"):
        act(here, issued, "dismiss", reason="不再核实")
    assert act(here, issued, "lapse") is OrderState.CLOSED


def test_the_office_sees_the_order_only_while_it_has_it_and_others_never(
    issued: Household,
) -> None:
    say(issued, issued.mother, 5)
    about = order_of(issued).about
    there, elsewhere = supervisor(about), supervisor(str(issued.case.tasks[REGISTRATION].office))
    order = order_of(issued).id
    for nobody in (there, elsewhere, clerk(about), issued.mother):
        with pytest.raises(access.Refused):
            work_orders.access_order(by=nobody, order_id=order, now=issued.now)
    act(desk(), issued, "assign", office=about)
    _found, actor, _who = work_orders.access_order(by=there, order_id=order, now=issued.now)
    assert actor is OrderActor.HANDLER
    with pytest.raises(access.Refused):
        work_orders.access_order(by=elsewhere, order_id=order, now=issued.now)
    looks = AccessEntry.objects.filter(what="work_order", case_id=issued.id)
    assert [looks.filter(shown=shown).count() for shown in (True, False)] == [1, 4]


def test_nobody_judges_what_they_have_handled(issued: Household) -> None:
    say(issued, issued.mother, 5)
    about = order_of(issued).about
    other = supervisor(about)
    act(desk(), issued, "assign", office=about)
    act(other, issued, "take")
    act(other, issued, "answer", finding="founded", reply="已改")
    people.appoint(
        by=other, office=DESK_OFFICE, staff_number=f"T-{other.pk}",
        roles=[StaffRole.COMPLAINTS], name="陈静",
    )  # fmt: skip
    with pytest.raises(RefusedError, match="second_person_needed"):
        act(other, issued, "call_back", outcome="satisfied")


def test_whoever_works_where_the_complaint_points_is_never_its_desk(issued: Household) -> None:
    say(issued, issued.mother, 5, words=WORDS)
    order, about = order_of(issued).id, order_of(issued).about
    handler = str(issued.case.tasks[REGISTRATION].office)
    named, answering = (clerk(office, StaffRole.COMPLAINTS) for office in (about, handler))
    both = clerk(handler, StaffRole.COMPLAINTS, StaffRole.SUPERVISOR)
    act(desk(), issued, "assign", office=handler)
    for nobody in (named, answering):
        with pytest.raises(access.Refused):
            work_orders.access_order(by=nobody, order_id=order, now=issued.now)
    for nobody in (named, answering, both):
        with pytest.raises(access.Refused):
            work_orders.phone_of(by=nobody, order_id=order, now=issued.now)
    asked = AccessEntry.objects.filter(what="phone", case_id=issued.id)
    assert list(asked.values_list("shown", flat=True)) == [False] * 3
    _found, side, _who = work_orders.access_order(by=both, order_id=order, now=issued.now)
    assert side is OrderActor.HANDLER
    act(both, issued, "take")
    act(both, issued, "appeal", reason="评的是别的机构")
    for step in ("uphold", "dismiss"):
        for nobody in (named, answering):
            with pytest.raises(access.Refused):
                act(nobody, issued, step, reply="不计入", reason="不成立")
    assert order_of(issued).state == "appealed" and not RatingRow.objects.get().excluded


def test_the_national_tables_hide_from_an_office_what_was_said_of_it(issued: Household) -> None:
    say(issued, issued.mother, 5, words=WORDS)
    month = Month(issued.now.year, issued.now.month)
    for by, shown in ((desk(), True), (clerk(order_of(issued).about, StaffRole.COMPLAINTS), False)):
        for table in ("ratings", "orders"):
            _heads, found = rating_tables.table_of(by=by, table=table, month=month, now=issued.now)
            rows = list(found)
            assert (WORDS in str(rows), len(rows)) == (shown, 1), table


def test_two_who_act_at_once_do_not_overwrite_each_other(issued: Household) -> None:
    say(issued, issued.mother, 5)
    row, here = order_of(issued), desk()
    act(here, issued, "assign", office=row.about)
    with pytest.raises(RefusedError, match="changed_meanwhile"):
        work_orders.act(
            by=here, order_id=row.id, step="transfer", version=row.version, now=issued.now,
            given={"office": row.about, "reason": "改转"},
        )  # fmt: skip


def test_what_is_sent_back_or_to_be_done_again_has_its_time_anew(issued: Household) -> None:
    say(issued, issued.mother, 5)
    opened = order_of(issued)
    issued.now += timedelta(days=10)
    here, there = desk(), supervisor(opened.about)
    act(here, issued, "assign", office=opened.about)
    act(there, issued, "send_back", reason="不是我们办的")
    assert order_of(issued).assign_due_at > issued.now > opened.due_at
    assert order_of(issued).due_at == opened.due_at
    act(here, issued, "assign", office=opened.about)
    act(there, issued, "take")
    act(there, issued, "answer", finding="founded", reply="已整改")
    issued.now += timedelta(days=1)
    act(here, issued, "call_back", outcome="unsatisfied")
    assert order_of(issued).due_at == opened.due_at
    act(here, issued, "redo", reason="没有改")
    assert order_of(issued).due_at > issued.now


def test_an_extension_moves_the_deadline_once_with_its_reason(issued: Household) -> None:
    say(issued, issued.mother, 5)
    _here, there = handled(issued)
    before = order_of(issued).due_at
    with pytest.raises(RefusedError, match="reason_missing"):
        act(there, issued, "extend", reason=" ")
    act(there, issued, "extend", reason="要等外省回函")
    assert order_of(issued).due_at > before
    with pytest.raises(RefusedError, match="step_not_allowed"):
        act(there, issued, "extend", reason="再等等")


def complaint(family: Household, text: str = "打不通电话", **more: object) -> str:
    return work_orders.complain(
        by=family.mother, number=family.number, kind=OrderKind.COMPLAINT, text=text,
        now=family.now, **more,
    )  # type: ignore[arg-type]  # fmt: skip


def test_a_family_complains_about_a_task_and_the_number_of_tries_has_an_end(
    issued: Household,
) -> None:
    number = complaint(issued, item=CERTIFICATE[0], newborn=1)
    assert WorkOrderRow.objects.get(number=number).about == order_of(issued).about
    with pytest.raises(RefusedError, match="words_missing"):
        complaint(issued, " ")
    with pytest.raises(RefusedError, match="unknown_task"):
        complaint(issued, item="no_such_item", newborn=1)
    for _ in range(work_orders.PHONE_LIMIT * 2 - 1):
        complaint(issued)
    with pytest.raises(RefusedError, match="too_many"):
        complaint(issued)


def speak(now: object, phone: str = "19900000009", sender: str = "192.0.2.7") -> tuple[str, str]:
    return work_orders.speak_up(
        kind=OrderKind.QUESTION, text="外地户口能办吗", phone=phone, office="", sender=sender,
        channel="mobile", now=now,
    )  # type: ignore[arg-type]  # fmt: skip


def test_the_public_asks_without_an_account_and_follows_with_number_and_code(
    family: Household,
) -> None:
    number, code = speak(family.now)
    row = WorkOrderRow.objects.get(number=number)
    assert row.case_id is None and b"19900000009" not in bytes(row.sealed)
    found = work_orders.follow(number=number, code=code.lower())
    assert found is not None and found.words["text"] == "外地户口能办吗"
    for wrong in (("", code), (number, ""), (number, "2" * 10), ("2" * 16, code)):
        assert work_orders.follow(number=wrong[0], code=wrong[1]) is None


def test_one_phone_and_one_sender_have_a_limit_for_a_day(family: Household) -> None:
    for _ in range(work_orders.PHONE_LIMIT):
        speak(family.now)
    with pytest.raises(RefusedError, match="too_many"):
        speak(family.now, sender="192.0.2.8")
    for place in range(work_orders.SENDER_LIMIT - work_orders.PHONE_LIMIT):
        speak(family.now, phone=f"1980000{place:04d}")
    with pytest.raises(RefusedError, match="too_many"):
        speak(family.now, phone="")
    assert speak(family.now + timedelta(days=1, minutes=1), phone="")[0]


def test_whoever_gives_neither_phone_nor_sender_shares_a_limit_for_an_hour(
    family: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_orders, "UNKNOWN_LIMIT", 2)
    speak(family.now, phone="", sender="")
    speak(family.now, phone="", sender="")
    with pytest.raises(RefusedError, match="too_many_at_once"):
        speak(family.now, phone="", sender="")
    assert speak(family.now, sender="")[0] and speak(family.now, phone="")[0]
    assert speak(family.now + timedelta(hours=1, minutes=1), phone="", sender="")[0]


@pytest.mark.parametrize(
    ("phone", "sender", "locks"),
    [("19900000009", "192.0.2.7", 2), ("19900000009", "", 1), ("", "192.0.2.7", 1), ("", "", 1)],
)
def test_two_who_speak_at_once_are_counted_one_after_the_other(
    family: Household, phone: str, sender: str, locks: int
) -> None:
    speak(family.now, phone=phone, sender=sender)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND pid = pg_backend_pid() AND classid = hashtext('yijian orders')::oid"
        )
        assert cursor.fetchone()[0] == locks


def test_the_digest_of_a_network_address_is_kept_for_a_day(family: Household) -> None:
    speak(family.now)
    day = work_orders.LIMIT_TIME
    assert work_orders.forget_senders(now=family.now + day) == 0
    assert work_orders.forget_senders(now=family.now + day + timedelta(seconds=1)) == 1
    row = WorkOrderRow.objects.get()
    assert row.sender_hash is None and row.phone_hash is not None


def test_a_job_forgets_the_digests_that_have_had_their_day(
    family: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(family.now)
    later = family.now + timedelta(hours=25)
    speak(later)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert jobs.forget_senders(timestamp=0) == 1
    assert WorkOrderRow.objects.get(sender_hash__isnull=False).opened_at == later


def test_a_question_of_the_public_is_answered_and_closed(family: Household) -> None:
    number, code = speak(family.now)
    row, here = WorkOrderRow.objects.get(number=number), desk()
    for version, (step, given) in enumerate(
        [("reply", {"reply": "可以，随母亲户口办"}), ("close", {})], start=1
    ):
        work_orders.act(
            by=here, order_id=row.id, step=step, given=given, version=version, now=family.now
        )
    found = work_orders.follow(number=number, code=code)
    assert found is not None and found.order.state is OrderState.CLOSED
    assert found.words["reply"] == "可以，随母亲户口办"


def test_a_forgotten_familys_words_are_gone_and_its_order_can_still_be_listed(
    issued: Household,
) -> None:
    say(issued, issued.mother, 5, words=WORDS)
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE "case" SET wrapped_key = NULL, sealed = NULL, display = NULL,'
            " forgotten_at = now() WHERE id = %s",
            [UUID(str(issued.id))],
        )
    (found,) = order_records.of_case(case_id=order_of(issued).case_id or UUID(int=0))
    assert found.words == {} and found.row.number


def test_the_order_of_a_forgotten_family_is_closed_without_further_words(
    issued: Household,
) -> None:
    say(issued, issued.mother, 5, "too_slow", words=WORDS)
    here, there = handled(issued)
    act(there, issued, "answer", finding="founded", reply="已经联系家庭")
    before = bytes(order_of(issued).sealed)
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE "case" SET wrapped_key = NULL, sealed = NULL, display = NULL,'
            " forgotten_at = now() WHERE id = %s",
            [UUID(str(issued.id))],
        )
    assert act(here, issued, "call_back", outcome="not_reached") is OrderState.CALLED_BACK
    assert act(here, issued, "close") is OrderState.CLOSED
    assert bytes(order_of(issued).sealed) == before
