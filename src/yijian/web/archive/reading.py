"""阅览室: an archivist says why, finds a package by an exact name or number, and looks at it.

What is looked for travels in the body of a request and never in an address.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts
from yijian.actions.filing import number_of
from yijian.actions.packing import signer
from yijian.actions.transferring import fonds_of
from yijian.documents.archive import checks, reports
from yijian.documents.archive.checks import Check, Expected, Stage
from yijian.documents.archive.checks_metadata import basics_of
from yijian.documents.archive.holdings import BASICS
from yijian.documents.offline_verifier import NotAPackageError, files_of
from yijian.domain.clocks import local_day
from yijian.records import access, archive, reading_room
from yijian.records.archive import CASE, Package
from yijian.records.crypto import SealBroken
from yijian.records.people import StaffRole
from yijian.records.reading_room import LONGEST_PURPOSE, OpenedPackage
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.pages import go

ROLES = (StaffRole.ARCHIVIST,)
PURPOSE = "archive_purpose"
TYPES = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "jpg": "image/jpeg",
    "png": "image/png",
}


class SearchForm(DeskForm):
    """What is known of the package that is looked for, and why it is."""

    purpose = forms.CharField(
        label=_("查档事由"),
        max_length=LONGEST_PURPOSE,
        help_text=_("写明为谁、为什么查；每次查看都会连同事由记录下来"),
        error_messages={"required": _("请写明查档事由")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    name = forms.CharField(label=_("姓名"), required=False, max_length=100)
    id_number = forms.CharField(label=_("证件号码"), required=False, max_length=40)
    certificate = forms.CharField(label=_("出生医学证明编号"), required=False, max_length=40)
    case_number = forms.CharField(label=_("办件编号"), required=False, max_length=40)
    year = forms.IntegerField(
        label=_("年度"), required=False, min_value=2000, max_value=2999, widget=forms.TextInput()
    )
    item = forms.ChoiceField(label=_("事项"), required=False)

    def __init__(self, items: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("全部")), *items]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        known = ("name", "id_number", "certificate", "case_number")
        if not self.errors and not any((cleaned.get(each) or "").strip() for each in known):
            self.add_error(None, gettext("姓名、证件号码、证明编号、办件编号，至少写一项"))
        return cleaned


def _items() -> list[tuple[str, str]]:
    """Every item of the node's schemes, once."""
    found = {c: worded(i.title) for pack in contexts.packs() for c, i in pack.items.items()}
    return [*found.items(), (CASE, gettext("整件"))]


@desk_page("GET", "POST", roles=ROLES)
def room(desk: Desk) -> HttpResponse:
    """The search, and what it found; what could not be archived stands below it."""
    asked = desk.request.POST if desk.request.method == "POST" else None
    purpose = desk.request.session.get(PURPOSE, "")
    form = SearchForm(_items(), asked, initial={"purpose": purpose})
    found: list[Package] | None = None
    status = 200
    if asked is not None and form.is_valid():
        desk.request.session[PURPOSE] = form.cleaned_data["purpose"]
        found = _find(desk, form.cleaned_data)
    elif asked is not None:
        status = 422
    return desk.page(
        "archive/room.html",
        {
            "form": form,
            "rows": None if found is None else [row_of(each) for each in found],
            "in_need": [row_of(p) for p in archive.in_need() if _own(desk, p)],
            "counts": archive.counts(),
        },
        current="archive",
        status=status,
    )


def _own(desk: Desk, package: Package) -> bool:
    fonds = fonds_of(desk.visitor)
    return fonds is None or package.fonds in fonds


def _find(desk: Desk, asked: dict[str, Any]) -> list[Package]:
    return reading_room.find(
        by=desk.user,
        purpose=asked["purpose"],
        fonds=fonds_of(desk.visitor),
        now=desk.now,
        known={kind: asked[kind].strip() for kind in reading_room.FOUND_BY},
        case_number=asked["case_number"].strip().upper(),
        year=asked["year"],
        item=asked["item"],
    )


def row_of(package: Package) -> dict[str, object]:
    """One line of a list of packages."""
    titles = dict(_items())
    return {
        "id": package.id,
        "url": reverse("archive_package", args=[package.id]),
        "number": number_of(package),
        "item": titles.get(package.topic, package.topic),
        "names": package.described.get("names", ""),
        "case": package.case_number,
        "ended": f"{local_day(package.ended_at):%Y-%m-%d}",
        "until": f"{package.keep_until:%Y-%m-%d}" if package.keep_until else gettext("永久"),
        "handed": package.transferred_at is not None,
        "problem": package.problem,
        "size": f"{max(1, round(package.size / 1024))} KB",
    }


def purpose_of(desk: Desk) -> str:
    """Why this archivist reads. Errors: Refused for one who has not said so."""
    purpose = str(desk.request.session.get(PURPOSE, ""))
    if not purpose:
        raise access.Refused
    return purpose


def _opened(desk: Desk, package_id: UUID) -> OpenedPackage:
    """The package, whose page says it when it was changed where it lies. Errors: Refused."""
    try:
        return _open(desk, package_id)
    except SealBroken:
        raise access.Refused from None


def _open(desk: Desk, package_id: UUID) -> OpenedPackage:
    return reading_room.access_package(
        by=desk.user,
        package_id=package_id,
        purpose=purpose_of(desk),
        fonds=fonds_of(desk.visitor),
        now=desk.now,
    )


def _judged(opened: OpenedPackage) -> tuple[Check, ...]:
    """The four checks as they are today."""
    package = opened.package
    expected = Expected(package.sha256, package.sm3, package.size)
    return checks.examine(opened.data, stage=Stage.KEEPING, keys=signer().keys, expected=expected)


@desk_page("GET", roles=ROLES)
def package(desk: Desk, package_id: UUID) -> HttpResponse:
    """What a package says of itself, what the four checks say of it, and its files."""
    if not desk.request.session.get(PURPOSE):
        messages.info(desk.request, gettext("请先写明查档事由"))
        return go(reverse("archive"))
    try:
        opened = _open(desk, package_id)
    except SealBroken:
        return desk.page("archive/broken.html", {"id": package_id}, current="archive", status=409)
    files, unreadable = _files(opened.data)
    found = _judged(opened)
    basics = basics_of(files) if BASICS in files and not unreadable else {}
    return desk.page(
        "archive/package.html",
        {
            "row": row_of(opened.package),
            "package": opened.package,
            "made": shown_moment(opened.package.made_at or desk.now),
            "basics": basics.items(),
            "files": [
                {"place": place, "name": name, "size": f"{len(data):,}"}
                for place, (name, data) in enumerate(files.items(), start=1)
            ],
            "dimensions": _groups(found),
            "faults": len(checks.faults(found)),
            "purpose": purpose_of(desk),
        },
        current="archive",
    )


def _files(data: bytes) -> tuple[dict[str, bytes], bool]:
    try:
        return files_of(data), False
    except NotAPackageError:
        return {}, True


def _groups(found: tuple[Check, ...]) -> list[dict[str, object]]:
    tones = {"passed": "good", "failed": "bad", "not_judged": "info"}
    return [
        {
            "title": dimension.value,
            "checks": [
                {"check": c, "tone": tones[c.result.value], "result": reports.RESULTS[c.result]}
                for c in found
                if c.dimension is dimension
            ],
        }
        for dimension in checks.Dimension
    ]


@desk_page("GET", roles=ROLES)
def one_file(desk: Desk, package_id: UUID, place: int) -> HttpResponse:
    """One file of a package, taken out."""
    opened = _opened(desk, package_id)
    files, _unreadable = _files(opened.data)
    if not 1 <= place <= len(files):
        raise Http404
    name, data = list(files.items())[place - 1]
    reading_room.note_file(
        by=desk.user, package=opened.package, purpose=purpose_of(desk), now=desk.now
    )
    extension = name.rpartition(".")[2].lower()
    return sent(data, f"{place:02d}.{extension}", TYPES.get(extension, "application/octet-stream"))


@desk_page("GET", roles=ROLES)
def whole(desk: Desk, package_id: UUID) -> HttpResponse:
    """The whole package, as it is kept."""
    opened = _opened(desk, package_id)
    return sent(opened.data, opened.package.name, "application/zip")


@desk_page("GET", roles=ROLES)
def report(desk: Desk, package_id: UUID) -> HttpResponse:
    """The report of the four checks of today, as XML."""
    opened = _opened(desk, package_id)
    data = reports.report_xml(opened.package.name, opened.package.sha256, _judged(opened), desk.now)
    return sent(data, f"{opened.package.id}.xml", "application/xml")


@desk_page("POST", roles=ROLES)
def again(desk: Desk, package_id: UUID) -> HttpResponse:
    """Let a package that could not be made be made once more."""
    found = archive.one(package_id)
    if found is None or not _own(desk, found):
        raise access.Refused
    if archive.again(package_id=package_id, now=desk.now):
        messages.success(desk.request, gettext("会在一分钟内重新归档"))
    return go(reverse("archive"))


def sent(data: bytes, name: str, kind: str) -> HttpResponse:
    """A file as a download that nothing on the way runs or keeps."""
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def stamp(at: datetime | None) -> str:
    """A moment for a list; empty when there is none."""
    return shown_moment(at) if at else ""
