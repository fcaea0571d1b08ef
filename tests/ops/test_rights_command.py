"""Rights and routes at the command line: set, shown, ended, and refused with a sentence."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings
from typer.testing import CliRunner, Result

from yijian.domain.registers import EVERYTHING
from yijian.ops import registers_command, rights_command
from yijian.records import exchange, register_routes, rights
from yijian.records.rights import Asked

pytestmark = pytest.mark.django_db
PARTNER = "node-340000"


@pytest.fixture(autouse=True)
def partner(db: None) -> None:
    key = (settings.YIJIAN.keys_folder / "hr-340000.pub.pem").read_text("ascii")
    exchange.put_partner(code=PARTNER, public_key=key, endpoint="https://n.test/api/v1/events")


def of_rights(*arguments: str) -> Result:
    return CliRunner().invoke(rights_command.commands, arguments)


def of_routes(*arguments: str) -> Result:
    return CliRunner().invoke(registers_command.commands, arguments)


def test_a_right_is_given_shown_replaced_and_ended() -> None:
    given = of_rights("grant", PARTNER, "hukou", "delivery", "--purpose", "birth", "--budget", "7")
    assert given.exit_code == 0, given.output
    of_rights("grant", PARTNER, "hukou", "--purpose", "birth", "--budget", "7")
    assert len(rights.listed(ended=True)) == 2
    right = rights.of(partner=PARTNER, register="hukou")
    assert right is not None and right.consent and right.daily_budget == 7
    assert right.fields == {EVERYTHING} and right.purposes == {"birth"}
    of_rights("grant", PARTNER, "hukou", "--purpose", "school", "--no-consent", "--field", "sex",
              "--begins", "2026-01-01", "--until", "2027-01-01")  # fmt: skip
    shown = of_rights("list")
    assert "2026-01-01 – 2027-01-01" in shown.output and "school  sex" in shown.output
    assert "7/day" in shown.output and "birth" in shown.output
    assert of_rights("end", PARTNER).exit_code == 0
    assert of_rights("list").output == ""
    history = of_rights("list", "--ended").output
    assert history.count("by operator:") == 3
    assert of_rights("end", PARTNER).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody", "hukou", "--purpose", "p"), "no such partner"),
        ((PARTNER, "weather", "--purpose", "p"), "no such register"),
        ((PARTNER, "hukou", "--purpose", "p", "--field", "secret"), "no such optional field"),
        ((PARTNER, "hukou", "--purpose", "p", "--budget", "0"), "at least 1"),
    ],
)
def test_a_right_that_cannot_be_is_refused_with_a_sentence(
    arguments: tuple[str, ...], sentence: str
) -> None:
    refused = of_rights("grant", *arguments)
    assert refused.exit_code == 1 and sentence in refused.output
    assert rights.listed(ended=True) == []


def test_receipts_are_shown_without_naming_anybody(now: datetime) -> None:

    number = "340103199505012224"
    question = {"id_number": number, "name": "王芳"}
    asked = Asked(PARTNER, "hukou", "birth", "c" * 32, question, number)
    rights.note(asked, outcome="refused", reason="no_right", now=now)
    shown = of_rights("receipts", "--partner", PARTNER).output
    assert "refused (no_right)" in shown and PARTNER in shown and "cccccccccccc" in shown
    assert number not in shown and "王芳" not in shown
    assert of_rights("receipts", "--partner", "another").output == ""
    assert of_rights("receipts", "--case", "nothing").exit_code == 1


def test_a_route_is_set_shown_and_ended() -> None:
    assert of_routes("route", "delivery", "34", "--partner", PARTNER).exit_code == 0
    assert of_routes("route", "delivery", "any", "--url", "https://r.test/registers").exit_code == 0
    shown = of_routes("list").output.splitlines()
    assert [line.split()[:5] for line in shown] == [
        ["delivery", "34", "1", "yijian", PARTNER],
        ["delivery", "any", "2", "register", "https://r.test/registers"],
    ]
    assert of_routes("end", "delivery", "34", PARTNER).exit_code == 0
    assert of_routes("end", "delivery", "34", PARTNER).exit_code == 1


def test_a_gateway_needs_its_secret_and_its_names() -> None:
    gateway = ("route", "hukou", "any", "--url", "https://g.test", "--kind", "national")
    named = ("--option", "requester=r")
    assert "no such secret file" in of_routes(*gateway, *named, "--secret", "absent").output
    (settings.YIJIAN.keys_folder / "gate.secret").write_text("k", encoding="ascii")
    assert "more options" in of_routes(*gateway, "--secret", "gate").output
    assert of_routes(*gateway, *named, "--secret", "gate").exit_code == 0
    (route,) = register_routes.listed()
    assert (route.provider.secret, dict(route.provider.options)) == ("gate", {"requester": "r"})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("delivery", "34"), "either --partner or --url"),
        (("delivery", "34", "--partner", "nobody"), "no such partner"),
        (("weather", "34", "--partner", PARTNER), "no such register"),
        (("delivery", "3", "--partner", PARTNER), "2, 4 or 6 digits"),
        (("delivery", "34", "--url", "ftp://r.test"), "https"),
        (("delivery", "34", "--url", "https://169.254.169.254/x"), "that is allowed"),
    ],
)
def test_a_route_that_cannot_be_is_refused_with_a_sentence(
    arguments: tuple[str, ...], sentence: str
) -> None:
    refused = of_routes("route", *arguments)
    assert refused.exit_code == 1 and sentence in refused.output
    assert register_routes.listed() == []
