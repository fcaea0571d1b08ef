"""表达式意见: what the CEL compiler says, as Chinese sentences with a line and column."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from yijian.packs.findings import nearest
from yijian.packs.functions import FUNCTIONS

_TYPES = {
    "string": "文字",
    "int": "整数",
    "bool": "是否",
    "timestamp": "日期",
    "list(string)": "代码列表",
    "double": "小数",
    "null_type": "null",
    "STRING": "文字",
    "INT": "整数",
    "BOOL": "是否",
    "TIMESTAMP": "日期",
    "LIST<STRING>": "代码列表",
}
_BUILT_IN = (
    "size", "startsWith", "endsWith", "contains", "matches", "exists", "all", "filter", "map",
    "getFullYear", "getMonth", "getDate", "int", "string", "unknown",
)  # fmt: skip
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of an expression, at a line and column within it."""

    line: int
    column: int
    sentence: str


def problems_in(said: str, facts: Iterable[str]) -> tuple[Problem, ...]:
    """The compiler's message as problems; `facts` are the names that would have been right."""
    found = [
        Problem(int(line), int(column), _sentence(reason, facts))
        for line, column, reason in _ERROR.findall(said)
    ]
    return tuple(found[:3]) or (Problem(1, 1, f"表达式不能使用（{said.splitlines()[0]}）"),)


def wrong_result(wanted: str, found: str) -> Problem:
    """The expression gives a value of the wrong type."""
    return Problem(
        1, 1, f"结果应为{_TYPES.get(wanted, wanted)}，这里得到{_TYPES.get(found, found)}"
    )


def _sentence(reason: str, facts: Iterable[str]) -> str:
    if undeclared := re.match(r"undeclared reference to '([^']+)'", reason):
        name = undeclared.group(1).removeprefix("unknown__")
        return f"没有叫“{name}”的事实或函数{nearest(name, (*facts, *FUNCTIONS, *_BUILT_IN))}"
    if overload := re.match(r"found no matching overload for '([^']+)' applied to '(.+)'", reason):
        operator = overload.group(1).strip("_").replace("@", "").strip("_")
        applied = overload.group(2).replace("google.protobuf.Timestamp", "timestamp")
        kinds = [_type(kind) for kind in re.split(r"[.,] ?|^\(|\)$", applied) if kind]
        return f"“{operator}”不能用于{'与'.join(kinds)}"
    if any(mark in reason for mark in "“”‘’（），"):
        return "引号、括号、逗号要用半角"
    if "token recognition error at: '= '" in reason or "'='" in reason:
        return "比较两个值要写“==”"
    if "mismatched input '<EOF>'" in reason:
        return "表达式没有写完"
    if reason.startswith("Syntax error"):
        bit = re.search(r"(?:input|at:) '(.+?)'(?: expecting|$)", reason)
        return f"“{bit.group(1)}”附近写法不对" if bit else "写法不对"
    return f"表达式不能使用（{reason}）"


def _type(name: str) -> str:
    return _TYPES.get(name.strip(), name.strip())
