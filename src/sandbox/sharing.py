"""The data-sharing gateways (数据共享网关): the same registers behind two other ways of signing.

Every signature is checked to the letter: who asks, for which service, when, and that it was not
used before. What is refused gets the gateways' own answer: HTTP 200 with a code that is not 0.
The secrets lie in the key folder as `sharing-national.secret` and `sharing-tif.secret`.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import flask
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from sandbox import registers
from sandbox.doors import Answer, Refused, meet_trouble
from sandbox.world import World, now, world

blueprint = flask.Blueprint("sharing", __name__, url_prefix="/sharing")

NATIONAL, TIF = "sharing-national", "sharing-tif"
WINDOW = timedelta(minutes=5)
LENT_FOR = timedelta(minutes=30)
_VIEWS: dict[str, Callable[[], Answer]] = {
    "delivery": registers.ask_delivery.__wrapped__,
    "hukou": registers.ask_hukou.__wrapped__,
    "marriage": registers.ask_marriage.__wrapped__,
    "certificates": registers.ask_certificate.__wrapped__,
    "maternity": registers.ask_maternity.__wrapped__,
}


class _NotSigned(Exception):
    """A request that a gateway refuses; the text is the gateway's message."""


def _wrapped(code: int, message: str, data: Any = None) -> flask.Response:
    return flask.jsonify({"code": code, "message": message, "data": data})


def _secret_of(here: World, name: str) -> str:
    file = here.keys.folder / f"{name}.secret"
    if not file.is_file():
        raise _NotSigned("未注册的应用")
    return file.read_text(encoding="ascii").strip()


def _header(name: str) -> str:
    """Return a header; several of one name arrive joined by commas, which none may contain."""
    found = str(flask.request.environ.get("HTTP_" + name.upper().replace("-", "_"), ""))
    if not found or "," in found:
        raise _NotSigned(f"缺少或重复 {name}")
    return found


def _fresh(here: World, moment: datetime, *once: str) -> None:
    if abs(now() - moment) > WINDOW:
        raise _NotSigned("时间戳超出允许范围")
    if not here.store.put_new("sharing_spent", "/".join(once), {"at": now().isoformat()}):
        raise _NotSigned("请求重复")


def _moment(text: str, *, per_second: int) -> datetime:
    if not text.isdigit() or len(text) != 10 + (per_second == 1000) * 3:
        raise _NotSigned("时间戳格式有误")
    return datetime.fromtimestamp(int(text) / per_second, now().tzinfo)


def national_signature(key: str, sid: str, rid: str, rtime: str) -> str:
    """Return what the national gateway expects as signature."""
    made = hmac.new(key.encode(), (sid + rid + rtime).encode(), hashlib.sha256)
    return base64.b64encode(made.digest()).decode()


def _check_national(here: World, key: str, service: str | None) -> str:
    rid, sid = _header("gjgxjhpt_rid"), _header("gjgxjhpt_sid")
    rtime, sign = _header("gjgxjhpt_rtime"), _header("gjgxjhpt_sign")
    if rid != here.settings.node:
        raise _NotSigned("请求者不存在")
    if service is not None and sid != service:
        raise _NotSigned("请求者无权调用该服务")
    if not hmac.compare_digest(sign, national_signature(key, sid, rid, rtime)):
        raise _NotSigned("签名错误")
    _fresh(here, _moment(rtime, per_second=1000), rid, sid, rtime, sign)
    return rid


def sealed_secret(app_key: str, secret: str) -> str:
    """Return a secret as the national gateway hands it out: AES under the application key."""
    seed = hashlib.sha1(app_key.encode(), usedforsecurity=False).digest()
    key = hashlib.sha1(seed, usedforsecurity=False).digest()[:16]
    padder = PKCS7(128).padder()
    padded = padder.update(secret.encode()) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 (their way)
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@blueprint.post("/national/secret")
def lend_secret() -> flask.Response:
    """Lend a secret for half an hour to whoever signs with the application key."""
    here = world()
    try:
        app_key = _secret_of(here, NATIONAL)
        rid = _check_national(here, app_key, None)
    except _NotSigned as refusal:
        return _wrapped(401, str(refusal))
    secret, ends = secrets.token_hex(16), _milliseconds(now() + LENT_FOR)
    here.store.put("sharing_lent", rid, {"secret": secret, "ends": ends})
    here.count("sharing-secret")
    data = {"secret": sealed_secret(app_key, secret), "secretEndTime": ends}
    return _wrapped(0, "成功", data)


@blueprint.post("/national/<service>")
def ask_national(service: str) -> flask.Response:
    """Answer like the register, to whoever signs with the lent secret."""
    here = world()

    def check() -> None:
        lent = here.store.get("sharing_lent", here.settings.node)
        if lent is None or lent["ends"] <= _milliseconds(now()):
            raise _NotSigned("密钥不存在或已过期")
        _check_national(here, lent["secret"], service)

    return _answered(here, service, check)


@blueprint.post("/tif/<service>")
def ask_tif(service: str) -> flask.Response:
    """Answer like the register, to whoever signs with the token."""
    here = world()

    def check() -> None:
        token = _secret_of(here, TIF)
        if _header("x-tif-paasid") != here.settings.node:
            raise _NotSigned("应用不存在")
        timestamp, nonce = _header("x-tif-timestamp"), _header("x-tif-nonce")
        made = hashlib.sha256(f"{timestamp}{token}{nonce}{timestamp}".encode()).hexdigest()
        if not hmac.compare_digest(_header("x-tif-signature"), made):
            raise _NotSigned("签名错误")
        _fresh(here, _moment(timestamp, per_second=1), "tif", nonce)

    return _answered(here, service, check)


def _answered(here: World, service: str, check: Callable[[], None]) -> flask.Response:
    view = _VIEWS.get(service)
    try:
        check()
    except _NotSigned as refusal:
        return _wrapped(401, str(refusal))
    if view is None:
        return _wrapped(404, "服务不存在")
    lost = meet_trouble(here, service)
    try:
        body, _ = view()
    except Refused as refusal:
        return _wrapped(refusal.status, str(refusal.body["message"]))
    if lost:
        return _wrapped(500, "网关超时")
    return _wrapped(0, "成功", body)
