"""How any `django.forms.Form` becomes an accessible page part (表单呈现).

Lives here: the form renderer (setting `FORM_RENDERER = "yijian.web.rendering.YijianRenderer"`),
the few widgets Django has no word for, and the value a signature pad sends. Not here: what is asked
(policy packs), whether an answer is right (form classes of the pages), how it looks (yijian.css).

`{{ form }}` gives every field as label, hint, error, control, in this order, with
`aria-describedby`, autocomplete and the values just typed. Choices become tap tiles. Put
`{% error_summary form %}` above the form and write `<form method="post" novalidate>`, so that the
server's sentences are shown and not the browser's.
"""

import re
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import BaseRenderer, EngineMixin
from django.forms.utils import flatatt
from django.template.backends.django import DjangoTemplates
from django.utils.functional import Promise, cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

TEMPLATES = Path(__file__).parent / "templates"
STROKES = re.compile(r"\d{1,4}x\d{1,4}(?:\|\d{1,4},\d{1,4}(?: \d{1,4},\d{1,4})*)+")
STROKES_MAX_LENGTH = 40_000
POINTS_LEAST = 8


class YijianRenderer(EngineMixin, BaseRenderer):
    """Renders forms and fields with the templates of `parts/`, widgets with Django's own."""

    backend = DjangoTemplates
    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"
    formset_template_name = "parts/formset.html"

    @cached_property
    def engine(self) -> DjangoTemplates:
        """Own engine: forms look the same whatever TEMPLATES says."""
        return DjangoTemplates(
            {
                "APP_DIRS": True,
                "DIRS": [TEMPLATES, Path(forms.__file__).parent / "templates"],
                "NAME": "yijian-forms",
                "OPTIONS": {
                    "libraries": {"fields": "yijian.web.templatetags.fields"},
                },
            }
        )


class Choice(str):
    """The label of an option with a smaller line below: `("1", Choice("随父亲", "合肥市"))`."""

    hint: str

    def __new__(cls, label: str | Promise, hint: str | Promise = "") -> "Choice":
        choice = super().__new__(cls, label)
        choice.hint = str(hint)
        return choice


class NameInput(forms.TextInput):
    """A very large box for the one thing a family types: the newborn's name."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        quiet = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        super().__init__({**quiet, "class": "input--name", **(attrs or {})})


class DateInput(forms.DateInput):
    """A native date box; the value is always ISO, whatever the page's language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"placeholder": "2026-01-31", **(attrs or {})}, format="%Y-%m-%d")


class LongSelect(forms.Select):
    """A list to choose from with a thousand options, written as one string.

    Django opens a template for each option: a tenth of a millisecond that nobody sees with ten.
    """

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """The same markup as Django's; headings within the list are not known to it."""
        chosen = {str(each) for each in self.format_value(value)}
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                (code, mark_safe(" selected") if str(code) in chosen else "", words)
                for code, words in self.choices
            ),
        )
        box = self.build_attrs({**self.attrs, "name": name}, attrs)
        return format_html("<select{}>\n{}\n</select>", flatatt(box), options)


class SignatureInput(forms.MultiWidget):
    """A pad to sign on with a finger; whoever cannot (or has no script) types the name instead."""

    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        typed = forms.TextInput({"autocomplete": "name", "class": "input"})
        super().__init__({"drawn": forms.HiddenInput(), "typed": typed}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        return (
            [value.strokes, value.typed_name] if isinstance(value, SignatureDrawing) else ["", ""]
        )

    def id_for_label(self, id_: str) -> str:
        """Errors lead to the box that every keyboard can reach."""
        return f"{id_}_typed" if id_ else id_


class SignatureDrawing:
    """What was signed: strokes as `宽x高|x,y x,y|x,y`, or a typed name; never both empty."""

    def __init__(self, strokes: str, typed_name: str) -> None:
        if strokes and (len(strokes) > STROKES_MAX_LENGTH or not STROKES.fullmatch(strokes)):
            raise ValueError("strokes must read 'WxH|x,y x,y|…'")
        if not strokes and not typed_name:
            raise ValueError("a signature is drawn or typed")
        self.strokes = strokes
        self.typed_name = typed_name

    def svg(self) -> SafeString:
        """The drawing as a picture; the pattern above lets only digits through."""
        size, *lines = self.strokes.split("|")
        width, height = size.split("x")
        path = " ".join(f"M{line.replace(' ', ' L')}" for line in lines)
        return format_html(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}">'
            '<path d="{}" fill="none" stroke="#16202c" stroke-width="3" stroke-linecap="round" '
            'stroke-linejoin="round"/></svg>',
            width,
            height,
            path,
        )


class SignatureField(forms.MultiValueField):
    """Cleans to a `SignatureDrawing`, or None when not required and left empty."""

    widget = SignatureInput
    default_error_messages = {
        "required": _("请签名，或者键入姓名"),
        "too_short": _("签名太短，请重新签写完整的姓名"),
        "unreadable": _("没有收到完整的签名，请重新签写"),
    }

    def __init__(self, **kwargs: Any) -> None:
        boxes = (
            forms.CharField(required=False, strip=False),
            forms.CharField(required=False, max_length=60),
        )
        super().__init__(boxes, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> SignatureDrawing | None:
        strokes, typed_name = data_list or ["", ""]
        if not strokes and not typed_name:
            return None
        if strokes and strokes.count(",") < POINTS_LEAST:
            raise ValidationError(self.error_messages["too_short"], code="too_short")
        try:
            return SignatureDrawing(strokes, typed_name)
        except ValueError as refusal:
            raise ValidationError(self.error_messages["unreadable"], code="unreadable") from refusal
