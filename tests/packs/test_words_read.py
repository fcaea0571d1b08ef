"""No pack carries a sentence that nobody ever reads."""

import re
from pathlib import Path

import pytest

from tests.packs.edited import PACKS
from yijian.packs.loading import load_context, running_codes

SOURCE = Path(__file__).parents[2] / "src" / "yijian"
CODES = running_codes(PACKS)
BY_PATTERN = re.compile(r"status(_coarse)?\..+|refusal_.+_[1-9]|waiting_for_.+|.+_(sign|summary)")
"""Words that are named after an item, a state or a role."""


def read_words() -> set[str]:
    """Every word that some module or template names."""
    code = "\n".join(p.read_text() for p in SOURCE.rglob("*.py"))
    pages = "\n".join(p.read_text() for p in SOURCE.rglob("*.html"))
    policy = "\n".join(p.read_text() for p in PACKS.rglob("documents.yaml"))
    named = set(re.findall(r'"([a-z][a-z0-9_.]+)"', code + pages))
    return named | set(re.findall(r"\b[a-z][a-z0-9_]+\b", policy))


@pytest.mark.parametrize("code", CODES)
def test_every_word_of_a_pack_is_read_somewhere(code: str) -> None:
    named = read_words()
    words = load_context(PACKS, code).pack.words
    unread = [
        word
        for word in words
        if word.removesuffix("_title") not in named and not BY_PATTERN.fullmatch(word)
    ]
    assert unread == []
