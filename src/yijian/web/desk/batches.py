"""批量通过: many clean tasks, each shown as one line before, each standing or falling alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import contexts, tasks
from yijian.actions.tasks import LARGEST_BATCH, PURPOSE
from yijian.domain.context import RefusedError
from yijian.domain.states import TaskState
from yijian.records import access, queries
from yijian.records.access import OpenedTask
from yijian.records.people import StaffRole
from yijian.web.applicant.values import worded
from yijian.web.desk import comparing, findings, undoing
from yijian.web.desk.deciding import number_in
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.lines import state_title
from yijian.web.messages.sentences import SENTENCES, sentence
from yijian.web.templatetags.masks import mask_name


@dataclass(frozen=True, slots=True)
class Line:
    """One task of a batch: what it is, and why it is not clean; "" when it is."""

    task_id: UUID
    version: int
    number: str
    child: str
    mother: str
    item: str
    problem: str


@desk_page("GET", "POST", roles=(StaffRole.CLERK,))
def batch(desk: Desk) -> HttpResponse:
    """GET shows the ticked tasks, one line each; POST approves those that are still clean."""
    if desk.request.method == "POST":
        return _approve(desk)
    chosen = list(dict.fromkeys(_ids(desk.request.GET.getlist("task"))))
    if not chosen:
        messages.info(desk.request, gettext("请先勾选要通过的办件。"))
        return HttpResponseRedirect(reverse("desk_tasks"))
    if len(chosen) > LARGEST_BATCH:
        messages.warning(desk.request, _too_many())
        return HttpResponseRedirect(reverse("desk_tasks"))
    lines = _looked_at(desk, chosen)
    clean = [line for line in lines if not line.problem]
    return desk.page(
        "desk/batch.html",
        {"clean": clean, "others": [line for line in lines if line.problem]},
        current="open",
    )


def _too_many() -> str:
    return gettext("一次最多 %(most)s 件，请少选几件。") % {"most": LARGEST_BATCH}


def _ids(texts: Iterable[str]) -> Iterable[UUID]:
    for text in texts:
        try:
            yield UUID(text)
        except ValueError:
            continue


def _looked_at(desk: Desk, chosen: Iterable[UUID]) -> list[Line]:
    """Each chosen task, opened and written into the access log; those of others are left out."""
    chosen = list(chosen)
    held = queries.held_decisions(task_ids=chosen)
    lines = []
    for task_id in chosen:
        try:
            opened = access.access_task(
                by=desk.user, task_id=task_id, purpose=PURPOSE, now=desk.now
            )
        except access.Refused:
            continue
        lines.append(_line(desk, task_id, opened, task_id in held))
    return lines


def _line(desk: Desk, task_id: UUID, opened: OpenedTask, held: bool) -> Line:
    case, task = opened.case, opened.task
    context = contexts.context_of(case)
    item = context.pack.items[task.item]
    values = context.values(case, task.newborn, desk.now)
    problem = ""
    if held:
        problem = gettext("已经处理，正在生效")
    elif task.state not in (TaskState.QUEUED, TaskState.ACCEPTED, TaskState.IN_REVIEW):
        problem = gettext("现在是“%(state)s”") % {"state": state_title(task.state)}
    elif task.unrouted or not tasks.is_clean(case, task):
        problem = gettext("家庭有异议，请逐件看")
    elif comparing.compare(case, item, task, context, desk.now, full=False).differences:
        problem = gettext("申报与共享不一致，请逐件看")
    else:
        rules = findings.rule_findings(case, item, task, context, desk.now)
        if any(rule["answer"] != "yes" for rule in rules):
            problem = gettext("有条件还没有核验通过，请逐件看")
    return Line(
        task_id,
        task.version,
        case.number,
        _child(str(values.get("newborn_name") or ""), task.newborn, case.newborns),
        mask_name(str(values.get("mother_name") or "")),
        worded(item.title),
        problem,
    )


def _child(name: str, newborn: int, newborns: int) -> str:
    """The masked name, numbered among twins; a dash for a task of the family."""
    if not newborn:
        return "—"
    return mask_name(name) + (f" {newborn}/{newborns}" if newborns > 1 else "")


def _approve(desk: Desk) -> HttpResponse:
    sent = desk.request.POST
    versions = {}
    for task_id in _ids(sent.getlist("task")):
        versions[task_id] = number_in(sent.get(f"version_{task_id}", ""))
    if len(versions) > LARGEST_BATCH:
        messages.warning(desk.request, _too_many())
        return HttpResponseRedirect(reverse("desk_tasks"))
    clean = {line.task_id for line in _looked_at(desk, versions) if not line.problem}
    kept = {task_id: version for task_id, version in versions.items() if task_id in clean}
    if not kept:
        messages.warning(desk.request, gettext("这些办件都有了变化，没有通过，请逐件看。"))
        return HttpResponseRedirect(reverse("desk_tasks"))
    try:
        outcomes = tasks.approve_batch(by=desk.user, versions=kept, now=desk.now)
    except RefusedError as refusal:
        messages.warning(desk.request, sentence(refusal))
        return HttpResponseRedirect(reverse("desk_tasks"))
    done = [outcome.held for outcome in outcomes if outcome.held is not None]
    failed = [outcome.refused for outcome in outcomes if outcome.refused]
    if done:
        words = gettext("%(count)s 件已通过") % {"count": len(done)}
        undoing.remember(desk.request, done, words)
    left = len(versions) - len(done)
    if left:
        why = {str(SENTENCES[code]) for code in failed if code and code in SENTENCES}
        words = gettext("%(count)s 件没有通过，请逐件看。") % {"count": left}
        messages.warning(desk.request, " ".join([words, *sorted(why)]))
    return HttpResponseRedirect(reverse("desk_tasks"))
