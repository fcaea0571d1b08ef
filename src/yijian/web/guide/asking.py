"""查指南: a question in somebody's own words, answered with the pack's clauses or not at all.

Nothing that was asked is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yijian.actions import contexts
from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.packs.guides import Speaker
from yijian.packs.guides.questions import asked
from yijian.packs.guides.searching import LONGEST, Found, search
from yijian.web.applicant.values import basis_text, worded
from yijian.web.pages import show

MOST = 4
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as the page shows it: in which scheme, the question, what it says, on what."""

    scheme: str
    pack: str
    question: str
    lines: tuple[str, ...]
    basis: str


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """The question, and what the chosen scheme, or every scheme of this node, says to it."""
    question = " ".join(request.GET.get("q", "").split())[:LONGEST]
    schemes = {pack.code: worded(pack.title) for pack in contexts.offered()}
    chosen = request.GET.get("pack", "")
    chosen = chosen if chosen in schemes else ""
    wanted = [chosen] if chosen else list(schemes)
    return show(
        request,
        "guide/ask.html",
        {
            "question": question,
            "longest": LONGEST,
            "schemes": schemes.items() if len(schemes) > 1 else (),
            "chosen": chosen,
            "answers": _answers(wanted, question) if question else [],
            "examples": _examples(wanted) if not question else [],
        },
    )


def _answers(codes: Iterable[str], question: str) -> list[Answer]:
    """What fits best first; of several schemes each with the best that it says."""
    found: list[tuple[float, Answer]] = []
    running = list(codes)
    for code in running:
        context = contexts.current_context(code)
        known = [one for one in asked(_speaker(context), _today()) if one.bases]
        for one in search(known, question, most=1 if len(running) > 1 else MOST):
            found.append((one.share, _answer(context, one)))
    found.sort(key=lambda pair: -pair[0])
    return [answer for _, answer in found]


def _answer(context: Context, found: Found) -> Answer:
    said = found.question
    return Answer(
        scheme=worded(context.pack.title),
        pack=context.pack.code,
        question=said.question,
        lines=tuple(said.answer.splitlines()),
        basis=basis_text(context, *said.bases),
    )


def _examples(codes: list[str]) -> list[str]:
    """A few questions that surely have an answer: one of every kind the first scheme knows."""
    if not codes:
        return []
    context = contexts.current_context(codes[0])
    known = [one.question for one in asked(_speaker(context), _today()) if one.bases]
    step = max(1, len(known) // EXAMPLES)
    return known[::step][:EXAMPLES]


def _speaker(context: Context) -> Speaker:
    english = (get_language() or "").startswith("en")
    return Speaker(context.pack, "en" if english else "zh")


def _today() -> date:
    return local_day(timezone.now())
