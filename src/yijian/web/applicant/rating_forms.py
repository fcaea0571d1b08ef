"""评价表: the grade on one page, the reasons and words on the next; complaints on a page of theirs.

Nothing here presses anybody: whatever is not the grade may be left empty.
"""

from collections.abc import Mapping

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.domain.ratings import LONGEST_WORDS, Level, RatingChannel, RatingRules
from yijian.web.applicant.forms import FamilyForm
from yijian.web.applicant.rating_words import KINDS
from yijian.web.applicant.values import worded
from yijian.web.rendering import Choice, LongSelect

PREFIX = "side_"


class LevelForm(FamilyForm):
    """评价等级: the one decision of the first page."""

    def __init__(self, rules: RatingRules, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data)
        self.fields["level"] = forms.ChoiceField(
            label=gettext("您满意吗？"),
            choices=[(str(int(level)), worded(text)) for level, text in rules.levels.items()],
            widget=forms.RadioSelect,
            error_messages={"required": gettext("请选择一个评价。")},
        )


class OpinionForm(FamilyForm):
    """评价内容: reasons with a bad grade, sides of the service, words; all of it may stay empty."""

    def __init__(
        self,
        rules: RatingRules,
        level: Level,
        channel: RatingChannel,
        data: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data)
        if level.is_bad:
            self.fields["reasons"] = forms.MultipleChoiceField(
                label=gettext("哪里没做好？"),
                help_text=gettext("可以选几个，也可以不选。"),
                choices=[(reason.id, worded(reason.text)) for reason in rules.reasons.values()],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
        self.fields["words"] = forms.CharField(
            label=gettext("想说的话"),
            help_text=gettext("请不要写姓名、身份证号码和电话。"),
            max_length=LONGEST_WORDS,
            required=False,
            widget=forms.Textarea({"rows": 4}),
            error_messages={"max_length": gettext("写得太长了，最多 500 个字。")},
        )
        grades = [("", gettext("不评"))]
        grades += [(str(int(each)), worded(text)) for each, text in rules.levels.items()]
        for side in rules.dimensions_of(channel):
            self.fields[PREFIX + side.id] = forms.ChoiceField(
                label=worded(side.title), choices=grades, required=False
            )

    def sides(self) -> list[forms.BoundField]:
        """The boxes of the sides of the service."""
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    def dimensions(self) -> dict[str, int]:
        """The sides that were graded."""
        return {
            name.removeprefix(PREFIX): int(value)
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX) and value
        }


class AddForm(FamilyForm):
    """补充: words that are added once."""

    words = forms.CharField(
        label=_("想补充的话"),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea({"rows": 4}),
        error_messages={
            "required": _("请写几个字，至少两个。"),
            "max_length": _("写得太长了，最多 500 个字。"),
        },
    )


def _spoken() -> list[tuple[str, Choice]]:
    """The kinds in the language of the page: a label is words at once, never later."""
    return [
        ("complaint", Choice(gettext("投诉"), gettext("有人、有机构没做好，要有人管"))),
        ("suggestion", Choice(gettext("建议"), gettext("希望改一改"))),
        ("question", Choice(gettext("咨询"), gettext("有事想问"))),
    ]


class SpeakForm(FamilyForm):
    """投诉、建议、咨询: what it is and the words."""

    kind = forms.ChoiceField(
        label=_("您想做什么？"),
        choices=_spoken,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一种"), "invalid_choice": _("请选择一种")},
    )
    text = forms.CharField(
        label=_("请说说是什么事"),
        help_text=_("请不要写身份证号码。最多 500 个字。"),
        max_length=LONGEST_WORDS,
        min_length=2,
        widget=forms.Textarea({"rows": 5}),
        error_messages={
            "required": _("请写几个字，至少两个。"),
            "min_length": _("请写几个字，至少两个。"),
            "max_length": _("写得太长了，最多 500 个字。"),
        },
    )


class ComplainForm(SpeakForm):
    """家庭的投诉、建议、咨询: about which item, and whether the office may know whose case it is."""

    def __init__(
        self, things: list[tuple[str, str]], data: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(data)
        self.fields["about"] = forms.ChoiceField(
            label=gettext("关于哪一项？"),
            choices=[("", gettext("整件事，或者平台")), *things],
            required=False,
            error_messages={"invalid_choice": gettext("请在给出的选项里选择。")},
        )
        self.fields["named"] = forms.BooleanField(
            label=gettext("可以把我的申请编号告诉办理机构"),
            help_text=gettext("不勾选，办理机构不知道是谁提的；有的事不知道是哪一件就不好查。"),
            required=False,
        )
        self.order_fields(["kind", "about", "text", "named"])


class PublicForm(SpeakForm):
    """不登录的投诉、建议、咨询: about which office, and a phone when a call back is wanted."""

    phone = forms.RegexField(
        r"^\s*1[0-9]{10}\s*$",
        label=_("手机号码"),
        help_text=_("想让工作人员回电才填。加密保存，不告诉办理机构。"),
        required=False,
        widget=forms.TextInput(
            {"inputmode": "tel", "autocomplete": "tel-national", "maxlength": 20}
        ),
        error_messages={"invalid": _("请填写十一位手机号码，或者不填")},
    )

    def __init__(
        self, offices: list[tuple[str, str]], data: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(data)
        self.fields["office"] = forms.ChoiceField(
            label=gettext("关于哪个机构？"),
            choices=[("", gettext("说不准，或者平台")), *offices],
            widget=LongSelect,
            required=False,
            error_messages={"invalid_choice": gettext("没有这个机构，请重新选择。")},
        )
        self.order_fields(["kind", "office", "text", "phone"])


class FollowForm(FamilyForm):
    """看答复: the number and the code that were given."""

    number = forms.CharField(
        label=_("编号"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"required": _("请填写编号")},
    )
    code = forms.CharField(
        label=_("查询码"),
        help_text=_("十位字母和数字，不分大小写"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("请填写查询码")},
    )


def kind_title(kind: str) -> str:
    """What an order is called."""
    return str(KINDS.get(kind, kind))


def channel_of(request: HttpRequest) -> RatingChannel:
    """Over which way this page was reached, as far as its address and browser tell."""
    if request.GET.get("from") == "qr":
        return RatingChannel.QR
    agent = request.headers.get("User-Agent", "")
    return RatingChannel.MOBILE if "Mobi" in agent else RatingChannel.PC
