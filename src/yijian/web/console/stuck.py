"""卡在哪里: whose turn every open task is, since when, until when and why; and urging from there."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts, reach, urging
from yijian.domain.context import RefusedError
from yijian.domain.states import TaskState
from yijian.records import stuck
from yijian.records.people import StaffRole
from yijian.records.stuck import FAMILY, OFFICE, PARTNER, REGISTER, US, Asked, StuckLine, TurnCount
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.console.naming import office_title, way_title
from yijian.web.console.supervision_words import number
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.lines import left_of, span, state_title

PAGE_SIZE = 50
ROLES = (StaffRole.SUPERVISOR, StaffRole.OPERATOR, StaffRole.ROUTING)
URGING = frozenset({StaffRole.SUPERVISOR, StaffRole.OPERATOR})
TURNS = {
    OFFICE: _("办理机构"),
    FAMILY: _("家庭"),
    PARTNER: _("对方系统"),
    US: _("我们（没有机构）"),
    REGISTER: _("数据源（等分娩信息）"),
}
WHY_NOT = {
    "not_yours": _("不在您的范围内"),
    "not_their_turn": _("不轮到机构"),
    "urged_already": _("今天已经催过"),
}


@desk_page("GET", "POST", roles=ROLES)
def overview(desk: Desk) -> HttpResponse:
    """The counts for each turn and one page of the list; a batch of them may be urged."""
    if desk.request.method == "POST":
        return _urge(desk)
    given = desk.request.GET
    offices = _offices(desk)
    asked = Asked(
        offices=_chosen(offices, given.get("office", "").strip()),
        turn=given.get("turn", "") if given.get("turn") in TURNS else "",
        item=given.get("item", "") if given.get("item") in _items() else "",
        late=given.get("late") == "1",
        after=given.get("after", "")[:100],
    )
    try:
        found, after = _page(asked, offices, desk)
    except ValueError:
        found, after = _page(Asked(offices=asked.offices), offices, desk)
    kept = {"turn": asked.turn, "item": asked.item, "office": given.get("office", "")[:60]}
    kept |= {"late": "1" if asked.late else "", "after": after}
    return desk.page(
        "console/stuck.html",
        {
            "counts": [_count(one, desk) for one in stuck.counts(offices=offices, now=desk.now)],
            "rows": [_row(line, desk) for line in found],
            "asked": asked,
            "office": given.get("office", "")[:60],
            "items": sorted(_items().items()),
            "turns": TURNS.items(),
            "following": f"?{urlencode({k: v for k, v in kept.items() if v})}" if after else "",
            "may_urge": bool(desk.visitor.roles & URGING),
            "may_route": desk.visitor.works_as(StaffRole.ROUTING),
            "largest": urging.LARGEST_BATCH,
            "address": desk.request.get_full_path(),
        },
        current="stuck",
    )


def _page(asked: Asked, offices: list[str] | None, desk: Desk) -> tuple[list[StuckLine], str]:
    if asked.turn == REGISTER:
        if offices is not None:
            return [], ""
        return stuck.waiting_for_births(after=asked.after, limit=PAGE_SIZE)
    return stuck.lines(asked=asked, limit=PAGE_SIZE, now=desk.now)


def _offices(desk: Desk) -> list[str] | None:
    """The offices whose tasks this visitor sees; None for all of them."""
    return reach.offices_of(reach.scope_of(desk.visitor, ROLES))


def _chosen(offices: list[str] | None, wanted: str) -> list[str] | None:
    """Of these the one with a code, or those with a word in their title."""
    if not wanted:
        return offices
    named = [
        office.code
        for office in contexts.directory().offices
        if wanted == office.code or wanted in office.title.zh or wanted in office.title.en
    ]
    return [code for code in named if offices is None or code in set(offices)]


def _items() -> dict[str, str]:
    return {i.code: worded(i.title) for pack in contexts.packs() for i in pack.items.values()}


def _count(one: TurnCount, desk: Desk) -> dict[str, object]:
    return {
        "turn": one.turn,
        "title": TURNS[one.turn],
        "tasks": number(one.tasks),
        "late": number(one.late) if one.late else "",
        "oldest": span(desk.now - one.oldest_at) if one.oldest_at else "",
        "url": f"?turn={one.turn}",
    }


def _row(line: StuckLine, desk: Desk) -> dict[str, object]:
    pack = contexts.pack_of(line.pack_digest)
    item = pack.items.get(line.item)
    paused = line.turn == FAMILY
    late = line.due_at is not None and line.due_at <= desk.now and not paused
    if line.turn == REGISTER:
        return {
            "id": line.id,
            "number": line.number,
            "item": gettext("整件事"),
            "turn": TURNS[REGISTER],
            "who": office_title(line.office) if line.office else gettext("助产机构"),
            "since": span(desk.now - line.since),
            "why": gettext("还查不到分娩信息"),
        }
    return {
        "id": line.id,
        "number": line.number,
        "item": worded(item.title) if item else line.item,
        "turn": TURNS[line.turn],
        "who": _who(line),
        "since": span(desk.now - line.since),
        "since_at": shown_moment(line.since),
        "left": left_of(line.due_at, paused, desk.now),
        "late": late,
        "due": shown_moment(line.due_at) if line.due_at else "",
        "why": _why(line),
        "urged": span(desk.now - line.urged_at) if line.urged_at else "",
        "may_urge": line.turn in (OFFICE, PARTNER) and desk.visitor.roles & URGING,
    }


def _who(line: StuckLine) -> str:
    if not line.office:
        return ""
    channel, _, participant = line.channel.partition(":")
    title = office_title(line.office)
    return f"{title} · {way_title(channel, participant)}" if line.turn == PARTNER else title


def _why(line: StuckLine) -> str:
    if line.turn == US:
        return gettext("找不到办理机构，等人指定")
    if line.state == TaskState.CORRECTION_NEEDED.value:
        return gettext("等家庭补正")
    if line.turn == FAMILY or line.asked > 0:
        return gettext("请家庭做一件事，还没有做")
    return state_title(TaskState(line.state))


def _urge(desk: Desk) -> HttpResponse:
    """Urge what was chosen, say what became of it, and go back to the same list."""
    chosen = []
    for text in desk.request.POST.getlist("task")[: urging.LARGEST_BATCH + 1]:
        try:
            chosen.append(UUID(text))
        except ValueError:
            continue
    if not chosen:
        messages.error(desk.request, gettext("先选要催办的。"))
        return HttpResponseRedirect(_back(desk))
    try:
        done = urging.urge(by=desk.user, task_ids=chosen, now=desk.now)
    except RefusedError:
        messages.error(
            desk.request,
            gettext("一次最多催办 %(most)s 件。") % {"most": urging.LARGEST_BATCH},
        )
        return HttpResponseRedirect(_back(desk))
    if done.told:
        said = ngettext("催办了 %(told)s 件。", "催办了 %(told)s 件。", done.told)
        messages.success(desk.request, said % {"told": done.told})
    for code, count in done.refused.items():
        messages.warning(
            desk.request,
            gettext("%(count)s 件没有催：%(why)s。") % {"count": count, "why": WHY_NOT[code]},
        )
    return HttpResponseRedirect(_back(desk))


def _back(desk: Desk) -> str:
    """The list as it was, and nowhere else."""
    here = reverse("console_stuck")
    asked = desk.request.POST.get("back", "")
    return asked if asked.startswith(f"{here}?") and "\n" not in asked else here
