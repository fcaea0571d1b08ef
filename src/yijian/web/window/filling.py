"""问和填: everything that is still asked, on one page, with the sentence to ask aloud.

What is known is not asked. The page saves by itself; a save that the server did not confirm stays
in the browser and is sent again with the same key (bedside mode), so nothing is lost or doubled.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext

from yijian.actions import window_filling
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import RefusedError
from yijian.domain.facts import FactKey
from yijian.domain.journey import form_pages
from yijian.domain.policy import FactKind
from yijian.web.applicant.fields import Asked, form_field
from yijian.web.applicant.forms import FormOfPage, is_right, name_of, page_of
from yijian.web.applicant.places import saved_at
from yijian.web.applicant.values import worded
from yijian.web.desk.forms import DeskForm
from yijian.web.window.doors import Sitting, window_page
from yijian.web.window.sentences import sentence

OPTIONS_READ_ALOUD = 4


@dataclass(frozen=True)
class WholeForm:
    """The pages of the family's form as one."""

    pages: tuple[FormOfPage, ...]

    @cached_property
    def form_class(self) -> type[forms.Form]:
        """One Django form of all that is asked; the name in the same large box as at home."""
        fields: dict[str, forms.Field] = {}
        for page in self.pages:
            fields |= {name_of(one): form_field(one) for one in page.asked}
            if page.items:
                fields["items"] = page.form_class.base_fields["items"]
        return type("WindowForm", (DeskForm,), fields)

    def form(self, data: Mapping[str, object] | None = None) -> forms.Form:
        """The form, filled with what is answered or proposed."""
        initial = {name: value for page in self.pages for name, value in page.initial.items()}
        return self.form_class(data, initial=initial)

    def answers(self, cleaned: Mapping[str, object]) -> dict[FactKey, object]:
        """What the family said, by fact and subject."""
        return {key: said for page in self.pages for key, said in page.answers(cleaned).items()}

    def items(self, cleaned: Mapping[str, object]) -> tuple[str, ...] | None:
        """The chosen items; None when nothing is asked about them."""
        chosen = [page.chosen_items(cleaned) for page in self.pages]
        return next((items for items in chosen if items is not None), None)

    @cached_property
    def asked(self) -> dict[str, Asked]:
        """Every field by its name on the page."""
        return {name_of(one): one for page in self.pages for one in page.asked}


def whole_form(sitting: Sitting) -> WholeForm:
    """Everything this case is asked."""
    case, context, now = sitting.case, sitting.context, sitting.now
    return WholeForm(
        tuple(page_of(case, page, context, now) for page in form_pages(case, context, now))
    )


@window_page("GET", "POST")
def form(sitting: Sitting) -> HttpResponse:
    """The one-page form: shown, saved in the background, or confirmed."""
    if sitting.next_step() in ("people", "findings", "handover", "after"):
        return sitting.go_on()
    whole = whole_form(sitting)
    if not sitting.posted:
        return _show(sitting, whole, whole.form())
    filled = whole.form(sitting.desk.request.POST)
    quiet = "X-Autosave" in sitting.desk.request.headers
    if not is_right(filled, whole.asked.values()) and not quiet:
        return _show(sitting, whole, filled, status=422)
    try:
        window_filling.save(
            by=sitting.user,
            number=sitting.number,
            answers=whole.answers(filled.cleaned_data),
            items=whole.items(filled.cleaned_data),
            key=sitting.desk.request.POST.get("save_key", "")[:64],
            now=sitting.now,
        )
    except RefusedError as refusal:
        fields = [name for name, one in whole.asked.items() if one.field.fact == refusal.field]
        filled.add_error(fields[0] if fields else None, sentence(refusal, sitting.context))
        return _show(sitting, whole, filled, status=422)
    if quiet:
        response = HttpResponse(status=204)
        response["X-Saved-At"] = f"{sitting.now.astimezone(SHANGHAI):%H:%M}"
        return response
    return sitting.go_on()


def _show(
    sitting: Sitting, whole: WholeForm, filled: forms.Form, *, status: int = 200
) -> HttpResponse:
    known = [card for page in whole.pages for card in page.known]
    required = [worded(item.title) for page in whole.pages for item in page.required_items]
    return sitting.page(
        "window/form.html",
        {
            "form": filled,
            "asked": [
                {"field": filled[name], "aloud": aloud(whole.asked.get(name))}
                for name in filled.fields
            ],
            "known": known,
            "required_items": required,
            "saved_at": saved_at(sitting.case),
            "save_key": secrets.token_urlsafe(12),
        },
        step="form",
        status=status,
    )


def aloud(asked: Asked | None) -> str:
    """The sentence a clerk says, made from the pack's label and options.

    The baby's name is asked for character by character, because it is written for life.
    """
    if asked is None:
        return gettext("“这些事一起办，有不想办的吗？”")
    label, kind = asked.label, asked.fact_type.kind
    if kind is FactKind.NAME:
        return gettext("“%(label)s是哪几个字？请一个字一个字说，我写给您看。”") % {"label": label}
    if kind is FactKind.YES_NO:
        return gettext("“%(label)s，是还是不是？”") % {"label": label}
    codes = asked.offered() if asked.code_list else ()
    if 0 < len(codes) <= OPTIONS_READ_ALOUD and asked.code_list is not None:
        options = [worded(asked.code_list.entries[code]) for code in codes]
        return gettext("“%(label)s：%(options)s，您选哪个？”") % {
            "label": label,
            "options": gettext("，还是").join(options),
        }
    if asked.values.get(asked.field.fact) not in (None, ""):
        return gettext("“%(label)s是这个，对吗？”") % {"label": label}
    return gettext("“请问%(label)s？”") % {"label": label}
