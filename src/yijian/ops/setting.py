"""制作文书: the documents that wait are set, a few at a time, outside any transaction.

A document is claimed, set, and its outcome written by one action. Whatever ends the worker in
between, the claim runs out and the document is claimed again, then alone: it may have been the one.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from yijian.actions import documents as actions
from yijian.actions import training
from yijian.documents.making import Made, Sealing, make
from yijian.documents.seals import SealRefusedError
from yijian.documents.typesetting import MissingGlyphError, TypesettingError
from yijian.ops import sealing
from yijian.ops.outside import next_attempt
from yijian.records import documents
from yijian.records.documents import Claimed, Settled

BATCH = 8
MOST_BATCHES = 200
MOST_ATTEMPTS = 6
"""Then a person must look, who may let it be tried again."""
PAUSE = timedelta(seconds=30)
"""For what is full or away and comes back by itself."""
_log = logging.getLogger(__name__)

Maker = Callable[[Claimed], Made]


def set_documents(maker: Maker | None = None) -> int:
    """Set every document that waits; how many were issued."""
    issued = 0
    for _ in range(MOST_BATCHES):
        now = timezone.now()
        claimed = documents.claim(limit=BATCH, now=now)
        claimed = claimed or documents.claim(limit=1, now=now, tried=True)
        if not claimed:
            break
        fates = [_fate(one, maker or _made, now) for one in claimed]
        issued += actions.finish(fates, now=timezone.now())
    return issued


def _made(claimed: Claimed) -> Made:
    assert claimed.content is not None
    seal = None
    if claimed.sealed_by:
        seal = Sealing(claimed.sealed_by, sealing.provider(), timezone.now())
    return make(training.marked(claimed.content), sealing=seal, fonts=settings.YIJIAN.fonts_dir)


def _fate(claimed: Claimed, maker: Maker, now: datetime) -> Settled:
    """What becomes of one document; nothing that happens to it touches the others."""
    if claimed.content is None:
        return Settled(claimed.id, claimed.case_id, documents.FAILED, problem="forgotten")
    if claimed.attempts > MOST_ATTEMPTS:
        return Settled(claimed.id, claimed.case_id, documents.FAILED, problem="given_up")
    try:
        made = maker(claimed)
    except MissingGlyphError:
        return _for_a_person(claimed, "missing_glyph")
    except TypesettingError:
        return _for_a_person(claimed, "cannot_be_set")
    except SealRefusedError as refused:
        if refused.passing:
            return _waits(claimed, "no_seal_yet", now)
        return _for_a_person(claimed, "no_seal")
    except (OSError, MemoryError) as fault:
        return _waits(claimed, type(fault).__name__, now)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:
        # The compiler panics with what is no Exception.
        _log.error("document %s was not set: %s", claimed.id, _where(fault))
        return Settled(
            claimed.id,
            claimed.case_id,
            documents.TO_SET,
            problem=type(fault).__name__,
            not_before=next_attempt(claimed.attempts, now),
        )
    files = {name: actions.file(data) for name, data in made.files.items()}
    return Settled(
        claimed.id,
        claimed.case_id,
        documents.READY,
        files=files,
        pages=made.pages,
        problem=made.problem,
    )


def _where(fault: BaseException) -> str:
    """The kind of a fault and the line it comes from; its words may quote the document."""
    frames = traceback.extract_tb(fault.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(fault).__name__ + place


def _waits(claimed: Claimed, problem: str, now: datetime) -> Settled:
    """Not the document's fault: it is tried again for as long as that lasts."""
    _log.warning("document %s waits: %s", claimed.id, problem)
    return Settled(
        claimed.id,
        claimed.case_id,
        documents.TO_SET,
        problem=problem,
        not_before=now + PAUSE,
        counts=False,
    )


def _for_a_person(claimed: Claimed, problem: str) -> Settled:
    _log.warning("document %s needs a person: %s", claimed.id, problem)
    state = documents.NEEDS_PERSON if problem == "missing_glyph" else documents.FAILED
    return Settled(claimed.id, claimed.case_id, state, problem=problem)
