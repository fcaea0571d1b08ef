"""提供方: how a register is reached: the node's own address, another node, a sharing gateway.

Routes and partners are read here, in the caller's own thread; what comes out only speaks HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import timezone

from yijian.domain.clocks import local_day
from yijian.domain.registers import Provider, Route, RouteKind, Whereabouts, providers_to_ask
from yijian.gateways.calls import Caller
from yijian.gateways.nodes import base_of
from yijian.gateways.registers import Poster
from yijian.gateways.sharing.national import NationalCaller
from yijian.gateways.sharing.tif import TifCaller
from yijian.records import exchange, register_routes


class SecretMissingError(Exception):
    """The file with a gateway's secret is not there or empty; it names the file."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A provider and how to speak with it; without `poster` it cannot be reached, and `why`.

    `name` is what stands in receipts and for what rests after a failure.
    """

    name: str
    url: str
    poster: Poster | None
    named: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class _ToNode:
    """Asks another node: purpose and consent are covered by the signature."""

    caller: Caller

    def post(
        self, url: str, payload: object, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, object]:
        """The answer."""
        named = {name: value for name, value in (headers or {}).items() if value}
        return self.caller.post(url, payload, headers=named, covering=tuple(named))


def groups(
    routes: Sequence[Route], register: str, where: Whereabouts, *, caller: Caller
) -> list[list[Reached]]:
    """Who is asked, in groups one after the other: those that the routes name, else the default.

    While the place is not known the node's own register comes last, where there is one.
    """
    today = local_day(timezone.now())
    named = providers_to_ask(routes, register, where, today)
    found = [[_reached(one, register, caller) for one in group] for group in named]
    if not found or (not where.known and settings.YIJIAN.registers_url):
        found.append([_own(caller)])
    return found


def _own(caller: Caller) -> Reached:
    url = settings.YIJIAN.registers_url
    return Reached("", url, caller if url else None, why="" if url else "no_provider")


def _reached(provider: Provider, register: str, caller: Caller) -> Reached:
    if provider.kind is RouteKind.YIJIAN:
        partner = exchange.partner(provider.target)
        if partner is None or not partner.endpoint:
            return Reached(provider.target, "", None, why="no_provider")
        url = f"{base_of(partner.endpoint)}/registers"
        return Reached(provider.target, url, _ToNode(caller), named=True)
    if provider.kind is RouteKind.REGISTER:
        return Reached(provider.target, provider.target, caller)
    try:
        return Reached(
            provider.target, provider.target, _gateway(provider, register, caller), named=True
        )
    except SecretMissingError:
        return Reached(provider.target, "", None, why="no_secret")


def _gateway(provider: Provider, register: str, caller: Caller) -> Poster:
    """The caller for a gateway; one for each service, so that its secret is fetched once."""
    options = tuple(sorted(provider.options.items()))
    return _made(provider.kind, provider.target, provider.secret, options, register, caller)


@cache
def _made(
    kind: RouteKind,
    target: str,
    secret: str,
    options: tuple[tuple[str, str], ...],
    register: str,
    caller: Caller,
) -> Poster:
    told = dict(options)
    if kind is RouteKind.TIF:
        return TifCaller(caller.client, told["application"], secret_of(secret), caller.clock)
    return NationalCaller(
        caller.client,
        told["requester"],
        told.get(f"service.{register}", told.get("service", register)),
        secret_of(secret),
        told.get("secret_url", f"{target}/secret"),
        caller.clock,
    )


def secret_of(name: str) -> str:
    """The secret in KEYS_DIR/NAME.secret. Errors: SecretMissingError."""
    try:
        text = (settings.YIJIAN.keys_folder / f"{name}.secret").read_text("ascii").strip()
    except (OSError, UnicodeError):
        raise SecretMissingError(name) from None
    if not text:
        raise SecretMissingError(name)
    return text


def routes_of_today() -> list[Route]:
    """Every route in force."""
    return register_routes.listed(on=local_day(timezone.now()))
