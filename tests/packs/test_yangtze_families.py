"""Families of the Yangtze delta on their way through the form: what they are asked, and when."""

from dataclasses import replace

from tests.packs.edited import PACKS
from yijian.domain.journey import page_missing
from yijian.packs.examples import example_files, load_example
from yijian.packs.loading import load_context
from yijian.packs.rehearsal import begun

CODE = "yangtze-delta"


def test_who_has_no_registered_residence_is_asked_for_it_and_not_refused() -> None:
    delta = load_context(PACKS, CODE)
    paths = {path.stem.partition("-")[2]: path for path in example_files(PACKS, CODE)}
    start = begun(load_example(PACKS, paths["residence-typed-by-the-family"]), delta)
    answers = dict(start.case.answers)
    del answers["residence_division", 0]
    case = replace(start.case, answers=answers)
    asked = page_missing(case, "household", delta, start.now)
    assert ("residence_division", 0) in asked
    assert delta.judge(case, start.now).failed == ()
