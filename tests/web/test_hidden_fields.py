"""同一页上互相遮住的格子: what one answer hides is not missed, and what it shows is."""

from functools import cache

import pytest

from tests.packs.edited import PACKS
from yijian.packs.examples import example_files, load_example
from yijian.packs.loading import load_context
from yijian.packs.rehearsal import begun
from yijian.web.applicant.forms import FormOfPage, is_right, page_of

CODE = "431222-yuanling"


@cache
def naming() -> FormOfPage:
    """The page that asks first whether the baby is named, then for the name."""
    context = load_context(PACKS, CODE)
    start = begun(load_example(PACKS, example_files(PACKS, CODE)[0]), context)
    return page_of(start.case, "name", context, start.now)


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ({"newborn_name_decided__1": "no", "newborn_name__1": ""}, True),
        ({"newborn_name_decided__1": "yes", "newborn_name__1": ""}, False),
        ({"newborn_name_decided__1": "yes", "newborn_name__1": "江一诺"}, True),
        ({"newborn_name_decided__1": "", "newborn_name__1": "江一诺"}, False),
    ],
)
def test_a_box_that_another_answer_hides_is_not_missed(said: dict[str, str], right: bool) -> None:
    page = naming()
    assert is_right(page.form(said), page.asked) is right


def test_what_stands_in_a_hidden_box_and_is_wrong_is_not_kept() -> None:
    page = naming()
    filled = page.form({"newborn_name_decided__1": "no", "newborn_name__1": "A1"})
    assert is_right(filled, page.asked)
    assert page.answers(filled.cleaned_data) == {("newborn_name_decided", 1): False}
