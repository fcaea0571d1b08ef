"""移交: lists of packages for the comprehensive archive, and the receipts it gives."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import transferring
from yijian.actions.transferring import fonds_of
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.records import access, archive_batches
from yijian.records.archive_batches import CARRIED, LARGEST, SENT, Batch
from yijian.web.archive.reading import ROLES, row_of, sent, stamp
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.pages import go

LARGEST_RECEIPT = 1024 * 1024
STATES = {
    "waiting": (_("待发送"), "info"),
    "sending": (_("发送中"), "info"),
    "parked": (_("要人处理"), "bad"),
    "received": (_("已接收"), "good"),
    "differs": (_("有差异"), "bad"),
}
WAYS = {SENT: _("在线移交"), CARRIED: _("载体移交")}
LINES = {
    "waiting": (_("等待回执"), "info"),
    "accepted": (_("已接收"), "good"),
    "refused": (_("未接收"), "bad"),
}
REFUSALS = {
    "nothing_chosen": _("请勾选要移交的档案"),
    "too_many": _("一批不能这么多"),
    "no_archive": _("没有配置档案馆的地址，请用载体移交"),
    "already_handed_over": _("勾选的档案里有已经在别的批次里的，请刷新后再选"),
    "checks_failed": _("勾选的档案里有检测不通过的，请先在阅览室查看"),
    "receipt": _("这不是档案馆为本批次签发的回执"),
}


@desk_page("GET", "POST", roles=ROLES)
def overview(desk: Desk) -> HttpResponse:
    """What may be handed over of a year, and the batches so far."""
    status = 200
    if desk.request.method == "POST":
        drawn = _draw_up(desk)
        if drawn is not None:
            return go(reverse("archive_batch", args=[drawn.id]))
        status = 422
    year = _year(desk)
    waiting = archive_batches.waiting_packages(
        fonds=fonds_of(desk.visitor), year=year, limit=LARGEST
    )
    return desk.page(
        "archive/batches.html",
        {
            "year": year,
            "years": range(local_day(desk.now).year, local_day(desk.now).year - 5, -1),
            "waiting": [row_of(each) for each in waiting],
            "batches": [_batch_row(each) for each in archive_batches.batches()],
        },
        current="archive_batches",
        status=status,
    )


def _year(desk: Desk) -> int:
    sent_year = desk.request.POST.get("year") or desk.request.GET.get("year", "")
    plain = sent_year.isascii() and sent_year.isdecimal() and len(sent_year) == 4
    return int(sent_year) if plain else local_day(desk.now).year


def _draw_up(desk: Desk) -> Batch | None:
    chosen = []
    for text in desk.request.POST.getlist("package"):
        try:
            chosen.append(UUID(text))
        except ValueError:
            raise access.Refused from None
    way = CARRIED if desk.request.POST.get("way") == CARRIED else SENT
    try:
        return transferring.draw_up(by=desk.user, packages=chosen, way=way, now=desk.now)
    except RefusedError as refusal:
        messages.error(desk.request, str(REFUSALS[refusal.code]))
        return None


def _batch_row(batch: Batch) -> dict[str, object]:
    words, tone = STATES[batch.state]
    if batch.way == CARRIED and batch.state == "waiting":
        words = _("待回执")
    return {
        "url": reverse("archive_batch", args=[batch.id]),
        "number": batch.number,
        "way": WAYS[batch.way],
        "count": batch.count,
        "at": stamp(batch.created_at),
        "answered": stamp(batch.answered_at),
        "state": words,
        "tone": tone,
        "problem": batch.problem,
    }


@desk_page("GET", "POST", roles=ROLES)
def batch(desk: Desk, batch_id: UUID) -> HttpResponse:
    """One batch: its packages, its medium, its receipt."""
    found = _own(desk, batch_id)
    if desk.request.method == "POST":
        return _act(desk, found)
    lines = [
        {
            **row_of(line.package),
            "place": line.place,
            "state": LINES[line.state][0],
            "tone": LINES[line.state][1],
            "problem": line.problem,
        }
        for line in archive_batches.lines_of(batch_id)
    ]
    return desk.page(
        "archive/batch.html",
        {
            "row": _batch_row(found),
            "batch": found,
            "lines": lines,
            "carried": found.way == CARRIED,
            "parked": found.state == "parked",
        },
        current="archive_batches",
    )


def _own(desk: Desk, batch_id: UUID) -> Batch:
    """A batch whose packages the visitor looks after. Errors: Refused."""
    found = archive_batches.batch(batch_id)
    fonds = fonds_of(desk.visitor)
    if found is None:
        raise access.Refused
    kept = {line.package.fonds for line in archive_batches.lines_of(batch_id)}
    if fonds is not None and not kept <= set(fonds):
        raise access.Refused
    return found


def _act(desk: Desk, found: Batch) -> HttpResponse:
    here = go(reverse("archive_batch", args=[found.id]))
    if desk.request.POST.get("do") == "again":
        archive_batches.send_again(batch_id=found.id, now=desk.now)
        return here
    upload = desk.request.FILES.get("receipt")
    if upload is None or (upload.size or 0) > LARGEST_RECEIPT:
        messages.error(desk.request, gettext("请选择档案馆的回执文件"))
        return here
    try:
        new = transferring.bring_receipt(
            by=desk.user, batch=found, data=upload.read(), now=desk.now
        )
    except RefusedError as refusal:
        messages.error(desk.request, str(REFUSALS[refusal.code]))
        return here
    words = gettext("回执已登记") if new else gettext("这一批已经有回执，没有改动")
    messages.success(desk.request, words)
    return here


@desk_page("GET", roles=ROLES)
def medium(desk: Desk, batch_id: UUID) -> HttpResponse:
    """The medium of a batch, to be carried to the archive."""
    made = transferring.medium_of(by=desk.user, batch=_own(desk, batch_id))
    return sent(made.data, made.name, "application/zip")
