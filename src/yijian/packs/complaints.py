"""格式意见: what pydantic says about a tree, as one Chinese sentence per place."""

import re
import types
import typing
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from yijian.packs.findings import Finding, nearest
from yijian.packs.nodes import Node
from yijian.packs.schema.items import AFTER

_SHAPES = {
    "string_type": "应为文字",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "bool_type": "应为 true 或 false",
    "list_type": "应为列表，写成 [甲, 乙] 或每行一个“- ”",
    "dict_type": "应为一组“键: 值”",
    "model_type": "应为一组“键: 值”",
    "model_attributes_type": "应为一组“键: 值”",
    "date_type": "应为日期，写成 2024-06-07",
    "date_parsing": "应为日期，写成 2024-06-07",
    "date_from_datetime_parsing": "应为日期，写成 2024-06-07",
    "datetime_type": "应为时间，写成 2024-06-07T09:30:00+08:00",
    "datetime_parsing": "应为时间，写成 2024-06-07T09:30:00+08:00",
    "datetime_from_date_parsing": "应为时间，写成 2024-06-07T09:30:00+08:00",
    "timezone_aware": "时间要写明时区，写成 2024-06-07T09:30:00+08:00",
}
_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,63}$": "应为小写英文字母、数字和下划线，以字母开头",
    r"^[a-z][a-z0-9_.]{0,63}$": "应为小写英文字母、数字、下划线和点，以字母开头",
    AFTER: "应为子办件状态，写成 approved、hukou_registration:completed 或 hukou_registration:ended",
    r"^[0-9]{6}$": '应为六位行政区划代码，加引号，写成 "340100"',
    r"^[0-9a-f]{64}$": "应为 64 位小写十六进制的 SHA-256",
}


def findings_of(
    error: ValidationError, root: Node, model: type[BaseModel], *, complete: bool = True
) -> list[Finding]:
    """One finding per pydantic complaint about the tree `root`, checked against `model`.

    With `complete` false, what is missing is no complaint.
    """
    findings = []
    for details in error.errors(include_url=False):
        if details["type"] == "missing" and not complete:
            continue
        path = [segment for segment in details["loc"] if segment != "[key]"]
        about_key = details["type"] == "extra_forbidden" or "[key]" in details["loc"]
        place = root.key_at(path) if about_key else root.at(path)
        findings.append(Finding(place, _sentence(details, path, model, _written(root, path))))
    return findings


def _sentence(
    details: ErrorDetails, path: Sequence[Any], model: type[BaseModel], value: Any
) -> str:
    kind = details["type"]
    context = details.get("ctx", {})
    last = str(path[-1]) if path else ""
    where = f"“{last}”" if not isinstance(path[-1] if path else 0, int) else "这一项"
    if kind == "extra_forbidden":
        known = _keys(_model_at(model, path[:-1]))
        return f"不认识“{last}”这个键{nearest(last, known)}"
    if kind == "missing":
        return f"缺少“{last}”"
    if kind in ("literal_error", "enum"):
        words = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return f"{where}只能是 {'、'.join(words)}（写的是“{value}”{nearest(str(value), words)}）"
    if kind == "string_pattern_mismatch":
        rule = _PATTERNS.get(str(context.get("pattern")), "含有不能用的字符或太长")
        return f"“{value}”{rule}"
    if kind == "value_error":
        return f"{context.get('error', '')}"
    return f"{where}{_bounds(kind, context) or _shape(kind, value)}"


def _shape(kind: str, value: Any) -> str:
    shape = _SHAPES.get(kind, "写法不对")
    if kind == "string_type" and isinstance(value, int | float | bool):
        return f'{shape}，请加引号："{value}"'
    shown = (
        "一组键和值" if isinstance(value, dict) else "列表" if isinstance(value, list) else value
    )
    return f"{shape}（写的是“{shown}”）" if value is not None else shape


def _bounds(kind: str, context: dict[str, Any]) -> str | None:
    bounds = {
        "greater_than_equal": ("不能小于 {}", "ge"),
        "less_than_equal": ("不能大于 {}", "le"),
        "string_too_short": ("至少 {} 个字", "min_length"),
        "string_too_long": ("最多 {} 个字", "max_length"),
        "too_short": ("至少 {} 项", "min_length"),
        "too_long": ("最多 {} 项", "max_length"),
    }
    if kind not in bounds:
        return None
    sentence, name = bounds[kind]
    return sentence.format(context.get(name))


def _written(root: Node, path: Sequence[str | int]) -> Any:
    node = root.find(path)
    for shorter in range(len(path) - 1, 0, -1):
        if node is not None:
            break
        node = root.find(path[:shorter])
    if node is None:
        return None
    if isinstance(node.value, dict):
        return {} if path and str(path[-1]) in node.value else path[-1] if path else {}
    return [] if isinstance(node.value, list) else node.value


def _keys(model: type[BaseModel] | None) -> list[str]:
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel] | None:
    """The model that checks the mapping at `path` below `model`; None when there is none."""
    here: Any = model
    for segment in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            fields = {field.alias or name: field for name, field in here.model_fields.items()}
            if str(segment) not in fields:
                return None
            here = _bare(fields[str(segment)].annotation)
        elif typing.get_origin(here) in (dict, list):
            here = _bare(typing.get_args(here)[-1])
        else:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _bare(annotation: Any) -> Any:
    """The annotation without `Annotated` and `| None`."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return _bare(next(arg for arg in typing.get_args(annotation) if arg is not type(None)))
    return annotation
