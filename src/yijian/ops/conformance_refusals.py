"""签名检查: requests with one fault each, which a department's system must refuse and ignore.

Each is followed by a faultless request that must be taken: a door that refuses everything is no
safe door but a closed one.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from yijian.ops.conformance import Check, Steps, Words, check, expect
from yijian.ops.conformance_rig import Rig
from yijian.ops.conformance_wire import Answer, Faults, Identity, send

CHECKS: list[Check] = []
WINDOW_SECONDS = 300
REFUSED = (401, 403)
_OTHER = b'[{"specversion":"1.0"}]'


def _faulty(
    code: str,
    did: tuple[str, str],
    mend: tuple[str, str],
    faults: Callable[[Rig], Faults],
    who: Callable[[Rig], Identity] = lambda rig: rig.identity,
) -> None:
    @check(
        CHECKS,
        code,
        group="refusals",
        did=did,
        expected=(
            "401，且什么也不改变；随后的正确请求被接受",
            "401 and nothing changes; the correct request after it is taken",
        ),
        mend=mend,
    )
    def steps(rig: Rig) -> Steps:
        forged, control = rig.task(code), rig.task(f"{code}-control")
        made = rig.request([rig.event(forged)], faults=faults(rig), identity=who(rig))
        answer = send(rig.client, made)
        _refused(answer)
        rig.give(control)
        yield from rig.until_reported(control)
        yield rig.settle()
        said = rig.states(forged)
        expect(not said, f"拒绝后仍办理了：{said}", f"refused, and still worked on it: {said}")
        return Words.same(f"{answer.status}; control completed")


def _refused(answer: Answer) -> None:
    fine = answer.status in REFUSED
    expect(fine, f"回答 {answer.shown}", f"the answer is {answer.shown}")


_faulty(
    "unsigned",
    ("发送没有签名的事件", "sent an event without a signature"),
    (
        "没有 Signature、Signature-Input 的请求一律 401",
        "answer 401 to requests without Signature and Signature-Input",
    ),
    lambda rig: Faults(unsigned=True),
)
_faulty(
    "another-key",
    ("用另一把私钥冒充本节点签名", "signed in the node's name with another key"),
    (
        "用登记的节点公钥验证 Ed25519 签名",
        "verify the Ed25519 signature with the node's registered public key",
    ),
    lambda rig: Faults(),
    lambda rig: rig.identity.with_another_key(),
)
_faulty(
    "unknown-sender",
    ("用没有登记的 keyid 签名", "signed under a keyid that nobody has registered"),
    ("只接受登记过的 keyid", "accept registered keyids only"),
    lambda rig: Faults(),
    lambda rig: Identity(f"stranger-{uuid.uuid4().hex[:8]}", rig.identity.with_another_key().key),
)
_faulty(
    "altered-body",
    (
        "签名之后改动报文，摘要头按旧报文",
        "changed the body after it was signed; the digest is the old one",
    ),
    (
        "对收到的原始字节计算 SHA-256，与已签名的 Content-Digest 比较",
        "compare the SHA-256 of the bytes received with the signed Content-Digest",
    ),
    lambda rig: Faults(signed_body=_OTHER),
)
_faulty(
    "altered-digest",
    (
        "签名之后改动报文，并换上新的摘要头",
        "changed the body after it was signed, and its digest header too",
    ),
    (
        "验证签名时使用收到的 Content-Digest 值",
        "verify the signature over the Content-Digest that was received",
    ),
    lambda rig: Faults(signed_body=_OTHER, sent_digest="sha-256=:" + "A" * 43 + "=:"),
)
_faulty(
    "stale",
    ("六分钟前的签名", "a signature made six minutes ago"),
    (
        "created 与本机时钟相差超过五分钟的拒绝",
        "refuse when created is more than five minutes from your clock",
    ),
    lambda rig: Faults(created_off=-WINDOW_SECONDS - 60),
)
_faulty(
    "from-the-future",
    ("六分钟后的签名", "a signature dated six minutes ahead"),
    (
        "created 在将来超过五分钟的同样拒绝",
        "refuse when created is more than five minutes ahead as well",
    ),
    lambda rig: Faults(created_off=WINDOW_SECONDS + 60),
)
_faulty(
    "no-created",
    ("签名没有 created", "a signature without created"),
    ("签名参数必须有 created", "require the parameter created"),
    lambda rig: Faults(without="created"),
)
_faulty(
    "no-nonce",
    ("签名没有 nonce", "a signature without a nonce"),
    ("签名参数必须有 nonce", "require the parameter nonce"),
    lambda rig: Faults(without="nonce"),
)
_faulty(
    "body-not-covered",
    ("签名没有覆盖 content-digest", "the signature does not cover content-digest"),
    (
        "有报文体时必须覆盖 content-digest",
        "with a body, require content-digest among the covered components",
    ),
    lambda rig: Faults(leave_out="content-digest"),
)
_faulty(
    "type-not-covered",
    ("签名没有覆盖 content-type", "the signature does not cover content-type"),
    (
        "有报文体时必须覆盖 content-type",
        "with a body, require content-type among the covered components",
    ),
    lambda rig: Faults(leave_out="content-type"),
)
_faulty(
    "target-not-covered",
    ("签名没有覆盖 @target-uri", "the signature does not cover @target-uri"),
    (
        "必须覆盖 @target-uri，否则签名可以挪到别的地址",
        "require @target-uri, else a signature can be used at another address",
    ),
    lambda rig: Faults(leave_out="@target-uri"),
)
_faulty(
    "method-not-covered",
    ("签名没有覆盖 @method", "the signature does not cover @method"),
    ("必须覆盖 @method", "require @method"),
    lambda rig: Faults(leave_out="@method"),
)
_faulty(
    "another-address",
    ("为另一个地址做的签名", "a signature made for another address"),
    (
        "用收到请求的完整地址重算签名基串",
        "rebuild the signature base from the full address that was asked",
    ),
    lambda rig: Faults(signed_url=f"{rig.base}/another"),
)
_faulty(
    "another-method",
    ("为另一种方法做的签名", "a signature made for another method"),
    ("用收到请求的方法重算签名基串", "rebuild the signature base from the method that was asked"),
    lambda rig: Faults(signed_method="PUT"),
)


@check(
    CHECKS,
    "replayed",
    group="refusals",
    did=(
        "原样重放一个签名正确的请求；又用它的 nonce 签另一个请求",
        "repeated a correctly signed request as it was; and used its nonce for another",
    ),
    expected=(
        "第一次接受，之后两次 401；换 nonce 重发同一事件则接受",
        "taken the first time, 401 twice after; the same event with a new nonce is taken",
    ),
    mend=(
        "按发送方记住用过的 nonce 至少十分钟",
        "keep the nonces of each sender for at least ten minutes",
    ),
)
def replayed(rig: Rig) -> Steps:
    """A nonce counts once."""
    data, other = rig.task("replayed"), rig.task("replayed-nonce")
    event, nonce = rig.event(data), str(uuid.uuid4())
    request = rig.request([event], faults=Faults(nonce=nonce))
    rig.taken(send(rig.client, request), [event])
    again = send(rig.client, request)
    _refused(again)
    _refused(rig.post([rig.event(other)], faults=Faults(nonce=nonce)))
    rig.taken(rig.post([event]), [event])
    yield from rig.until_reported(data)
    yield rig.settle()
    said = rig.states(other)
    expect(not said, f"拒绝后仍办理了：{said}", f"refused, and still worked on it: {said}")
    return Words.same(f"202, {again.status}, 202")


@check(
    CHECKS,
    "cheap-forgery",
    group="refusals",
    did=(
        "伪造的请求用掉一个 nonce，再用同一 nonce 正确签名",
        "forged a request with a nonce, then signed correctly with that nonce",
    ),
    expected=("伪造的 401，正确的接受", "401 for the forgery, the correct one taken"),
    mend=(
        "签名验证通过之后才登记 nonce，否则别人能替你用掉它",
        "record a nonce only once the signature holds, else others can use it up for you",
    ),
)
def cheap_forgery(rig: Rig) -> Steps:
    """A forgery costs its victim nothing."""
    data, nonce = rig.task("cheap-forgery"), f"n-{int(time.time())}-{uuid.uuid4()}"
    event, faults = rig.event(data), Faults(nonce=nonce)
    _refused(rig.post([event], faults=faults, identity=rig.identity.with_another_key()))
    rig.taken(rig.post([event], faults=faults), [event])
    return (yield from rig.until_reported(data))
