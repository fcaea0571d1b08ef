"""Every example of every pack comes out as it says; each file is a test of its own."""

from pathlib import Path

import pytest

from tests.packs.edited import PACKS
from yijian.domain.context import Context
from yijian.domain.invariants import history_violations, time_violations, violations
from yijian.packs.examples import differences, example_files, load_example
from yijian.packs.loading import load_context, running_codes
from yijian.packs.rehearsal import play

EXAMPLES = [(code, path) for code in running_codes(PACKS) for path in example_files(PACKS, code)]
_contexts: dict[str, Context] = {}


def context_of(code: str) -> Context:
    if code not in _contexts:
        _contexts[code] = load_context(PACKS, code)
    return _contexts[code]


def test_every_running_pack_has_examples() -> None:
    assert {code for code, _ in EXAMPLES} == set(running_codes(PACKS))


@pytest.mark.parametrize(("code", "path"), EXAMPLES, ids=lambda each: getattr(each, "stem", each))
def test_every_example_comes_out_as_expected(code: str, path: Path) -> None:
    found = differences(load_example(PACKS, path), context_of(code))
    assert [str(finding) for finding in found] == []


@pytest.mark.parametrize(("code", "path"), EXAMPLES, ids=lambda each: getattr(each, "stem", each))
def test_no_example_breaks_an_invariant_on_its_way(code: str, path: Path) -> None:
    end = play(load_example(PACKS, path), context_of(code))
    assert violations(end.case, end.context) == []
    assert history_violations(end.events) == []
    assert time_violations(end.events) == []
