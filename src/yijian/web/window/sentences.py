"""提示: what a clerk reads when something at the window is refused, and how to go on."""

from django.utils.translation import gettext_lazy as _

from yijian.domain.context import Context, RefusedError
from yijian.web.messages import sentences

SENTENCES = {
    "no_window": _("这个窗口不能受理这里的方案。请看办事指南里的办理地点。"),
    "card_wrong": _("证件上的内容不对，请再读一次卡，或者照原件核对每一位。"),
    "card_differs": _("这张证件与已经核验的不是同一个人，请核对原件。"),
    "at_another_window": _("这家已经在另一个窗口开始办理。请那个窗口转交过来，再接着办。"),
    "not_seen_here": _("请本人到窗口出示证件原件；没有见到本人，不能替他同意或签名。"),
    "enquiry_desk": _("这里是咨询台，只核验和转交。请把办件转交给能签发的机构。"),
    "materials_missing": _("还有要扫描的材料没有交，清单里标着“还缺”。"),
    "sheet_missing": _("请先扫描签好名的那张纸，再确认纸质签名。"),
    "material_not_asked": _("这份材料不在清单里，没有保存。"),
    "too_many_pages": _("页数太多了，没有保存。请删掉多余的页，再扫描需要的页。"),
    "already_ended": _("这件已经办结，不能再加材料。"),
    "not_an_office": _("没有找到可以接手的机构，请在列表里选择。"),
    "not_arrived": _("还有该到场的人没有到场，请先核验证件、取得同意。"),
    "signature_missing": _("请本人在手写板上签名，或者打印出来签在纸上。"),
}
FIELDS = {
    "name": _("请填写证件上的姓名。"),
    "id_number": _("证件号码不对，请核对每一位。"),
    "role": _("证件上的性别与选的身份对不上。"),
}


def sentence(refusal: RefusedError, context: Context | None = None) -> str:
    """What went wrong and what to do next."""
    if refusal.code == "card_wrong" and refusal.field in FIELDS:
        return str(FIELDS[refusal.field])
    if refusal.code in SENTENCES:
        return str(SENTENCES[refusal.code])
    return sentences.sentence(refusal, context)
