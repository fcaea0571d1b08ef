"""询问路由 as rows: whom this node asks about what and where, and what it has asked in vain."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from yijian.domain.registers import Provider, Route, RouteKind
from yijian.records.identifiers import new_id
from yijian.records.models import RegisterRoute, VainQuestion

REMEMBERED = timedelta(days=30)
"""So long after a question in vain its provider still sends news of it."""


@dataclass(frozen=True, slots=True)
class Vain:
    """落空查询: a provider had nothing when it was asked; `receipt` is the one it gave."""

    provider: str
    receipt: str


def _route(row: RegisterRoute) -> Route:
    options = {str(name): str(value) for name, value in row.options.items()}
    provider = Provider(RouteKind(row.kind), row.target, row.secret, options)
    return Route(
        row.register,
        row.place,
        provider,
        row.position,
        row.at_once,
        row.begins_on,
        row.ends_on,
    )


def listed(*, on: date | None = None) -> list[Route]:
    """Every route in the order in which providers are asked; `on` only those of that day."""
    rows = RegisterRoute.objects.order_by("register", "position", "id")
    routes = [_route(row) for row in rows]
    return [route for route in routes if on is None or route.holds(on)]


def put(*, by: str, route: Route, now: datetime) -> None:
    """Keep a route instead of the open one to the same provider for the same place."""
    where = {
        "register": route.register,
        "place": route.place,
        "kind": route.provider.kind.value,
        "target": route.provider.target,
    }
    RegisterRoute.objects.filter(**where, ends_on__isnull=True).delete()
    RegisterRoute.objects.create(
        id=new_id(),
        **where,
        secret=route.provider.secret,
        options=dict(route.provider.options),
        position=route.position,
        at_once=route.at_once,
        begins_on=route.begins_on,
        ends_on=route.ends_on,
        made_by=by,
        made_at=now,
    )


def end(*, register: str, place: str, target: str, on: date) -> bool:
    """End the open route to a provider from a day on; whether there was one."""
    rows = RegisterRoute.objects.filter(
        register=register, place=place, target=target, ends_on__isnull=True
    )
    rows.filter(begins_on__gt=on).delete()
    return bool(rows.update(ends_on=on))


def next_position(register: str) -> int:
    """The place at the end of the order."""
    last = RegisterRoute.objects.filter(register=register).order_by("-position").first()
    return last.position + 1 if last else 1


def keep_vain(*, case_id: UUID, register: str, vain: Iterable[Vain], now: datetime) -> None:
    """Remember which providers had nothing for a case, so that their news can wake it."""
    VainQuestion.objects.bulk_create(
        [
            VainQuestion(
                id=new_id(),
                case_id=case_id,
                register=register,
                provider=one.provider,
                receipt=one.receipt,
                at=now,
            )
            for one in vain
        ],
        ignore_conflicts=True,
    )


def case_of(*, provider: str, receipt: str) -> UUID | None:
    """The case about which a provider was asked in vain; None when it never was."""
    row = VainQuestion.objects.filter(provider=provider, receipt=receipt).first()
    return row.case_id if row else None


def forget_vain(*, now: datetime) -> int:
    """Forget questions in vain of which no news comes any more; how many."""
    return VainQuestion.objects.filter(at__lt=now - REMEMBERED).delete()[0]
