"""A scanned page goes to the office whose item lists it, byte for byte, and nobody else."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.api.conftest import Door, card_of, feedback, keep_family
from yijian.actions import contexts
from yijian.gateways.signatures import content_digest
from yijian.records import materials
from yijian.records.identifiers import task_id
from yijian.records.mapping import LoadedCase
from yijian.records.models import AccessEntry

REIMBURSEMENT = ("maternity_reimbursement", 0)
PICTURE = b"\xff\xd8\xff a photograph"


def keep(family: LoadedCase, material: str, picture: bytes = PICTURE) -> UUID:
    """A page of a material of the family; its identifier."""
    assert family.key is not None
    (page,) = materials.keep(
        case_id=family.id,
        key=family.key,
        material=material,
        pictures=[picture],
        source="family",
        by="mother",
        now=datetime(2026, 11, 21, 2, tzinfo=UTC),
    )
    return page.id


def task_of(family: LoadedCase) -> UUID:
    """The task of the maternity reimbursement, which lists materials."""
    return task_id(family.case.id, REIMBURSEMENT)


@pytest.fixture
def family(node: None) -> LoadedCase:
    """A family that asks for the reimbursement, which has just reached its office."""
    return keep_family("47-reimbursement-outside-pool")


@pytest.fixture
def page(family: LoadedCase) -> UUID:
    item = contexts.context_of(family.case).pack.items[REIMBURSEMENT[0]]
    return keep(family, item.materials[0].id)


def test_a_listed_page_comes_as_it_was_kept(
    family: LoadedCase, page: UUID, insurance: Door
) -> None:
    (scan,) = insurance.get(f"/tasks/{task_of(family)}").json()["scans"]
    answer = insurance.get(f"/tasks/{task_of(family)}/files/{scan['id']}")
    assert answer.status_code == 200 and answer.content == PICTURE
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Digest"] == content_digest(PICTURE)
    assert hashlib.sha256(answer.content).hexdigest() == scan["sha256"]
    assert answer["Cache-Control"] == "no-store"


def test_every_page_handed_over_is_in_the_access_log(
    family: LoadedCase, page: UUID, insurance: Door
) -> None:
    insurance.get(f"/tasks/{task_of(family)}/files/{page}")
    (entry,) = AccessEntry.objects.all()
    assert (entry.staff, entry.what, entry.purpose) == (
        "insurance-340000",
        "material",
        "handle_task",
    )
    assert (entry.case_id, entry.task_id) == (family.id, task_of(family))


def test_what_is_not_for_this_office_does_not_exist(
    family: LoadedCase, page: UUID, hr: Door, insurance: Door
) -> None:
    foreign = keep(family, "a_material_of_another_item")
    nothing = insurance.get(f"/tasks/{task_of(family)}/files/{UUID(int=7)}")
    for answer in (
        insurance.get(f"/tasks/{task_of(family)}/files/{foreign}"),
        insurance.get(f"/tasks/{card_of(family)}/files/{page}"),
        hr.get(f"/tasks/{task_of(family)}/files/{page}"),
        hr.get(f"/tasks/{card_of(family)}/files/{page}"),
    ):
        assert answer.status_code == 404 and answer.content == nothing.content
    assert AccessEntry.objects.count() == 0


def test_the_page_of_another_family_does_not_exist(
    family: LoadedCase, page: UUID, insurance: Door
) -> None:
    other = keep_family("50-inside-pool-not-settled")
    assert insurance.get(f"/tasks/{task_of(other)}/files/{page}").status_code == 404


def test_nothing_is_handed_over_once_the_task_has_ended(
    family: LoadedCase, page: UUID, insurance: Door
) -> None:
    declined = feedback(task_of(family), "declined", reason={"code": "already_has_one"})
    assert insurance.post("/feedback", declined).json()["outcome"] == "applied"
    assert insurance.get(f"/tasks/{task_of(family)}/files/{page}").status_code == 404


def test_a_removed_page_is_gone(family: LoadedCase, page: UUID, insurance: Door) -> None:
    materials.remove(case_id=family.id, page_id=page, now=datetime(2026, 11, 21, 3, tzinfo=UTC))
    assert insurance.get(f"/tasks/{task_of(family)}/files/{page}").status_code == 404


def test_a_file_that_is_no_identifier_is_a_wrong_field(family: LoadedCase, insurance: Door) -> None:
    assert insurance.get(f"/tasks/{task_of(family)}/files/passwd").status_code == 422
