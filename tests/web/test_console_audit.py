"""An auditor sees what happened and who looked, never a person; and is seen looking."""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from django.utils.translation import override

import yijian.records
from tests.web import cast, cast_desk
from tests.web.cast_console import at_console, staff_row
from tests.web.test_desk_doors import addresses
from yijian.actions.proposals import KINDS
from yijian.records import outages
from yijian.records.models import AccessEntry
from yijian.records.people import StaffRole
from yijian.web.console import audit_words

pytestmark = pytest.mark.django_db
CASE, READS, ACTS = (f"/console/audit/{page}/" for page in ("case", "reads", "acts"))
SOURCE = Path(yijian.records.__file__).parent.parent
FILLED_IN = {"kind": KINDS, "found.kind": KINDS, "to": (outages.ENDED, outages.DROPPED)}
"""What may stand in the braces of an act that is put together."""


def acts_in(path: Path) -> Iterator[str]:
    """Every act that a file notes in the log of administrators, as it is written there."""
    tree = ast.parse(path.read_text())
    defined = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for function in defined.values():
        taken = [argument.arg for argument in function.args.args]
        for call in ast.walk(function):
            if not isinstance(call, ast.Call):
                continue
            given = {word.arg: word.value for word in call.keywords}
            if ast.unparse(call.func) == "administration.note":
                said = given["what"]
            elif ast.unparse(call.func) == "_note":
                named = [argument.arg for argument in defined["_note"].args.args]
                said = call.args[named.index("what")]
            else:
                continue
            if isinstance(said, ast.Name) and said.id in taken:
                continue  # Whoever calls this function says it.
            yield from words_of(said, function)


def words_of(said: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    match said:
        case ast.Constant(value=str(word)):
            yield word
        case ast.IfExp():
            yield from words_of(said.body, function)
            yield from words_of(said.orelse, function)
        case ast.Subscript(value=ast.Dict(values=values)):
            for value in values:
                yield from words_of(value, function)
        case ast.JoinedStr():
            parts = [
                [str(part.value)]
                if isinstance(part, ast.Constant)
                else FILLED_IN[ast.unparse(part.value)]
                for part in said.values
                if isinstance(part, ast.Constant | ast.FormattedValue)
            ]
            yield from map("".join, product(*parts))
        case ast.Name(id=name):
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                    yield from words_of(node.value, function)
        case _:
            raise AssertionError(ast.unparse(said))


def secrets_of(family: cast.Household) -> list[str]:
    people = [family.facts.family[role] for role in ("mother", "father")]
    return [one[name] for one in people for name in ("name", "id_number", "phone")]


def test_the_journal_of_a_case_is_shown_for_a_purpose_that_is_logged(
    family: cast.Household,
) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    clerk.get(cast_desk.url_of(family, "birth_certificate"))
    auditor = at_console(StaffRole.AUDITOR)
    asked = {"case-number": family.number, "case-purpose": "audit_request"}
    page = auditor.post(CASE, asked).content.decode()
    assert "提交申请" in page and "办理子办件" in page
    assert not [secret for secret in secrets_of(family) if secret in page]
    last = AccessEntry.objects.order_by("-id")[0]
    assert (last.what, last.purpose, last.case_id) == ("trail", "audit_request", family.id)
    table = auditor.post(CASE, asked | {"as": "csv"})
    assert table["Content-Type"].startswith("text/csv")
    assert not [secret for secret in secrets_of(family) if secret in table.content.decode()]


def test_without_a_purpose_nothing_is_shown(family: cast.Household) -> None:
    family.submit()
    auditor = at_console(StaffRole.AUDITOR)
    page = auditor.post(CASE, {"case-number": family.number}).content.decode()
    assert "请选择为什么查" in page and "提交申请" not in page
    assert not AccessEntry.objects.filter(what="trail").exists()


def test_a_case_that_does_not_exist_is_refused_and_logged(family: cast.Household) -> None:
    asked = {"case-number": "X-1", "case-purpose": "audit_routine"}
    assert "没有这个编号的办件" in at_console(StaffRole.AUDITOR).post(CASE, asked).content.decode()
    assert AccessEntry.objects.filter(what="trail", shown=False).count() == 1


def test_who_looked_at_what_is_found_by_staff_and_day(family: cast.Household) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    clerk.get(cast_desk.url_of(family, "birth_certificate"))
    number = staff_row(f"T-{clerk.session['_auth_user_id']}").staff_number
    auditor, admin = at_console(StaffRole.AUDITOR), at_console(StaffRole.AUDIT_ADMIN)
    asked = {
        "reads-number": number,
        "reads-day": family.now.date(),
        "reads-purpose": "audit_routine",
    }
    page = auditor.post(READS, asked).content.decode()
    assert number in page and family.number in page
    of_admin = admin.post(READS, asked).content.decode()
    assert number in of_admin and family.number not in of_admin
    empty = auditor.post(READS, asked | {"reads-day": "2020-01-01"}).content.decode()
    assert family.number not in empty and "没有。" in empty
    assert AccessEntry.objects.filter(what="access_log").count() == 3


def test_what_administrators_did_is_shown_to_those_who_audit_alone(published: object) -> None:
    security, audit = at_console(StaffRole.SECURITY_ADMIN), at_console(StaffRole.AUDIT_ADMIN)
    clerk = cast_desk.clerk("H34010401")
    row = staff_row(f"T-{clerk.session['_auth_user_id']}")
    security.post(f"/console/staff/{row.id}/", {"do": "end"})
    asked = {"acts-number": "C-security_admin", "acts-purpose": "audit_routine"}
    page = audit.post(ACTS, asked).content.decode()
    assert "停止任职" in page and row.staff_number in page
    assert security.post(ACTS, asked).status_code == 404
    assert audit.post(CASE, {}).status_code == 404


def test_every_act_noted_in_the_code_has_words_in_both_languages() -> None:
    files = [path for path in SOURCE.rglob("*.py") if "administration.note(" in path.read_text()]
    noted = {act for path in files for act in acts_in(path)}
    assert len(files) > 10 and {"training_reset", "channel_declined", "outage_ended"} <= noted
    assert noted - set(audit_words.ACTS) == set()
    for act in noted:
        with override("en"):
            english = str(audit_words.ACTS[act])
        assert english.isascii() and not str(audit_words.ACTS[act]).isascii(), act


def test_no_administrator_finds_a_case_at_any_address(family: cast.Household) -> None:
    family.submit()
    task = cast_desk.id_of(family, "birth_certificate")
    office = cast_desk.office_of(family, "birth_certificate")
    for role in (StaffRole.SYSTEM_ADMIN, StaffRole.SECURITY_ADMIN, StaffRole.AUDIT_ADMIN):
        admin = at_console(role, office=office)
        for address in addresses(task, family.number):
            page = admin.get(address, follow=True).content.decode()
            said = page.replace(family.number, "") if family.number in address else page
            found = [s for s in (*secrets_of(family), family.number) if s in said]
            assert found == [], (role, address)
