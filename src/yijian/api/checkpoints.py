"""见证: the newest signed checkpoint of this journal, and the door where partners show theirs.

A witness answers with its signature (C2SP tlog-cosignature) when what it is shown continues
everything it has seen before; when not, it keeps what it was shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import BaseModel, Field, StrictInt

from yijian.actions import witnessing
from yijian.actions.witnessing import Judged, Shown
from yijian.api.errors import Error, FieldError, RefusedRequestError
from yijian.api.senders import sender_of
from yijian.api.shapes import Received
from yijian.domain.context import RefusedError
from yijian.records import exchange, journal, witnesses
from yijian.records.witnesses import Root

router = Router(tags=["checkpoints"])
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[StrictInt, Field(ge=0, le=1 << 62)]


class CheckpointIn(Received):
    """Your newest checkpoint: origin, size, root, and your Ed25519 signature of its text.

    The text is `origin`, the size and the root in base64, a line each. `proof` (RFC 6962) shows
    that it continues the tree of `since` leaves, the last that you know this node has seen.
    """

    origin: Annotated[str, Field(max_length=100)]
    size: Size
    root: Hash
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]
    since: Size = 0
    proof: Annotated[list[Hash], Field(max_length=witnessing.LONGEST_PROOF)] = []


class SeenOut(BaseModel):
    """见过的根: a root of your journal as this node has seen it, with its cosignature."""

    origin: str
    size: int
    root: str
    seen_at: datetime
    cosignature: str


class JudgedOut(BaseModel):
    """见证结论.

    `cosigned`: `held` is what you showed, signed. `proof_wanted`: show it again with `since` =
    `held.size`. `rolled_back` and `inconsistent`: it does not continue `held`; it is kept.
    """

    verdict: Literal["cosigned", "proof_wanted", "rolled_back", "inconsistent"]
    held: SeenOut | None


class CosignatureOut(BaseModel):
    """What another node signed about the checkpoint."""

    witness: str
    seen_at: datetime
    signature: str


class CheckpointOut(BaseModel):
    """检查点: a signed root of this node's journal."""

    origin: str
    size: int
    root: str
    signature: str
    at: datetime
    cosignatures: list[CosignatureOut]


class LatestOut(BaseModel):
    """The newest checkpoint here, and the newest of yours that this node has seen."""

    checkpoint: CheckpointOut | None
    held: SeenOut | None


@router.get(
    "/checkpoints/latest",
    response={200: LatestOut, 401: Error},
    operation_id="latestCheckpoint",
    summary="最新检查点 · The newest signed root",
)
def latest(request: HttpRequest) -> LatestOut:
    """Nothing in it is personal: sizes, roots and signatures."""
    return LatestOut(checkpoint=_newest(), held=_held(sender_of(request).code))


def _newest() -> CheckpointOut | None:
    newest = journal.latest_checkpoint()
    if newest is None:
        return None
    return CheckpointOut(
        origin=newest.origin,
        size=newest.size,
        root=newest.root.hex(),
        signature=newest.signature.hex(),
        at=newest.at,
        cosignatures=[
            CosignatureOut(
                witness=each.witness,
                seen_at=each.seen_at,
                signature=bytes(each.signature).hex(),
            )
            for each in witnesses.cosignatures(size=newest.size)
        ],
    )


def _held(code: str) -> SeenOut | None:
    found = witnessing.told(witnesses.newest_seen(code))
    return None if found is None else SeenOut.model_validate(found)


@router.post(
    "/checkpoints",
    response={200: JudgedOut, 400: Error, 401: Error, 413: Error, 422: Error},
    operation_id="showCheckpoint",
    summary="出示检查点 · Have a checkpoint witnessed",
)
def show(request: HttpRequest, shown: CheckpointIn) -> JudgedOut:
    """A checkpoint that was seen already is answered with the signature of the first time."""
    partner = exchange.partner(sender_of(request).code)
    if partner is None:
        raise RefusedRequestError("signature_refused")
    try:
        judged = witnessing.judge(partner, _shown(shown), now=timezone.now())
    except RefusedError as refused:
        name = refused.code.removeprefix("wrong_")
        wrong = FieldError(field=name, message="不符合要求", message_en="not as signed")
        raise RefusedRequestError("wrong_fields", [wrong]) from None
    return _out(judged)


def _shown(shown: CheckpointIn) -> Shown:
    return Shown(
        Root(shown.origin, shown.size, bytes.fromhex(shown.root)),
        bytes.fromhex(shown.signature),
        shown.since,
        tuple(bytes.fromhex(each) for each in shown.proof),
    )


def _out(judged: Judged) -> JudgedOut:
    found = witnessing.told(judged.held)
    held = None if found is None else SeenOut.model_validate(found)
    return JudgedOut.model_validate({"verdict": judged.verdict, "held": held})
