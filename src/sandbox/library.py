"""The province's certificate library (电子证照库): collects what nodes issue, version by version."""

from typing import Any

import flask

from sandbox.doors import Answer, Refused, json_object, machine_door
from sandbox.numbers import check_character_37_36
from sandbox.world import local_text, now, world

blueprint = flask.Blueprint("library", __name__, url_prefix="/library")

ROOT = "1.2.156.3005.2."
REQUIRED = (
    "证照名称",
    "证照类型代码",
    "电子证照标识",
    "持证主体",
    "颁发机构",
    "颁发机构代码",
    "颁发日期",
    "证照所属管辖属地编码",
    "证照状态",
    "操作类型",
)
STATES = ("有效", "已换发", "已注销")
MOST_ROWS = 100


def is_identifier(text: object) -> bool:
    """Say whether an identifier has its parts and the right check character."""
    parts = str(text).removeprefix(ROOT).split(".")
    if not str(text).startswith(ROOT) or len(parts) != 5:
        return False
    try:
        return check_character_37_36("".join(parts[:4])) == parts[4]
    except ValueError:
        return False


def is_right(row: dict[str, Any]) -> bool:
    """Say whether a row can be collected."""
    known = all(isinstance(row.get(name), str) and row[name] for name in REQUIRED)
    return known and row["证照状态"] in STATES and is_identifier(row["电子证照标识"])


@blueprint.post("/UP_LIC_DATA")
@machine_door("library")
def collect() -> Answer:
    """Take in rows; one that comes twice changes nothing, one that is wrong is refused."""
    here, rows = world(), json_object().get("rows")
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_ROWS:
        raise Refused(422, "wrong_rows", "rows 应为 1 至 100 行", "rows must be 1 to 100 rows")
    accepted, refused = [], []
    for row in rows:
        identifier = str(row.get("id", "")) if isinstance(row, dict) else ""
        if not identifier or not is_right(row):
            refused.append(identifier)
            continue
        accepted.append(identifier)
        if here.store.put_new("library_rows", identifier, {**row, "at": local_text(now())}):
            here.store.put("library", str(row["电子证照标识"]), dict(row))
    return {"accepted": accepted, "refused": refused}, 200


@blueprint.get("/certificates.json")
def certificates() -> flask.Response:
    """Answer with every certificate as it stands, to be compared with the node's own."""
    return flask.jsonify({"certificates": world().store.documents("library")})
