"""Tags for forms (表单标签): which part shows a field, its control, and the errors above a form.

`{% load fields %}`; pages use only `{% error_summary form … %}`, the rest is for
`parts/field*.html`.
"""

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from yijian.web.rendering import SignatureInput

register = template.Library()

KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (SignatureInput, "signature"),
    (forms.CheckboxSelectMultiple, "tiles"),
    (forms.RadioSelect, "tiles"),
    (forms.CheckboxInput, "tick"),
    (forms.MultiWidget, "group"),
    (forms.SelectDateWidget, "group"),
)


@register.filter
def kind(field: BoundField) -> str:
    """Name of the part that shows this field: signature, tiles, tick, group or box."""
    widget = field.field.widget
    return next((name for family, name in KINDS if isinstance(widget, family)), "box")


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's own widget with the design's class beside whatever classes it has."""
    own = field.field.widget.attrs.get("class", "")
    styled = "" if isinstance(field.field.widget, forms.Select | forms.Textarea) else "input"
    classes = " ".join(dict.fromkeys(f"{styled} {own}".split()))
    return field.as_widget(attrs={"class": classes} if classes else {})


@register.filter
def first_id(field: BoundField) -> str:
    """The id an error leads to: the box itself, or the first option of a group."""
    if kind(field) == "tiles":
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


@register.inclusion_tag("parts/errors.html")
def error_summary(*sheets: forms.BaseForm | None) -> dict[str, Any]:
    """All errors of one or more forms, in page order, each leading to its field."""
    found: list[dict[str, str]] = []
    for form in sheets:
        if form is None or not form.is_bound:
            continue
        found += [{"id": "", "text": str(text)} for text in form.non_field_errors()]
        for field in form:
            found += [{"id": first_id(field), "text": str(text)} for text in field.errors]
    return {"errors": found}
