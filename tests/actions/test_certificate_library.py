"""Fetching a certificate: only with the family's code, for a while, by one partner, on record."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.actions.cast import Household, clerk
from tests.actions.test_certificates import issue, register
from tests.web.cast import user_of
from yijian.actions import certificate_library as library
from yijian.actions.certificate_library import NotShownError
from yijian.domain.certificates import CertificateState
from yijian.domain.context import RefusedError
from yijian.records import access
from yijian.records import certificates as records
from yijian.records.models import CertificateGrant, CertificateRetrieval

pytestmark = pytest.mark.django_db
NURSERY, SCHOOL = "nursery", "school"
WHY = "办理入托登记"
ZHAO_MIN = {"name": "赵敏", "id_type": "111", "id_number": "110105199003078888", "phone": ""}


@pytest.fixture
def standing(submitted: Household) -> records.Standing:
    return issue(submitted)


def code_of(family: Household, standing: records.Standing, purpose: str = WHY) -> str:
    made = library.authorise(
        by=family.mother, number=family.number, certificate_id=standing.id, purpose=purpose,
        now=family.now,
    )  # fmt: skip
    return made.code


def fetch(standing: records.Standing, code: str, now: datetime, **more: str) -> library.Shown:
    asked = {"identifier": standing.identifier, **more}
    return library.retrieve(
        partner=asked.pop("partner", NURSERY), code=code, purpose=WHY, now=now, **asked
    )


def test_a_code_of_the_family_opens_one_certificate(
    submitted: Household, standing: records.Standing
) -> None:
    code = code_of(submitted, standing)
    shown = fetch(standing, code.lower().replace("0", "o"), submitted.now)
    assert shown.state is CertificateState.VALID
    assert shown.metadata["持证主体"] == "李小满"
    assert shown.opened.certificate.digest == standing.digest
    assert code.replace("-", "").encode() not in bytes(CertificateGrant.objects.get().code_hash)
    wallet = library.wallet(by=submitted.father, number=submitted.number, now=submitted.now)
    (told,) = wallet.retrievals
    assert (told.partner, told.what, told.purpose) == (NURSERY, "data", WHY)
    assert wallet.grants[0].used_by == NURSERY


def test_a_certificate_is_found_by_its_holder_once_the_number_is_known(
    submitted: Household, standing: records.Standing
) -> None:
    number = register(submitted)
    code = code_of(submitted, standing)
    shown = library.retrieve(
        partner=NURSERY, code=code, purpose=WHY, holder_id_number=number,
        type_="birth_certificate", now=submitted.now,
    )  # fmt: skip
    assert shown.metadata["持证主体代码"] == number
    assert shown.opened.standing.id == standing.id


def test_whoever_may_not_see_it_learns_nothing_and_is_recorded(
    submitted: Household, standing: records.Standing
) -> None:
    now = submitted.now
    code = code_of(submitted, standing)
    register(submitted)
    other = next(
        one for one in records.of_cases([submitted.id])[submitted.id] if one.id != standing.id
    )
    last = "1" if standing.identifier.endswith("0") else "0"
    wrong: list[tuple[records.Standing, str, datetime, dict[str, str]]] = [
        (standing, "00000-00000", now, {}),
        (standing, "", now, {}),
        (other, code, now, {}),
        (standing, code, now, {"identifier": standing.identifier[:-1] + last}),
        (standing, code, now + timedelta(minutes=30), {}),
    ]
    for of, text, at, more in wrong:
        with pytest.raises(NotShownError):
            fetch(of, text, at, **more)
    assert CertificateRetrieval.objects.filter(shown=False, case_id=None).count() == 5
    fetch(standing, code, now)
    with pytest.raises(NotShownError):
        fetch(standing, code, now, partner=SCHOOL)


def test_a_code_that_was_withdrawn_opens_nothing(
    submitted: Household, standing: records.Standing
) -> None:
    code = code_of(submitted, standing)
    grant = CertificateGrant.objects.get().id
    own: dict[str, Any] = {"by": submitted.father, "number": submitted.number, "now": submitted.now}
    assert library.withdraw(grant_id=grant, **own)
    assert not library.withdraw(grant_id=grant, **own)
    with pytest.raises(NotShownError):
        fetch(standing, code, submitted.now)


def test_too_many_wrong_codes_close_the_door_for_that_partner_for_an_hour(
    submitted: Household, standing: records.Standing
) -> None:
    code = code_of(submitted, standing)
    for guess in range(library.MOST_REFUSED):
        with pytest.raises(NotShownError):
            fetch(standing, f"{guess:010d}", submitted.now)
    with pytest.raises(NotShownError):
        fetch(standing, code, submitted.now)
    assert fetch(standing, code, submitted.now, partner=SCHOOL)


def test_a_purpose_is_needed_and_codes_are_bounded(
    submitted: Household, standing: records.Standing
) -> None:
    for purpose in ("", "   ", "用" * 201):
        with pytest.raises(RefusedError, match="reason_missing"):
            code_of(submitted, standing, purpose)
    for _ in range(library.MOST_STANDING):
        code_of(submitted, standing)
    with pytest.raises(RefusedError, match="too_many_authorisations"):
        code_of(submitted, standing)


def test_only_parents_authorise_and_only_for_their_own(
    submitted: Household, standing: records.Standing
) -> None:
    staff = clerk(standing.office)
    for by, certificate in ((user_of(ZHAO_MIN, submitted.now), standing.id), (staff, standing.id),
                            (submitted.mother, UUID(int=7))):  # fmt: skip
        with pytest.raises(access.Refused):
            library.authorise(
                by=by, number=submitted.number, certificate_id=certificate, purpose=WHY,
                now=submitted.now,
            )  # fmt: skip
    assert not CertificateGrant.objects.exists()


def test_a_file_that_is_not_there_yet_is_not_shown(
    submitted: Household, standing: records.Standing
) -> None:
    code = code_of(submitted, standing)
    with pytest.raises(NotShownError):
        library.retrieve_file(
            partner=NURSERY, code=code, purpose=WHY, identifier=standing.identifier,
            face="main_page", format="pdf", now=submitted.now,
        )  # fmt: skip
