"""`yijian verify` names a version that is not what it claims, or that nobody has approved."""

from datetime import datetime

import pytest
from django.conf import settings
from django.db import connection

from tests.actions.cast_policy import Workshop, make_workshop
from tests.packs.edited import SMALL, TOWN
from tests.records.test_journal import as_insider
from yijian.actions import contexts, setup
from yijian.ops.verify_policy import policy_faults
from yijian.packs.offices import load_directory
from yijian.records import people

pytestmark = pytest.mark.django_db
NEW = f"pack {TOWN} 2026.11.1"


@pytest.fixture
def shop(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A version of the folder, and one that the workshop has published."""
    chosen = settings.YIJIAN.model_copy(update={"packs_dir": SMALL, "packs": TOWN})
    monkeypatch.setattr(settings, "YIJIAN", chosen)
    contexts.forget()
    people.put_offices(setup.merged(load_directory(SMALL, TOWN).offices))
    shop = make_workshop(now, TOWN)
    shop.approve(shop.submit(shop.set(shop.open(), ("pack", "precedence"), 9)))
    return shop


def test_what_went_the_right_way_has_no_fault(shop: Workshop) -> None:
    assert list(policy_faults()) == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "UPDATE pack_version SET canonical = replace(canonical, '小城', '大城')"
            " WHERE version = '7'",
            (f"pack {TOWN} 7", "its text does not have its digest"),
        ),
        (
            "UPDATE pack_version SET version = '6' WHERE version = '7'",
            (f"pack {TOWN} 6", "its text is of another pack or version"),
        ),
        (
            "UPDATE pack_source SET files = '{}' WHERE origin = 'workshop'",
            (NEW, "its files are not those of the draft"),
        ),
        (
            "UPDATE pack_source SET digest = 'x' WHERE origin = 'workshop'",
            (NEW, "its files are kept for another text"),
        ),
        (
            "UPDATE pack_draft SET authors = '[]', approver = 'staff:9'",
            (NEW, "the policy log does not say who approved it"),
        ),
        (
            "DELETE FROM policy_log WHERE what = 'approved'",
            (NEW, "the policy log does not say who approved it"),
        ),
        (
            "DELETE FROM pack_draft",
            (NEW, "the workshop has published it, and there is no draft of it"),
        ),
    ],
)
def test_what_an_insider_changed_is_named(
    shop: Workshop, statement: str, fault: tuple[str, str]
) -> None:
    with as_insider(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(policy_faults()) == [fault]
