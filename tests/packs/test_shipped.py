"""The packs that are shipped: nothing to be found in them, and quick to read."""

import time

import pytest

from tests.packs.edited import PACKS, lines
from yijian.packs import codes_in
from yijian.packs.building import load_folder
from yijian.packs.checks import check
from yijian.packs.loading import running_codes


@pytest.mark.parametrize("code", codes_in(PACKS))
def test_shipped_packs_have_no_findings(code: str) -> None:
    assert lines(check(PACKS, code)) == []


def test_shipped_packs_are_read_within_a_second() -> None:
    """Processor time, not clock time: other work on the machine is no fault of ours."""
    start = time.process_time()
    for code in running_codes(PACKS):
        load_folder(PACKS, code)
    assert time.process_time() - start < 1.0
