"""提示: the sentence a person reads for every reason a command is refused. Codes come from `domain`.

Sentences say what happened and what to do next; never ids, never blame.
"""

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from yijian.domain.context import Context, RefusedError
from yijian.domain.wording import Text

SENTENCES = {
    "not_an_applicant": _("这件事要由孩子的另一位家长先填写，填好后会发消息请您签名。"),
    "not_arrived": _("还要等家里另一位登录确认，确认后就能继续。"),
    "material_missing": _("还有要拍照的证照没有传，传好就能签名。"),
    "companion_missing": _("有一项不能单独办，请把和它一起办的那一项也选上，或者两项都不选。"),
    "not_online": _("这个地方的联办还没有开通线上办理，请到窗口办。"),
    "no_window": _("这个方案没有设窗口，请在线上办理。"),
    "already_submitted": _("申请已经提交，内容不能再改。需要更正时，办理部门会请您补正。"),
    "unknown_field": _("这一项不在表里，没有保存。"),
    "registers_value": _("这一项是登记库里的内容，要由登记部门更正，不能请家庭改。"),
    "not_an_option": _("请在给出的选项里选择。"),
    "name_not_allowed": _("这个名字暂时不能登记，请看姓名下面的提示。"),
    "unknown_item": _("选择的事项不在这次办理的范围里，没有保存。"),
    "no_consent": _("请先阅读并同意告知书。"),
    "not_eligible": _("现在还不符合线上办理的条件，原因写在下面。"),
    "not_verified_yet": _("还有信息没有核验完，核验完就能继续。"),
    "incomplete": _("还有必填的内容没有填。"),
    "not_open_for_signing": _("内容刚刚改过，请重新核对后再签名。"),
    "document_not_in_need": _("这份文书已经做好了，或者已经换成新的一版。"),
    "nothing_to_say": _("这个办件现在没有理由出这份文书。"),
    "not_signed": _("没有可以撤回的签名。"),
    "not_your_turn": _("现在还没有轮到您签名。"),
    "live_check_missing": _("签名前要先做一次人脸核验。"),
    "live_check_failed": _("这次人脸核验没有通过，请再试一次；试几次都不行，可以到窗口当面办理。"),
    "shown_changed": _("您看到的内容刚刚有变化，请再看一遍后签名。"),
    "unknown_task": _("没有找到这一项，请从办理进度重新进入。"),
    "not_submitted": _("申请还没有提交。"),
    "step_not_allowed": _("这一项的状态已经变了，请看最新的办理进度。"),
    "reason_missing": _("请选择一个理由。"),
    "ask_open": _("还要等家长完成一步。"),
    "result_missing": _("办理结果还没有填全。"),
    "result_wrong": _("办理结果与宝宝的信息对不上，请核对。"),
    "not_an_office": _("这个机构不能办这一项。"),
    "nothing_asked": _("这一步现在不用做了，请看最新的办理进度。"),
    "too_late_to_withdraw": _("各项都已经在办理或办完，不能再撤回。"),
    "signature_missing": _("请签名，或者键入姓名。"),
    "signature_not_your_name": _("键入的姓名要与您登录的实名一致。"),
    "not_verified_person": _("您的账号还没有实名，请先在认证平台完成实名。"),
    "result_taken": _("这个号码已经用在另一份申请上，请核对。"),
    "scan_first": _("裁切、交出以前，要先把没有裁切的整页扫描上传。"),
    "on_a_list": _("勾选的有已经列入移交清单的，请先取消清单或者交出。"),
    "number_not_in_stock": _(
        "这个编号不在本机构的库存里。请核对纸上的编号；纸在手里的，请先由库管员验收入库。"
    ),
    "number_of_another": _("这个编号分给了另一家机构，这里不能用。请换一张本机构的空白证。"),
    "number_used": _("这个编号已经用过了，一个编号只用一次。请换下一张空白证。"),
    "number_void": _("这个编号已经作废，不能再用。请换下一张空白证。"),
    "number_lost": _("这个编号登记为遗失，找到了也只能作废。请换下一张空白证，并告诉库管员。"),
    "number_to_be_void": _("这个编号有人申请作废，还没有结论。请换下一张空白证。"),
    "number_reserved": _("另一位同事刚刚用了这个编号。请换下一张空白证。"),
    "too_late_to_undo": _("已经过了可以撤回的时间。"),
    "batch_too_large": _("一次选得太多了，请少选几件。"),
    "no_parcel": _("没有要送达的证件。"),
    "no_address": _("家庭没有留收件地址，只能当面领取。"),
    "proof_missing": _("请领取人签名：在屏幕上签，或者在纸质签收单上签好后勾选。"),
    "not_a_collector": _("证件上的姓名和号码不是可以领取的人。请核对证件，或者请家庭本人来领。"),
    "certificate_ended": _("这张证照已经换发或注销，不能再办。"),
    "ending_asked": _("已经有人提出换发或注销，请先复核那一件。"),
    "second_person_needed": _("自己提出的不能自己复核，请另一位同事来。"),
    "too_many_authorisations": _("有效的授权码太多了，请先收回不用的。"),
    "unknown_sender": _("不认识这个发送方，没有处理。"),
}
OTHERWISE = _("这一步没有做成，您填的内容都还在。请再试一次；还不行，请拨打咨询电话。")


def sentence(refusal: RefusedError, context: Context | None = None) -> str:
    """What the person reads, with the field's own words when one is at fault."""
    words = str(SENTENCES.get(refusal.code, OTHERWISE))
    if refusal.field is None or context is None:
        return words
    title = field_title(refusal.field, context)
    return (
        gettext("%(field)s：%(sentence)s") % {"field": title, "sentence": words} if title else words
    )


def field_title(field: str, context: Context) -> str:
    """The words a form uses for a field; "" when it is no field of this pack."""
    try:
        return _worded(context.pack.form_field(field).label)
    except KeyError:
        item = context.pack.items.get(field)
        return _worded(item.title) if item else ""


def _worded(text: Text) -> str:
    return text.in_language(get_language() or "zh-hans") or text.zh
