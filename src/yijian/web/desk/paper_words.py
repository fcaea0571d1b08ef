"""纸质台账的词: what the desk calls sheets, places, states and refusals of stock and ledger."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts
from yijian.domain.context import RefusedError
from yijian.domain.custody import ARCHIVE, FAMILY, SheetState
from yijian.domain.custody_rules import Sheet
from yijian.domain.number_stock import NumberRange, StockRefusedError
from yijian.domain.reconciling import DifferenceKind
from yijian.web.applicant.values import worded

SHEETS = {
    Sheet.MAIN_PAGE: _("正页"),
    Sheet.COUNTERFOIL: _("副页"),
    Sheet.STUB: _("存根"),
}
STATES = {
    SheetState.HELD: (_("在手"), "info"),
    SheetState.ON_THE_WAY: (_("移交途中"), "warn"),
    SheetState.DELIVERED: (_("已交出"), "good"),
    SheetState.MISSING: (_("签收时缺"), "bad"),
    SheetState.LOST: (_("遗失"), "bad"),
}
BATCH_STATES = {
    "drawn_up": (_("待交出"), "warn"),
    "given": (_("待签收"), "info"),
    "received": (_("已签收"), "good"),
    "cancelled": (_("已取消"), ""),
}
OUTCOMES = {
    "listed": (_("清单内"), ""),
    "received": (_("已收到"), "good"),
    "missing": (_("缺"), "bad"),
    "unexpected": (_("清单外"), "warn"),
}
WAYS = {"": "", "in_person": _("当面移交"), "post": _("邮寄")}
DIFFERENCES = {
    DifferenceKind.MISSING: (_("缺"), "bad"),
    DifferenceKind.OVERDUE: (_("逾期未移交"), "warn"),
    DifferenceKind.UNEXPECTED: (_("不该在这里"), "warn"),
}
REASONS = {
    "misprint": _("打印或填写错误"),
    "damaged": _("污损"),
    "wrong_stock": _("印制有问题"),
    "found_again": _("遗失后找到"),
    "other": _("其他"),
}
BOOK_LINES = {
    "range_taken_in": _("号段入库"),
    "range_allotted": _("下拨号段"),
    "range_accepted": _("验收号段"),
    "void_proposed": _("申请作废"),
    "void_withdrawn": _("撤回作废申请"),
    "numbers_voided": _("复核作废"),
    "numbers_lost": _("登记遗失"),
}
REFUSALS = {
    "number_format": _("编号是一个大写字母加九位数字。"),
    "range_mixed": _("起止编号的字母和省份代码要相同。"),
    "range_backwards": _("止号不能小于起号。"),
    "range_too_large": _("号段太大，请分几次。"),
    "range_of_another_province": _("这个号段不是本省的。"),
    "range_overlaps": _("与已有的号段重叠。"),
    "range_leaves_a_hole": _("中间会漏号，要接着上一段分。下一个编号："),
    "range_outside": _("不在这个号段里。"),
    "range_not_accepted": _("号段还没有验收，不能往下分。"),
    "range_from_above": _("号段要由上级机构下拨，请联系上级。"),
    "not_below": _("只能分给下级机构。"),
    "already_accepted": _("这个号段已经验收过了。"),
    "only_an_institution_counts": _("只有助产机构逐张清点，缺的编号由它登记。"),
    "second_person_needed": _("作废要由另一位库管员复核，请换人确认。"),
    "nothing_to_void": _("请填写编号，并选一个原因。"),
    "too_many_numbers": _("一次填得太多了，请分几次。"),
    "number_not_in_stock": _("这个编号不在本机构的库存里。"),
    "number_used": _("这个编号已经签发，不能作废或登记遗失。"),
    "number_void": _("这个编号已经作废。"),
    "number_lost": _("这个编号已经登记为遗失。"),
    "number_to_be_void": _("这个编号已经有人申请作废。"),
    "number_reserved": _("这个编号正在签发，请稍后再看。"),
    "paper_step_not_allowed": _("这一联刚刚有了变化，请看最新的台账。"),
    "not_for_the_family": _("勾选的有不该交给家长的，请只选要交给家长的。"),
    "on_a_list": _("勾选的有已经列入移交清单的，请先取消清单或者交出。"),
    "scan_first": _("裁切、交出以前，要先把没有裁切的整页扫描上传。"),
    "too_many_sheets": _("一次选得太多了，请分几次。"),
    "nothing_due": _("没有到期要移交的，或者已经列入别的清单。"),
    "batch_not_open": _("这份清单刚刚有了变化，请看最新的状态。"),
    "tracking_missing": _("邮寄的要填运单号。"),
    "receipt_missing": _("请填对方签收的凭据编号。"),
    "sheet_unknown": _("清单外的编号不在移交方的台账里，请核对编号和联次。"),
}
OTHERWISE = _("没有做成，什么也没有改变。请再试一次。")
SPLIT = re.compile(r"[\s,，、;；]+")
MOST_TYPED = 6000


def refusal_words(refusal: StockRefusedError | RefusedError) -> str:
    """What happened, with the number at fault."""
    words = str(REFUSALS.get(refusal.code, OTHERWISE))
    number = getattr(refusal, "number", "")
    return f"{words}{number}" if number else words


def place_words(code: str | None) -> str:
    """Who a holder or a destination is."""
    if code == FAMILY:
        return gettext("家长")
    if code == ARCHIVE:
        return gettext("国家综合档案馆")
    office = contexts.directory().office(code or "")
    return worded(office.title) if office else code or gettext("还没有定")


def typed_numbers(text: str) -> list[str]:
    """The numbers of a text, one a line or with commas between."""
    return [one for one in SPLIT.split(text[:MOST_TYPED]) if one]


def runs_words(runs: Iterable[NumberRange]) -> str:
    """Runs of numbers in one line; a run of one is its number."""
    return gettext("、").join(run.first_number if run.size == 1 else str(run) for run in runs)
