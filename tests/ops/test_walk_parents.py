"""A walker who is offered two schemes stays with the one its family walks."""

from __future__ import annotations

import pytest

from yijian.ops.walk_pages import Element, Form, Page, WalkError
from yijian.ops.walk_parents import Parent

ADDRESS = "http://node/my/cases/34000020261122S000001X/scheme/"


def offered(*packs: str) -> Page:
    """The page with one form for each scheme."""
    forms: list[Element | str] = [
        Element(
            "form",
            {"method": "post"},
            [Element("input", {"type": "hidden", "name": "pack", "value": pack})],
        )
        for pack in packs
    ]
    return Page(ADDRESS, 200, Element("document", {}, forms))


def walker(pack: str) -> Parent:
    family = {"id": "f", "pack": pack, "mother": {"name": "王芳"}, "answers": {}}
    return Parent(
        "mother", family, "http://node", "http://sandbox", lambda *_: None, lambda _: None
    )


@pytest.mark.parametrize("own", ["first", "second"])
def test_the_form_of_the_own_scheme_is_pressed(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pressed: list[Form] = []

    def submit(form: Form, *_values: object, **_more: object) -> Page:
        pressed.append(form)
        return offered()

    parent = walker(own)
    monkeypatch.setattr(parent.browser, "submit", submit)
    parent._step("scheme", offered("first", "second"))
    assert [form.controls["pack"].value for form in pressed] == [(own,)]


def test_a_scheme_in_which_nobody_may_stay_ends_the_walk() -> None:
    with pytest.raises(WalkError, match="cannot stay there"):
        walker("third")._step("scheme", offered("first", "second"))
