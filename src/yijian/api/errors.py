"""The one error model of the machine door: a code, a sentence in two languages, and the fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse
from pydantic import BaseModel, Field


class FieldError(BaseModel):
    """What is wrong with one field; `field` is its path, for instance `feedback.3.at`."""

    field: str
    message: str
    message_en: str


class Error(BaseModel):
    """Every answer that is no success. `error` is stable; the sentences are for people."""

    error: str = Field(examples=["signature_refused"])
    message: str = Field(examples=["报文签名无效"])
    message_en: str = Field(examples=["The signature is not valid."])
    fields: list[FieldError] = Field(default_factory=list)


STATUS: Mapping[str, int] = {
    "bad_json": 400,
    "unsigned": 401,
    "signature_malformed": 401,
    "signature_stale": 401,
    "signature_refused": 401,
    "request_repeated": 401,
    "not_found": 404,
    "method_not_allowed": 405,
    "contradicts_earlier": 409,
    "too_large": 413,
    "not_json": 415,
    "not_events": 415,
    "wrong_fields": 422,
    "too_many": 429,
    "internal": 500,
    "out_of_order": 503,
}

SENTENCES: Mapping[str, tuple[str, str]] = {
    "bad_json": (
        "报文不是合法的 JSON（UTF-8，键不得重复）",
        "The body is not valid JSON in UTF-8 with unique keys.",
    ),
    "unsigned": ("请求没有签名（RFC 9421）", "The request is not signed (RFC 9421)."),
    "signature_malformed": (
        "签名头不完整：需要一个 sig1，含 created、nonce、alg、keyid",
        "The signature headers are incomplete: one sig1 with created, nonce, alg and keyid.",
    ),
    "signature_stale": (
        "签名时间超出五分钟，请校准时钟后重新签名",
        "The signature is older or newer than five minutes; set the clock and sign again.",
    ),
    "signature_refused": (
        "签名无效：发送方、密钥、签名内容或报文摘要不符",
        "The signature is not valid: sender, key, covered components or digest do not fit.",
    ),
    "request_repeated": (
        "该请求已经收到过，请用新的 nonce 重新签名",
        "This request was received before; sign again with a new nonce.",
    ),
    "not_found": ("没有该地址或该办件", "There is no such address or task."),
    "method_not_allowed": ("该地址不支持此方法", "This address does not answer that method."),
    "contradicts_earlier": (
        "该编号已用于内容不同的另一条，未作任何改动",
        "This id was used for something else before; nothing was changed.",
    ),
    "too_large": ("报文过大", "The body is too large."),
    "not_json": ("请用 application/json 发送", "Send application/json."),
    "not_events": (
        "请用 application/cloudevents+json 或 application/cloudevents-batch+json 发送",
        "Send application/cloudevents+json or application/cloudevents-batch+json.",
    ),
    "wrong_fields": ("有字段不符合要求", "Some fields are not as agreed."),
    "too_many": (
        "今日查询次数已用完，请明日再查",
        "The questions of this day are used up; ask again tomorrow.",
    ),
    "internal": ("系统内部错误，已记录", "Something went wrong here and was recorded."),
    "out_of_order": ("系统暂时不可用，请稍后再试", "Out of order for the moment; try again later."),
}

RETRY_AFTER_SECONDS: Mapping[str, int] = {"out_of_order": 5, "too_many": 3600}

_FIELD_SENTENCES: Mapping[str, str] = {
    "missing": "缺少该字段",
    "extra_forbidden": "没有这个字段",
    "literal_error": "不是允许的代码",
    "string_type": "应为文本",
    "string_too_long": "文本过长",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "格式不符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "uuid_parsing": "不是合法的标识",
    "uuid_type": "不是合法的标识",
    "timezone_aware": "时间必须带时区",
    "datetime_from_date_parsing": "不是合法的时间",
    "datetime_parsing": "不是合法的时间",
    "moment": "应为带时区的时间文本（ISO 8601）",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_attributes_type": "应为对象",
    "model_type": "应为对象",
    "too_long": "条目过多",
    "too_short": "条目过少",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
}


class RefusedRequestError(Exception):
    """A request that is answered with an error of the model."""

    def __init__(self, code: str, fields: Iterable[FieldError] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.fields = tuple(fields)


def error_response(code: str, fields: Iterable[FieldError] = ()) -> HttpResponse:
    """The answer for an error code of the table above."""
    zh, en = SENTENCES[code]
    body = Error(error=code, message=zh, message_en=en, fields=list(fields))
    response = JsonResponse(
        body.model_dump(), status=STATUS[code], json_dumps_params={"ensure_ascii": False}
    )
    if code in RETRY_AFTER_SECONDS:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS[code])
    return response


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """What pydantic found, without the values it found it in."""
    found = []
    for error in errors:
        # The first part is the source; of a body the second is what it is called in our code.
        source, *place = (str(part) for part in error["loc"])
        place = place[1:] if source == "body" else place
        kind = str(error["type"])
        found.append(
            FieldError(
                field=".".join(place),
                message=_FIELD_SENTENCES.get(kind, "不符合要求"),
                message_en=str(error["msg"])[:200],
            )
        )
    return found[:50]
