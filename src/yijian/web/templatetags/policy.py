"""Tags for pages of the policy workshop (政策工坊标签). `{% load policy %}`."""

from django import template

from yijian.web.console.policy_previewing import TITLES

register = template.Library()


@register.filter
def preview_title(kind: str) -> str:
    """What a preview is called."""
    return str(TITLES.get(kind, kind))
