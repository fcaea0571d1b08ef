"""A new policy version comes into force: cases keep the policy they were begun under."""

import json
from datetime import date

import pytest
from django.conf import settings

from tests.actions.cast import CERTIFICATE, REGISTRATION, Household, clerk_of
from yijian.actions import contexts
from yijian.domain.policy import Pack
from yijian.domain.states import TaskState
from yijian.packs.building import build, load_folder
from yijian.packs.canonical import canonical
from yijian.records import pack_versions

pytestmark = pytest.mark.django_db

CODE = "340000-anhui"
LONGER = 9


def next_version(family: Household) -> Pack:
    """The pack with a longer limit for registration and one rule less, in force at once."""
    document, before = load_folder(settings.YIJIAN.packs_dir, CODE)
    changed = json.loads(canonical(document))
    changed["pack"] |= {"version": "later", "in_force_from": "2024-06-08"}
    for item in changed["items"]:
        if item["id"] == "hukou_registration":
            item["limits"][0]["workdays"] = LONGER
    changed["rules"] = [rule for rule in changed["rules"] if rule["id"] != "within_30_days"]
    after = build(changed)
    assert after.digest != before.digest
    pack_versions.keep(
        code=CODE, version="later", digest=after.digest, canonical=canonical(changed),
        in_force_from=date(2024, 6, 8), now=family.now,
    )  # fmt: skip
    contexts.forget()
    return after


def limit_of(family: Household) -> int | None:
    item = contexts.context_of(family.case).pack.items["hukou_registration"]
    limit = item.limit_on(family.now.date())
    return limit.workdays if limit else None


def test_a_submitted_case_keeps_its_limits_and_rules(submitted: Household) -> None:
    before = submitted.case.pack_digest
    after = next_version(submitted)
    submitted.decide(
        clerk_of(submitted, CERTIFICATE), CERTIFICATE, TaskState.COMPLETED,
        result={"certificate_number": "T340000016", "issued_on": submitted.now.date()},
    )  # fmt: skip
    task = submitted.case.tasks[REGISTRATION]
    assert task.state is TaskState.QUEUED
    assert submitted.case.pack_digest == before != after.digest
    assert limit_of(submitted) == 2
    rules = {rule.id for rule in contexts.context_of(submitted.case).pack.rules}
    assert "within_30_days" in rules


def test_a_draft_keeps_the_policy_it_was_begun_under(family: Household) -> None:
    family.open().answer().name()
    next_version(family)
    assert limit_of(family) == 2


def test_a_family_that_comes_later_meets_the_new_version(family: Household) -> None:
    after = next_version(family)
    family.open()
    assert family.case.pack_digest == after.digest
    assert limit_of(family) == LONGER


def test_a_version_that_was_changed_afterwards_is_refused(family: Household) -> None:
    next_version(family)
    with pytest.raises(pack_versions.PackChanged):
        pack_versions.keep(
            code=CODE, version="later", digest="0" * 64, canonical="{}",
            in_force_from=date(2024, 6, 8), now=family.now,
        )  # fmt: skip
