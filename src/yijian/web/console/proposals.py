"""双人议决: what waits for a second person, what was decided, and the page on which one decides."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import proposals
from yijian.actions.proposing import ProposalRefusedError
from yijian.records import proposals as records
from yijian.records.people import StaffRole
from yijian.records.proposals import Proposal
from yijian.web.applicant.values import shown_moment
from yijian.web.console.grids import Cell, grid
from yijian.web.console.naming import Names
from yijian.web.console.proposal_words import STATES, kind_words, lines_of, title_of
from yijian.web.console.refusals import sentence_of
from yijian.web.desk.doors import Desk, desk_page

ROLES = tuple(
    sorted(
        proposals.READING.union(
            *(kind.proposers | kind.deciders for kind in proposals.KINDS.values())
        ),
        key=list(StaffRole).index,
    )
)


@desk_page("GET", roles=ROLES)
def overview(desk: Desk) -> HttpResponse:
    """Those that wait, the oldest first, and the latest that were decided."""
    sight = proposals.sight_of(desk.visitor)
    open_ones, done = records.waiting(sight), records.decided(sight)
    names = Names(who for one in [*open_ones, *done] for who in (one.proposed_by, one.decided_by))
    heads = [gettext("是什么"), gettext("种类"), gettext("谁提出"), gettext("什么时候"),
             gettext("轮到谁")]  # fmt: skip
    past = [*heads[:4], gettext("结果"), gettext("谁决定")]
    return desk.page(
        "console/proposals.html",
        {
            "waiting": grid(
                gettext("等人决定"),
                heads,
                ([*_start(one, names), _turn(desk, one)] for one in open_ones),
            ),
            "done": grid(
                gettext("已经决定"),
                past,
                ([*_start(one, names), _state(one), names.of(one.decided_by)] for one in done),
            ),
            "most_waiting": len(open_ones) if len(open_ones) == records.WAITING_AT_ONCE else 0,
            "most_done": len(done) if len(done) == records.DECIDED_AT_ONCE else 0,
        },
        current="proposals",
    )


def _start(one: Proposal, names: Names) -> list[Cell | str]:
    return [
        Cell(title_of(one), url=reverse("console_proposal", args=[one.id])),
        kind_words(one.kind),
        names.of(one.proposed_by),
        shown_moment(one.proposed_at),
    ]


def _state(one: Proposal) -> Cell:
    words, tone = STATES[one.state]
    return Cell(str(words), tone=tone)


def _turn(desk: Desk, one: Proposal) -> Cell:
    if one.proposed_by == desk.visitor.staff:
        return Cell(gettext("您提出的，等另一个人"), tone="warn")
    if one.decidable:
        return Cell(gettext("轮到您"), tone="bad")
    return Cell(gettext("等有权的人"), tone="warn")


@desk_page("GET", "POST", roles=ROLES)
def one(desk: Desk, proposal_id: UUID) -> HttpResponse:
    """One proposal: what would change, why, and the buttons of whoever may decide."""
    found = records.one(proposal_id, sight=proposals.sight_of(desk.visitor))
    if found is None:
        return desk.absent()
    problem = ""
    if desk.request.method == "POST":
        problem = _decide(desk, found)
        if not problem:
            return HttpResponseRedirect(reverse("console_proposals"))
    names = Names([found.proposed_by, found.decided_by])
    words, tone = STATES[found.state]
    return desk.page(
        "console/proposal.html",
        {
            "one": found,
            "title": title_of(found),
            "kind": kind_words(found.kind),
            "state": words,
            "tone": tone,
            "lines": lines_of(found),
            "proposed_by": names.of(found.proposed_by),
            "proposed_from": names.office_of(found.proposed_by),
            "proposed_at": shown_moment(found.proposed_at),
            "decided_by": names.of(found.decided_by) if found.decided_by else "",
            "decided_at": shown_moment(found.decided_at) if found.decided_at else "",
            "own": found.proposed_by == desk.visitor.staff,
            "is_open": found.state == records.OPEN,
            "may_decide": found.state == records.OPEN and found.decidable,
            "problem": problem,
        },
        current="proposals",
    )


def _decide(desk: Desk, found: Proposal) -> str:
    """Do what was pressed; the sentence of why it was not done."""
    do = desk.request.POST.get("do", "")
    try:
        if do == "accept":
            digest = desk.request.POST.get("digest", "")
            proposals.accept(by=desk.user, proposal_id=found.id, digest=digest, now=desk.now)
            messages.success(desk.request, gettext("已经同意，到日子就生效。"))
        elif do == "decline":
            proposals.decline(by=desk.user, proposal_id=found.id, now=desk.now)
            messages.success(desk.request, gettext("没有同意，什么都没有改变。"))
        elif do == "withdraw":
            proposals.withdraw(by=desk.user, proposal_id=found.id, now=desk.now)
            messages.success(desk.request, gettext("已经撤回。"))
        else:
            return gettext("没有这一步。")
    except ProposalRefusedError as refused:
        return sentence_of(refused)
    return ""
