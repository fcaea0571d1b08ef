"""Chinese first, English complete: every sentence of the pages has its English line."""

import re

from tests.web import sentences
from tests.web.gallery import catalogue

VARIABLE = re.compile(r"%\((\w+)\)s")


def english() -> dict[str, str]:
    """Message ids, without their plural forms, and their translations."""
    entries = catalogue.entries(catalogue.SOURCE.read_text(encoding="utf-8"))
    return {key.split("\0")[0]: value for key, value in entries.items()}


def test_every_sentence_of_the_pages_has_english() -> None:
    """If not: add the line to django.po, then `python -m tests.web.gallery.catalogue`."""
    known = english()
    missing = {text: where for text, where in sentences.sentences().items() if text not in known}
    assert missing == {}


def test_no_translation_is_kept_for_a_sentence_that_is_gone() -> None:
    gone = set(english()) - set(sentences.sentences()) - {""}
    assert gone == set()


def test_every_translation_uses_the_variables_of_its_sentence() -> None:
    wrong = [
        text
        for text, translated in english().items()
        if set(VARIABLE.findall(text)) != set(VARIABLE.findall(translated.split("\0")[0]))
    ]
    assert wrong == []


def test_a_missing_sentence_would_be_noticed() -> None:
    found = set(sentences.in_template('{% load i18n %}{% translate "没有这一句" %}'))
    found |= set(sentences.in_python('x = gettext("也没有这一句")'))
    assert found == {"没有这一句", "也没有这一句"}
    assert found & set(english()) == set()
