"""询问路由的设置: whom this node asks about which register and place, from and until which day."""

import re
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from yijian.actions.partners import address_policy
from yijian.domain.registers import REGISTERS, Route, RouteKind
from yijian.gateways.addresses import AddressRefusedError
from yijian.records import register_routes

PLACE = re.compile(r"(\d{2}){0,3}", re.ASCII)
NEEDED_OPTIONS = {RouteKind.NATIONAL: ("requester",), RouteKind.TIF: ("application",)}
"""What a gateway must be told to know this node by."""


class NotARouteError(ValueError):
    """A route that cannot be; `field` names what is wrong with it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def put(*, by: str, route: Route, now: datetime) -> None:
    """Ask a provider about a register and a place from now on. Errors: NotARouteError."""
    if route.register not in REGISTERS:
        raise NotARouteError("register")
    if not PLACE.fullmatch(route.place):
        raise NotARouteError("place")
    kind, target = route.provider.kind, route.provider.target
    allowed = ("https://", "http://") if settings.YIJIAN.demo else ("https://",)
    if kind is not RouteKind.YIJIAN and not (target.startswith(allowed) and _may_call(target)):
        raise NotARouteError("target")
    needed = NEEDED_OPTIONS.get(kind, ())
    if any(name not in route.provider.options for name in needed):
        raise NotARouteError("options")
    if needed and not route.provider.secret:
        raise NotARouteError("options")
    if route.ends_on is not None and route.ends_on < route.begins_on:
        raise NotARouteError("ends_on")
    with transaction.atomic():
        register_routes.put(by=by, route=route, now=now)


def _may_call(url: str) -> bool:
    """Whether this node calls such an address at all; a name may become known later."""
    try:
        address_policy().check(url)
    except AddressRefusedError as refused:
        return refused.code == "no_such_host"
    return True


def end(*, register: str, place: str, target: str, on: date) -> bool:
    """Stop asking a provider from a day on; whether it was asked."""
    with transaction.atomic():
        return register_routes.end(register=register, place=place, target=target, on=on)
