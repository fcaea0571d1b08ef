"""文件包: the page of an office without a network: fetch the day's package, hand in the results."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from yijian.actions import file_exchange
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import RefusedError
from yijian.gateways.files import Complaint, UnreadablePackageError, complaints_csv
from yijian.gateways.files.results import LARGEST_PACKAGE
from yijian.records import access, file_packages
from yijian.records.file_packages import Package, TakenResults
from yijian.records.people import StaffRole
from yijian.web.desk.doors import Desk, desk_page

SHOWN = 20
MOST_COMPLAINTS = 200
REFUSALS: Mapping[str, object] = {
    "no_file": _("请先选择文件。"),
    "too_large": _("文件太大。请只交结果表，或者分成几个文件。"),
    "not_a_package": _("这不是结果包，也不是表格。请交填好的 results.csv。"),
    "unexpected_file": _("包里有不该有的文件，什么也没有收。"),
    "one_results_file": _("包里应有 results.csv 或 results.jsonl 中的一个。"),
    "wrong_manifest": _("包里的 manifest.json 不对，什么也没有收。"),
    "files_differ": _("包里的文件与 manifest.json 对不上，可能改过或者坏了。"),
    "no_header": _("表头不对：要有“子办件编号 task_id”和“办理结果 state”两列。"),
    "column_twice": _("表里有两列同名。"),
    "too_many_lines": _("行数太多，请分成几个文件。"),
    "wrong_encoding": _("文字编码不认识，请在表格软件里另存为“CSV UTF-8”。"),
    "not_a_table": _("这个表格读不出来，请另存为 CSV 再交。"),
    "wrong_signature": _("签名不对，什么也没有收。"),
    "another_participant": _("这个结果包是别的单位的。"),
    "package_gone": _("这个包里有家庭的数据已经按期销毁，不能再下载。"),
    "nothing_waits": _("现在没有新的办件要打包。"),
}


@desk_page("GET", "POST", roles=(StaffRole.CLERK,))
def overview(desk: Desk) -> HttpResponse:
    """The packages of the office, newest first, and what became of the results it gave."""
    own = _participants(desk)
    if desk.request.method != "POST":
        return _page(desk, own, desk.request.GET.get("problem", ""))
    if desk.request.POST.get("do") == "make":
        made = [
            package
            for code in own
            for package in file_exchange.make_due(code, by=_staff(desk), now=desk.now)
        ]
        problem = "" if made else "?problem=nothing_waits"
        return HttpResponseRedirect(reverse("desk_files") + problem)
    return _take(desk, own)


@desk_page("POST", roles=(StaffRole.CLERK,))
def fetch(desk: Desk) -> HttpResponse:
    """A package as a file; from now on its tasks have reached the office."""
    participant, number = (desk.request.POST.get(name, "") for name in ("participant", "number"))
    if participant not in _participants(desk) or not number.isdecimal() or len(number) > 9:
        raise access.Refused
    try:
        found = file_exchange.fetch(
            participant, int(number), by=_staff(desk), office=desk.visitor.office or "",
            now=desk.now,
        )  # fmt: skip
    except RefusedError as refused:
        if refused.code == "unknown_package":
            raise access.Refused from None
        return HttpResponseRedirect(f"{reverse('desk_files')}?problem={refused.code}")
    response = HttpResponse(found.data, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@desk_page("GET", roles=(StaffRole.CLERK,))
def result(desk: Desk, result_id: UUID) -> HttpResponse:
    """What became of one file of results: what took effect, and every line that did not."""
    found = _result(desk, result_id)
    complaints = file_exchange.complaints_of(found)
    return desk.page(
        "desk/file_result.html",
        {
            "result": _shown(found),
            "complaints": [_words(one) for one in complaints[:MOST_COMPLAINTS]],
            "more": max(0, len(complaints) - MOST_COMPLAINTS),
        },
        current="files",
    )


@desk_page("GET", roles=(StaffRole.CLERK,))
def errors(desk: Desk, result_id: UUID) -> HttpResponse:
    """The lines that were not taken, all of them, as a table to correct by."""
    found = _result(desk, result_id)
    data = complaints_csv(file_exchange.complaints_of(found))
    response = HttpResponse(data, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="errors-{found.name}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _take(desk: Desk, own: tuple[str, ...]) -> HttpResponse:
    file, participant = desk.request.FILES.get("file"), desk.request.POST.get("participant", "")
    if participant not in own:
        raise access.Refused
    if file is None:
        return _page(desk, own, "no_file")
    if (file.size or 0) > LARGEST_PACKAGE:
        return _page(desk, own, "too_large")
    try:
        taken = file_exchange.take(
            file.read(), participant=participant, by=_staff(desk), trusted=True, now=desk.now
        )
    except (RefusedError, UnreadablePackageError) as refused:
        return _page(desk, own, refused.code)
    return HttpResponseRedirect(reverse("desk_file_result", args=[taken.id]))


def _page(desk: Desk, own: tuple[str, ...], problem: str) -> HttpResponse:
    waiting = set(file_packages.waiting_participants())
    return desk.page(
        "desk/files.html",
        {
            "participants": own,
            "waits": bool(waiting & set(own)),
            "packages": [_line(one) for one in file_packages.packages(own, limit=SHOWN)],
            "results": [_shown(one) for one in file_packages.results_of(own, limit=SHOWN)],
            "problem": REFUSALS.get(problem, ""),
        },
        current="files",
        status=422 if problem in REFUSALS and desk.request.method == "POST" else 200,
    )


def _participants(desk: Desk) -> tuple[str, ...]:
    """Whose packages the visitor's office fetches; the page is absent for all others."""
    own = file_exchange.participants_of(desk.visitor.office or "")
    if not own:
        raise access.Refused
    return own


def _result(desk: Desk, result_id: UUID) -> TakenResults:
    found = file_packages.result(result_id)
    if found is None or found.participant not in _participants(desk):
        raise access.Refused
    return found


def _staff(desk: Desk) -> str:
    return desk.visitor.staff or desk.visitor.user


def _line(package: Package) -> dict[str, object]:
    return {
        "participant": package.participant,
        "number": package.sequence,
        "shown": f"{package.sequence:06d}",
        "day": package.day.isoformat(),
        "messages": package.messages,
        "size": package.size,
        "sealed": bool(package.sealed_to),
        "fetched_at": _local(package.fetched_at),
    }


def _shown(found: TakenResults) -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.name,
        "taken_at": _local(found.taken_at),
        "signed": found.signed,
        "lines": found.lines,
        "applied": found.applied,
        "repeated": found.repeated,
        "refused": found.refused,
    }


def _local(moment: object) -> str:
    at = getattr(moment, "astimezone", None)
    return f"{at(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""


def _words(complaint: Complaint) -> dict[str, object]:
    """The sentence of a complaint in the visitor's language."""
    chinese = str(get_language() or "").startswith("zh")
    wrong_zh, wrong_en, todo_zh, todo_en = complaint.sentence
    return {
        "line": complaint.line,
        "column": complaint.column,
        "wrong": wrong_zh if chinese else wrong_en,
        "todo": todo_zh if chinese else todo_en,
    }
