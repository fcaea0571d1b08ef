"""评价与工单的用语: the words for kinds, states, steps and refusals, wherever they are shown."""

from django.utils.translation import gettext_lazy as _

from yijian.domain.context import RefusedError
from yijian.web.messages.sentences import sentence as family_sentence

KINDS = {
    "bad_rating": _("差评"),
    "complaint": _("投诉"),
    "suggestion": _("建议"),
    "question": _("咨询"),
}
STATES = {
    "new": _("待转办"),
    "assigned": _("已转办"),
    "in_hand": _("办理中"),
    "appealed": _("申诉中"),
    "answered": _("已答复"),
    "called_back": _("已回访"),
    "closed": _("已办结"),
}
TOLD_STATES = {
    "new": _("已收到，还没有转给办理机构"),
    "assigned": _("已转给办理机构"),
    "in_hand": _("办理机构正在核实"),
    "appealed": _("正在复核"),
    "answered": _("已答复"),
    "called_back": _("已答复"),
    "closed": _("已办结"),
}
"""What somebody who came with it reads: nothing of what passes between desk and office."""
STEPS = {
    "open": _("收到"),
    "added": _("提出人补充"),
    "assign": _("转办"),
    "reply": _("直接答复"),
    "take": _("开始核实"),
    "send_back": _("退回重转"),
    "transfer": _("改转"),
    "extend": _("延期"),
    "answer": _("答复"),
    "appeal": _("申诉"),
    "dismiss": _("驳回申诉"),
    "uphold": _("支持申诉"),
    "call_back": _("回访"),
    "rate_again": _("再次评价"),
    "redo": _("退回重办"),
    "close": _("办结"),
    "lapse": _("家庭资料已删除，不再答复"),
}
FINDINGS = {
    "founded": _("属实，已整改"),
    "explained": _("没有依据，已解释"),
    "unfounded": _("不属实"),
}
OUTCOMES = {
    "satisfied": _("满意"),
    "unsatisfied": _("不满意"),
    "not_reached": _("联系不上"),
}
REFUSALS = {
    "not_ratable": _("这一项还没有办完，或者不用评价。"),
    "not_rated": _("这一项还没有评价过。"),
    "rated_already": _("这一项已经评价过了，谢谢您。"),
    "rating_too_late": _("这一项已经过了可以评价的时间。有话想说，可以提意见或者投诉。"),
    "appended_already": _("已经补充过一次，或者过了可以补充的时间。"),
    "words_missing": _("请写几个字，至少两个。"),
    "words_too_long": _("写得太长了，最多 500 个字。"),
    "unknown_reason": _("请在给出的选项里选择。"),
    "not_a_level": _("请选择一个评价。"),
    "too_many": _("今天提交得太多了，请明天再来，或者拨打 12345。"),
    "too_many_at_once": _("请过一会儿再试。"),
    "step_not_allowed": _("这张工单的状态已经变了，请看最新的内容。"),
    "family_forgotten": _(
        "这个家庭的资料已按规定删除，没有人可以答复了。请受理方选“家庭资料已删除，不再答复”，或者直接办结。"
    ),
    "changed_meanwhile": _("别的同事刚刚处理过这张工单，请看最新的内容。"),
    "second_person_needed": _("自己核实的不能自己回访、办结，请另一位同事来。"),
    "not_an_office": _("没有这个机构，请重新选择。"),
    "reason_missing": _("请写明理由。"),
    "office_missing": _("请选择承办机构。"),
    "reply_missing": _("请写答复。"),
    "finding_missing": _("请选择核实结论。"),
    "outcome_missing": _("请选择回访结果。"),
}


def said(refusal: RefusedError) -> str:
    """The sentence for a refusal of a rating or an order."""
    own = REFUSALS.get(refusal.code)
    return str(own) if own is not None else family_sentence(refusal)
