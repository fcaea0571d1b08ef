"""A signature names the files that were shown; before submission it can be taken back."""

from dataclasses import replace

import pytest

from tests.domain.cast import NOW, context, filled
from yijian.domain.applying import open_signing, sign
from yijian.domain.cases import Case
from yijian.domain.context import RefusedError
from yijian.domain.events import EventKind
from yijian.domain.history import apply_all
from yijian.domain.signing import valid_signatures, withdraw_signature
from yijian.domain.states import Stage

FIRST = context()


def opened() -> Case:
    case = filled()
    return apply_all(case, open_signing(case, "mother", FIRST, NOW))


def test_a_signature_names_the_files_that_were_shown_and_keeps_its_evidence_sealed():
    case = opened()
    shown = [("d-1", "a" * 64), ("d-2", "")]
    events = sign(
        case, "mother", "s", "drawn", FIRST, NOW,
        drawing="9x9|1,1", documents=shown, evidence={"device": "a phone"},
    )  # fmt: skip
    signed = apply_all(case, events)
    assert signed.signatures["mother"].documents == (("d-1", "a" * 64), ("d-2", ""))
    assert signed.evidence == {"mother": {"device": "a phone"}}
    assert "a phone" not in str([event.public for event in events])


def test_a_signature_is_taken_back_before_submission_and_only_by_who_gave_it():
    case = opened()
    with pytest.raises(RefusedError, match="not_signed"):
        withdraw_signature(case, "mother", FIRST, NOW)
    case = apply_all(case, sign(case, "mother", "s", "drawn", FIRST, NOW, drawing="9x9|1,1"))
    with pytest.raises(RefusedError, match="not_signed"):
        withdraw_signature(case, "father", FIRST, NOW)
    (event,) = withdraw_signature(case, "mother", FIRST, NOW)
    assert (event.kind, event.public["voided"]) == (EventKind.SIGNATURE_WITHDRAWN, ["mother"])
    back = apply_all(case, [event])
    assert (back.stage, back.signatures, back.drawings) == (Stage.SIGNING, {}, {})
    assert back.form_version == case.form_version


def test_who_signed_after_a_signature_signs_again_when_it_is_taken_back():
    case = opened()
    case = apply_all(case, sign(case, "mother", "s", "drawn", FIRST, NOW))
    both = replace(case, signatures={**case.signatures, "father": case.signatures["mother"]})
    back = apply_all(both, withdraw_signature(both, "mother", FIRST, NOW))
    assert valid_signatures(back) == frozenset()
    later = apply_all(both, withdraw_signature(both, "father", FIRST, NOW))
    assert valid_signatures(later) == {"mother"}
