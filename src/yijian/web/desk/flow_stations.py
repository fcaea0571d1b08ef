"""站点: who stands around this node on the page of the flow, and how it is between them and us."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext

from yijian.domain.clocks import SHANGHAI
from yijian.domain.routing import DESK, NODE, Directory, read_reach
from yijian.records.flow import Compared, Flow, Neighbour, Post, Work
from yijian.web.applicant.values import language, worded

GOOD, WAITS, BROKEN = "good", "warn", "bad"
PATIENCE = timedelta(minutes=1)
"""A message that waits longer is not just on its way."""
SILENCE = timedelta(seconds=150)
"""Every node asks its neighbours something each minute; one that has not for so long is away."""
DAY = timedelta(days=1)
MOST_OFFICES = 6


@dataclass(frozen=True)
class Station:
    """One partner or destination, in words and numbers."""

    code: str
    title: str
    is_node: bool
    post: Post
    tasks: int
    late: int
    offices: tuple[tuple[str, int], ...]
    tone: str
    state: str
    heard: str
    parity: str
    parity_tone: str
    oldest: str
    url: str

    @property
    def delivered(self) -> int:
        """What arrived there within the last hour."""
        return self.post.delivered

    @property
    def more_offices(self) -> int:
        """Offices with tasks that are not drawn one by one."""
        return max(len(self.offices) - MOST_OFFICES, 0)


def stations(flow: Flow, directory: Directory, now: datetime) -> list[Station]:
    """Every node we know, and every other destination that something waits or waited for."""
    works: dict[str, list[Work]] = {}
    for work in flow.works:
        reach = read_reach(work.channel)
        if reach.channel != DESK and reach.destination is not None:
            works.setdefault(reach.destination, []).append(work)
    partners = {one.code: one for one in flow.partners}
    nodes = [one.code for one in flow.partners if one.kind == NODE]
    moved = sorted((set(flow.posts) | set(works)) - set(nodes))
    return [
        _station(code, partners.get(code), flow, works.get(code, []), directory, now)
        for code in (*nodes, *moved)
    ]


def own_work(flow: Flow) -> tuple[int, int]:
    """What is under way at this node's own desks, and how much of it is late."""
    own = [work for work in flow.works if read_reach(work.channel).channel in (DESK, "")]
    return sum(work.tasks for work in own), sum(work.late for work in own)


def _station(
    code: str,
    partner: Neighbour | None,
    flow: Flow,
    works: Iterable[Work],
    directory: Directory,
    now: datetime,
) -> Station:
    post = flow.posts.get(code, Post())
    compared = flow.parity.get(code, Compared())
    work = list(works)
    by_office: Counter[str] = Counter()
    for one in work:
        office = directory.office(one.office)
        by_office[worded(office.title) if office else one.office or gettext("待分派")] += one.tasks
    heard = flow.heard_at.get(code)
    is_node = partner is not None and partner.kind == NODE
    silent = is_node and (heard is None or now - heard > SILENCE)
    tone, state = _standing(post, compared, now, silent=silent)
    parity, parity_tone = _parity(compared, now)
    return Station(
        code=code,
        title=_title(code, partner, directory),
        is_node=is_node,
        post=post,
        tasks=sum(one.tasks for one in work),
        late=sum(one.late for one in work),
        offices=tuple(by_office.most_common()),
        tone=tone,
        state=state,
        heard=moment(heard, now) if heard else gettext("最近没有听到"),
        parity=parity,
        parity_tone=parity_tone,
        oldest=age(now - post.oldest_at) if post.oldest_at else "",
        url=reverse("desk_flow_station", args=[code]),
    )


def _standing(post: Post, compared: Compared, now: datetime, *, silent: bool) -> tuple[str, str]:
    """How it is with a destination, the worst first."""
    if post.parked:
        return BROKEN, gettext("%(number)s 条停住，要人处理") % {"number": post.parked}
    if post.tried:
        if post.next_at is not None and post.next_at > now:
            again = {"time": moment(post.next_at, now)}
            return BROKEN, gettext("没有应答，%(time)s 再试") % again
        return BROKEN, gettext("没有应答，正在再试")
    if compared.open:
        return BROKEN, gettext("有 %(number)s 处对不上") % {"number": compared.open}
    if post.waiting and post.oldest_at is not None and now - post.oldest_at > PATIENCE:
        return WAITS, gettext("有积压")
    if silent:
        return WAITS, gettext("没有动静")
    return GOOD, gettext("畅通")


def _parity(compared: Compared, now: datetime) -> tuple[str, str]:
    if compared.at is None:
        return gettext("还没有对账"), ""
    at = {"time": moment(compared.at, now)}
    if compared.open:
        return gettext("%(number)s 处要人决定") % {"number": compared.open}, BROKEN
    if compared.problem:
        return gettext("对账没有完成，%(time)s") % at, WAITS
    if compared.apart:
        return gettext("差 %(number)s 项，正在补") % {"number": compared.apart}, WAITS
    return gettext("对账一致，%(time)s") % at, GOOD


def _title(code: str, partner: Neighbour | None, directory: Directory) -> str:
    if partner is not None and partner.name_zh:
        return (partner.name_en if language() == "en" else "") or partner.name_zh
    outside = {
        "courier": gettext("统一物流"),
        "face": gettext("人脸核验"),
        "certificate-library": gettext("电子证照库"),
    }
    own = next((o for o in directory.offices if o.participant == code), None)
    return outside.get(code) or (worded(own.title) if own else code)


def moment(at: datetime, now: datetime) -> str:
    """A time of today as hours, minutes and seconds; an earlier one with its day."""
    local = at.astimezone(SHANGHAI)
    today = local.date() == now.astimezone(SHANGHAI).date()
    return f"{local:%H:%M:%S}" if today else f"{local:%m-%d %H:%M}"


def age(time: timedelta) -> str:
    """How long something has waited, as exactly as it matters."""
    seconds = max(int(time.total_seconds()), 0)
    if seconds < 60:
        return gettext("%(seconds)s 秒") % {"seconds": seconds}
    if seconds < 3600:
        return gettext("%(minutes)s 分钟") % {"minutes": seconds // 60}
    if time < DAY:
        return gettext("%(hours)s 小时") % {"hours": seconds // 3600}
    return gettext("%(days)s 天") % {"days": time // DAY}
