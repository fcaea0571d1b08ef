"""送达: where each result on paper is, as the family reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from yijian.domain.cases import Case, ParcelState
from yijian.domain.context import Context
from yijian.domain.events import TaskKey
from yijian.domain.parcels import option_by_code
from yijian.web.applicant.progress import titled
from yijian.web.applicant.values import shown_moment, worded

SAID = {
    ParcelState.AWAITED: _("请先按上面的办法把户口簿等寄到办理机构，收到后会给您寄回。"),
    ParcelState.READY: _("已经办好，放在办理机构，请来领取。"),
    ParcelState.POSTING: _("正在为您叫快递。"),
    ParcelState.ORDERED: _("已叫快递，快递员会到办理机构取件。"),
    ParcelState.UNDER_WAY: _("已寄出，在路上。"),
    ParcelState.DELIVERED: _("已经到您手里。"),
    ParcelState.RETURNED: _("没有送到，退回办理机构了。机构会联系您，您也可以直接去领。"),
}


@dataclass(frozen=True, slots=True)
class ParcelCard:
    """送达件 on the family's page: what, where it is, where to collect it, how to follow it."""

    title: str
    said: str
    since: str
    where: str
    bring: str
    cost: str
    office: str
    phone: str
    address: str
    tracking: str
    arrived: bool


def parcel_lines(case: Case, context: Context, tracking: Mapping[TaskKey, str]) -> list[ParcelCard]:
    """Every parcel of the case; what has not arrived comes first."""
    cards = [_card(case, context, key, tracking.get(key, "")) for key in case.parcels]
    return sorted(cards, key=lambda card: card.arrived)


def _card(case: Case, context: Context, key: TaskKey, tracking: str) -> ParcelCard:
    parcel, task = case.parcels[key], case.tasks[key]
    option = option_by_code(context.pack, key[0], parcel.option)
    office = context.directory.office(task.office) if task.office else None
    here = parcel.state in (ParcelState.READY, ParcelState.RETURNED)
    return ParcelCard(
        title=titled(case, context.pack.items[key[0]], task),
        said=str(SAID[parcel.state]),
        since=shown_moment(parcel.since),
        where=worded(option.where) if option else "",
        bring=worded(option.bring) if option else "",
        cost=worded(option.cost) if option else "",
        office=worded(office.title) if office and here else "",
        phone=office.phone if office and here else "",
        address=office.address if office and here else "",
        tracking=tracking,
        arrived=parcel.state is ParcelState.DELIVERED,
    )
