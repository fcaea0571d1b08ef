"""退错: what is wrong with a line of a result file, and what to do; nothing personal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from yijian.gateways.files import tables


@dataclass(frozen=True, slots=True)
class Complaint:
    """错误行: one line that was not taken: its place, the column at fault ("" for all), a code."""

    line: int
    column: str
    code: str

    @property
    def sentence(self) -> tuple[str, str, str, str]:
        """What is wrong and what to do, in Chinese and in English."""
        return SENTENCES.get(self.code, SENTENCES["refused"])


SENTENCES: Mapping[str, tuple[str, str, str, str]] = {
    "unknown_column": (
        "没有这一列", "there is no such column",
        "删去这一列，或改成说明里的列名", "remove the column, or use a name of the description",
    ),
    "too_long": (
        "内容太长，或含有不可见字符", "too long, or with invisible characters",
        "缩短后再交", "make it shorter",
    ),
    "rounded_number": (
        "表格软件把长号码改成了科学计数", "the spreadsheet has rounded a long number",
        "把这一列设为“文本”格式，重新填写号码", "format the column as text and enter it again",
    ),
    "not_json": (
        "这一行不是 JSON 对象", "the line is no JSON object",
        "每行写一个 JSON 对象", "write one JSON object a line",
    ),
    "not_a_task": (
        "子办件编号不对", "this is no task number",
        "从下发的 results.csv 原样复制编号", "copy it from the results.csv that was sent",
    ),
    "unknown_task": (
        "没有这个子办件，或它已经不在贵单位办理", "no such task, or it is no longer with your office",
        "核对编号；已撤回或改渠道的不要再办", "check the number; what was taken back is not yours",
    ),
    "not_this_case": (
        "子办件编号与办件编号或新生儿不是同一件", "task, case and newborn do not belong together",
        "可能只排序了部分列：请从下发的表重新填写", "columns may have been sorted apart: fill in anew",
    ),
    "unknown_state": (
        "办理结果不认识", "unknown result",
        "填：受理、不予受理、补正、审核中、审核通过、审核不通过、办结、转线下",
        "accepted, declined, correction_needed, in_review, approved, rejected, completed, offline",
    ),
    "not_a_time": (
        "办理时间看不懂", "this is no time",
        "写成 2026-11-22 10:30，或留空", "write 2026-11-22 10:30, or leave it empty",
    ),
    "not_a_number": ("应为整数", "a whole number is needed", "改成数字或留空", "a number or nothing"),
    "reason_missing": (
        "没有写原因", "the reason is missing",
        "不予受理、补正、审核不通过、转线下都要写原因", "say why; the family will read it",
    ),
    "result_missing": (
        "缺少必填的结果", "a result that is needed is missing",
        "填写这一列", "fill in the column",
    ),
    "result_wrong": (
        "结果的号码、日期或内容不对", "the number, day or content is not right",
        "与原件核对后更正", "compare it with the original",
    ),
    "result_taken": (
        "这个号码已经给了别人", "this number was given to somebody else",
        "核对号码，可能复制到了另一行", "check it; it may belong to another line",
    ),
    "unknown_field": (
        "要补正的字段不存在", "no such field to be corrected",
        "用下发数据里的字段名", "use the names in the data that were sent",
    ),
    "registers_value": (
        "这个字段来自数据核验，申请人不能补正", "the field comes from a register",
        "请与数据来源部门联系", "ask the office that keeps the register",
    ),
    "step_not_allowed": (
        "办件现在不能这样办", "the task cannot take this step now",
        "看最近的包里它的状态", "look up its state in the latest package",
    ),
    "ask_open": (
        "申请人还有一步没有做", "the family still has something to do",
        "等申请人完成后再报办结", "report it done when the family has finished",
    ),
    "late": (
        "办件已经往前走了，这一行没有改变什么", "the task has moved on; this line changed nothing",
        "不用再交", "nothing to do",
    ),
    "id_used_for_another_report": (
        "同一包号同一行以前报过别的内容", "this line of this package number said something else",
        "换一个新的包号再交", "use a new package number",
    ),
    "refused": (
        "平台没有接受这一行", "the line was not taken",
        "核对后再交，或与平台联系", "check it, or ask the platform",
    ),
}  # fmt: skip
"""What each code means and what to do, for whoever filled in the line."""


def complaints_csv(complaints: Iterable[Complaint]) -> bytes:
    """All complaints as a table to be corrected by."""
    header = ["行 line", "列 column", "问题", "怎么办", "what is wrong", "what to do"]
    rows = [
        [str(one.line), one.column, one.sentence[0], one.sentence[2], one.sentence[1],
         one.sentence[3]]
        for one in complaints
    ]  # fmt: skip
    return tables.written([header, *rows])
