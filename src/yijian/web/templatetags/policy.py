"""Tags for pages of the policy workshop (政策工坊标签). `{% load policy %}`."""

from django import template

from yijian.web.console.policy_choices import Option, unknown
from yijian.web.console.policy_fields import Leaf
from yijian.web.console.policy_previewing import TITLES

register = template.Library()


@register.filter
def options(leaf: Leaf) -> list[Option]:
    """What a box offers; a value that is written and does not exist is among it."""
    value = leaf.shown[0] if leaf.shown else ""
    if not value or value in {option.value for option in leaf.options}:
        return list(leaf.options)
    return [*leaf.options, unknown(value)]


@register.filter
def preview_title(kind: str) -> str:
    """What a preview is called."""
    return str(TITLES.get(kind, kind))
