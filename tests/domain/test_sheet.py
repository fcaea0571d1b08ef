"""The form as labelled rows: what is shown, compared and signed."""

from tests.domain.cast import NOW, context, draft, filled, submitted, verified
from yijian.domain.applying import dispute, save_answers
from yijian.domain.history import apply_all
from yijian.domain.papers import signed_digest
from yijian.domain.sheet import sheet, value_text


def rows(case):
    return {
        (row.fact, row.subject): row for part in sheet(case, context(), NOW) for row in part.rows
    }


def test_every_child_has_its_own_row_and_defaults_are_filled_in():
    shown = rows(filled(2))
    assert shown["newborn_name", 2].value == "李小二"
    assert shown["follows", 0].value == "father"


def test_an_unknown_family_has_empty_cells_and_no_error():
    assert rows(draft())["newborn_name", 1].value is None
    assert rows(verified(draft()))["newborn_name", 1].declared is None


def test_a_disputed_cell_differs():
    case = filled()
    assert not any(row.differs for row in rows(case).values())
    from tests.domain.cast import field, words
    from yijian.domain.forms import FormSection

    ctx = context(form=(FormSection("b", words("宝宝"), "name", (field("newborn_sex"),)),))
    case = apply_all(case, dispute(case, "mother", "newborn_sex", 1, "是男孩", NOW))
    (row,) = sheet(case, ctx, NOW)[0].rows
    assert row.differs
    assert (row.verified, row.source, row.dispute) == ("2", "delivery", "是男孩")


def test_a_signature_no_longer_fits_after_any_change():
    ctx, case = context(), filled()
    before = signed_digest(case, ctx, NOW, "words")
    assert signed_digest(case, ctx, NOW, "words") == before
    changed = apply_all(case, save_answers(case, "mother", {("follows", 0): "mother"}, ctx, NOW))
    assert signed_digest(changed, ctx, NOW, "words") != before
    assert signed_digest(case, ctx, NOW, "other words") != before


def test_codes_read_as_their_names_in_both_languages():
    assert value_text(context().pack, "follows", "father", "zh-hans") == "父"
    assert value_text(context().pack, "newborn_sex", None, "en") == ""
    assert value_text(context().pack, "mother_name", True, "en") == "yes"


def test_a_submitted_case_shows_what_was_signed():
    assert rows(submitted())["newborn_name", 1].value == "李小一"
