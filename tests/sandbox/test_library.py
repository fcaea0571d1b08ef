"""The pretend certificate library: each row once, what is wrong refused, all of it shown."""

from typing import Any

import flask
import pytest

from sandbox.numbers import certificate_identifier
from tests.sandbox.conftest import Node

IDENTIFIER = certificate_identifier(
    type_code="110000000000000000001", issuer="340100", serial="0123456789ABCDEF"
)
ROW = {
    "id": "r1",
    "证照名称": "出生医学证明",
    "证照类型代码": "110000000000000000001",
    "电子证照标识": IDENTIFIER,
    "持证主体": "李小满",
    "颁发机构": "示例医院",
    "颁发机构代码": "340100",
    "颁发日期": "2026-11-21",
    "证照所属管辖属地编码": "340100",
    "证照状态": "有效",
    "操作类型": "新增",
}


def put(node: Node, *rows: Any) -> Any:
    return node.post("/library/UP_LIC_DATA", {"rows": list(rows)}).json


def test_a_row_is_collected_once_and_the_newest_state_stands(node: Node, app: flask.Flask) -> None:
    assert put(node, ROW)["accepted"] == ["r1"]
    ended = ROW | {"id": "r2", "证照状态": "已注销", "操作类型": "注销"}
    assert put(node, ended, ROW) == {"accepted": ["r2", "r1"], "refused": []}
    (found,) = app.test_client().get("/library/certificates.json").json["certificates"]
    assert (found["电子证照标识"], found["证照状态"]) == (IDENTIFIER, "已注销")


@pytest.mark.parametrize(
    "change",
    [
        {"电子证照标识": IDENTIFIER[:-1] + "#"},
        {"电子证照标识": "1.2.3"},
        {"持证主体": ""},
        {"证照状态": "遗失"},
        {"颁发机构代码": None},
    ],
)
def test_a_wrong_row_is_refused_by_its_id(node: Node, change: dict[str, Any]) -> None:
    assert put(node, ROW | change) == {"accepted": [], "refused": ["r1"]}


def test_nobody_collects_without_a_signature(node: Node, app: flask.Flask) -> None:
    assert app.test_client().post("/library/UP_LIC_DATA", json={"rows": [ROW]}).status_code == 401
    assert node.post("/library/UP_LIC_DATA", {"rows": []}).status_code == 422
