"""The packs that are shipped: nothing to be found in them, and quick to read."""

import pytest

from tests.packs.edited import PACKS, lines
from yijian.packs import codes_in
from yijian.packs.checks import check


@pytest.mark.parametrize("code", codes_in(PACKS))
def test_shipped_packs_have_no_findings(code: str) -> None:
    assert lines(check(PACKS, code)) == []
