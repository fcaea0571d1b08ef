"""互联: a node learns its neighbours, the offices it acts for, and what goes to whom.

The register of neighbours is a file that `ops.delta` writes for each of its nodes; `yijian database
prepare --neighbours FILE` reads it once the tables are there. Repeatable.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from yijian.actions import channels, providing, register_routing, setup
from yijian.domain.clocks import local_day
from yijian.domain.registers import EVERYTHING, REGISTERS, Provider, Right, Route, RouteKind
from yijian.domain.routing import Channel
from yijian.ops.keys import make_key_pair
from yijian.packs.building import load_folder
from yijian.packs.offices import load_directory
from yijian.records import channels as channel_rules
from yijian.records import exchange

Json = dict[str, Any]

BY = "setup"
PURPOSE = "newborn_joint_service"
DAILY_BUDGET = 100_000


def join(register: Path, *, now: datetime) -> None:
    """Make known what the file names. Errors: PackError, KeyError for a file that is none."""
    told: Json = json.loads(register.read_text(encoding="utf-8"))
    keys = settings.YIJIAN.keys_folder
    own = told.get("offices")
    with transaction.atomic():
        if own is not None:
            setup.settle(
                [
                    office
                    for office in load_directory(settings.YIJIAN.packs_dir, told["pack"]).offices
                    if office.division.startswith(own)
                ],
                make_key=lambda code: make_key_pair(keys, code),
                now=now,
            )
        items = load_folder(settings.YIJIAN.packs_dir, told["pack"])[1].items
        for one in told["partners"]:
            exchange.put_partner(
                code=one["code"],
                public_key=(keys / f"{one['code']}.pub.pem").read_text(encoding="ascii"),
                endpoint=one["endpoint"],
                items=items,
                kind="node",
                name_zh=one["name_zh"],
                name_en=one["name_en"],
            )
        _share_registers(told, now)
        for one in told["channels"]:
            _reach(one["division"], one["channel"], one.get("participant"), now)


def _share_registers(told: Json, now: datetime) -> None:
    """Who may ask our registers, and whom we ask about which place."""
    for register in REGISTERS:
        for partner in told.get("rights", ()):
            providing.grant(
                by=BY,
                right=Right(
                    partner, register, frozenset({PURPOSE}), True, frozenset({EVERYTHING}), now,
                    None, DAILY_BUDGET,
                ),
                now=now,
            )  # fmt: skip
        for position, (place, partner) in enumerate(sorted(told.get("registers", {}).items())):
            provider = Provider(RouteKind.YIJIAN, partner)
            route = Route(register, place, provider, position, begins_on=local_day(now))
            register_routing.put(by=BY, route=route, now=now)


def _reach(division: str, channel: str, participant: str | None, now: datetime) -> None:
    """Offices of a place are reached this way from today on, unless they are already."""
    today = local_day(now)
    for rule in channel_rules.rules():
        whole = not (rule.office or rule.kind or rule.item)
        if rule.division == division and whole and rule.in_force(today):
            if (rule.channel, rule.participant) == (channel, participant):
                return
    rule = Channel(channel, participant, starts_on=today, division=division)
    channels.set_rule(rule, by=BY, now=now)
