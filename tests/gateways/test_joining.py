"""Answers of several providers to one question become one answer, whatever they contradict."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.gateways.conftest import MOTHER, QUERY
from yijian.domain.cases import CheckState
from yijian.gateways.registers import Answer, Receipt
from yijian.gateways.registers.answers import GivenCertificate
from yijian.gateways.registers.joining import best, joined, parts, still_wanted


def paper(type: str, identifier: str = "i") -> GivenCertificate:
    return GivenCertificate(type, "mother", "r", identifier, "0" * 64, {})


def holds(*papers: GivenCertificate, **facts: bool) -> Answer:
    values = tuple((fact, 0, value) for fact, value in facts.items())
    state = CheckState.FOUND if papers else CheckState.EMPTY
    return Answer("certificates", state, values, certificates=papers)


def test_a_paper_that_two_libraries_know_is_kept_once() -> None:
    one = holds(paper("id_card", "first"), mother_id_card_held=True)
    two = holds(
        paper("id_card", "second"), paper("household_book"),
        mother_id_card_held=True, mother_household_book_held=True,
    )  # fmt: skip
    kept = best("certificates", [one, two])
    assert [(each.type, each.identifier) for each in kept.certificates] == [
        ("id_card", "first"), ("household_book", "i"),
    ]  # fmt: skip
    assert kept.state is CheckState.FOUND


@pytest.mark.parametrize("silent", [0, 1])
def test_while_one_library_is_silent_only_what_is_complete_counts(silent: int) -> None:
    failed = Answer("certificates", CheckState.FAILED, reason="timeout")
    half = holds(paper("id_card"), mother_id_card_held=True, mother_household_book_held=False)
    answers = [half, half]
    answers[silent] = failed
    assert best("certificates", answers).state is CheckState.FAILED
    whole = holds(paper("id_card"), mother_id_card_held=True)
    assert best("certificates", [whole, failed]).state is CheckState.FOUND


def test_each_parent_is_a_part_of_its_own_at_the_known_or_likely_place() -> None:
    moved = replace(QUERY, mother=replace(MOTHER, division="310104"))
    mother, father = parts("hukou", moved)
    assert (mother.where.known, mother.where.likely) == ("310104", "340103")
    assert (father.where.known, father.where.likely) == ("", "320106")
    assert mother.query.father is None and father.query.mother is None


def test_a_conflict_anywhere_is_one_and_shows_nothing(now: datetime) -> None:
    receipt = Receipt("r1", "hukou", now, "a", "d")
    found = Answer("hukou", CheckState.FOUND, (("mother_hukou_found", 0, True),), (receipt,))
    conflict = Answer("hukou", CheckState.CONFLICT, reason="father_name_differs")
    both = joined([found, conflict])
    assert (both.state, both.values, both.receipts) == (CheckState.CONFLICT, (), (receipt,))


def test_nobody_else_is_asked_after_a_contradiction(now: datetime) -> None:
    conflict = Answer("delivery", CheckState.CONFLICT)
    wanted = still_wanted("delivery", QUERY, [conflict], now)
    assert wanted.facts == frozenset()
