"""样例测试: the families of a pack's `examples/`, each with what must come out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.eligibility import Answer, Eligibility
from yijian.domain.facts import FAMILY
from yijian.domain.materials import asked_materials
from yijian.domain.plan import PlannedTask, make_plan
from yijian.domain.policy import Scope
from yijian.domain.signing import applicable_statements, required_steps
from yijian.domain.states import TaskState
from yijian.packs.expressions import remembering
from yijian.packs.families import Family, load
from yijian.packs.families.schema import ExpectSchema
from yijian.packs.findings import Finding
from yijian.packs.rehearsal import Rehearsal, begun, can_be_planned, play, switched_off_by

FOLDER = "examples"


def example_files(packs_dir: Path, code: str) -> tuple[Path, ...]:
    """The family files of a pack, by name."""
    return tuple(sorted((packs_dir / code / FOLDER).glob("*.y*ml")))


def load_example(packs_dir: Path, path: Path) -> Family:
    """A family file, called by its path inside `packs_dir`; PackError when it is wrong."""
    return load(path, path.relative_to(packs_dir).as_posix())


def differences(family: Family, context: Context) -> list[Finding]:
    """Where the family does not come out as it expects; empty when all is as expected."""
    with remembering():
        return _differences(family, context)


def _differences(family: Family, context: Context) -> list[Finding]:
    expect = family.model.expect
    start = begun(family, context)
    found = list(_of_verdict(family, expect, start))
    if expect.values is not None:
        found += _of_values(family, expect.values, start)
    plan = make_plan(context, start.case, start.now) if can_be_planned(start.case, context) else ()
    found += _of_plan(family, expect, plan)
    found += _of_papers(family, expect, start)
    wanted = (expect.states, expect.stage, expect.notices, expect.documents, expect.offline)
    if any(each is not None for each in wanted):
        found += _of_play(family, expect, play(family, context))
    return found


def _differs(family: Family, key: str, wanted: object, got: object) -> Iterator[Finding]:
    if wanted != got:
        sentence = f"{key} 应为 {_shown(wanted)}，得到 {_shown(got)}"
        yield Finding(family.place("expect", *key.split(".")), sentence)


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_shown(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(each)}" for key, each in value.items()) + "}"
    return "null" if value is None else str(value)


def _of_verdict(family: Family, expect: ExpectSchema, start: Rehearsal) -> Iterator[Finding]:
    verdict = start.context.judge(start.case, start.now)
    if expect.eligible is not None:
        yield from _differs(family, "eligible", expect.eligible, verdict.answer.value)
    if expect.failed is not None:
        got = _rules(verdict, Answer.NO)
        yield from _differs(family, "failed", sorted(expect.failed), got)
    if expect.unknown is not None:
        got = _rules(verdict, Answer.UNKNOWN)
        yield from _differs(family, "unknown", sorted(expect.unknown), got)
    if expect.waits_for is not None:
        got = sorted(verdict.waits_for)
        yield from _differs(family, "waits_for", sorted(expect.waits_for), got)
    if expect.repairs is not None:
        repairs = {repair.fact: repair.value for repair in verdict.repairs}
        yield from _differs(family, "repairs", expect.repairs, repairs)


def _rules(verdict: Eligibility, answer: Answer) -> list[str]:
    return sorted({v.rule.id for v in verdict.verdicts if v.answer is answer})


def _of_values(family: Family, wanted: Mapping[str, object], start: Rehearsal) -> list[Finding]:
    context, case = start.context, start.case
    found = []
    for fact, value in wanted.items():
        fact_type = context.pack.facts.get(fact)
        if fact_type is None:
            place = family.place("expect", "values", fact)
            found.append(Finding(place, f"没有叫“{fact}”的事实"))
            continue
        subjects = (
            range(1) if fact_type.scope is Scope.FAMILY else range(1, max(case.newborns, 1) + 1)
        )
        got = [_plain(context.filled(case, n, start.now).get(fact)) for n in subjects]
        several = fact_type.scope is Scope.NEWBORN and isinstance(value, list)
        for one in [got] if several else got:
            found += _differs(family, f"values.{fact}", value, one)
    return found


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, list | tuple):
        return list(value)
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _of_plan(
    family: Family, expect: ExpectSchema, plan: tuple[PlannedTask, ...]
) -> Iterator[Finding]:
    done = [task for task in plan if task.exempt is None]
    if expect.tasks is not None:
        wanted = {item: count for item, count in expect.tasks.items() if count}
        got = dict(Counter(task.item.code for task in done))
        yield from _differs(family, "tasks", wanted, got)
    if expect.not_needed is not None:
        got_codes = sorted({task.item.code for task in plan if task.exempt is not None})
        yield from _differs(family, "not_needed", sorted(expect.not_needed), got_codes)
    for item, office in (expect.offices or {}).items():
        offices = {task.office.code if task.office else None for task in _of(plan, item)}
        for code in offices or {None}:
            yield from _differs(family, f"offices.{item}", office, code)
    for item, workdays in (expect.limits or {}).items():
        limits = {task.limit.workdays if task.limit else None for task in _of(plan, item)}
        for days in limits or {None}:
            yield from _differs(family, f"limits.{item}", workdays, days)


def _of_papers(family: Family, expect: ExpectSchema, start: Rehearsal) -> Iterator[Finding]:
    case, context, now = start.case, start.context, start.now
    if expect.signers is not None:
        got = [step.role for step in required_steps(case, context, now)]
        yield from _differs(family, "signers", sorted(expect.signers), sorted(got))
    if expect.statements is not None:
        got = [statement.id for statement in applicable_statements(case, context, now)]
        yield from _differs(family, "statements", sorted(expect.statements), sorted(got))
    if expect.materials is not None:
        got = [asked.material.id for asked in asked_materials(context, case, now)]
        yield from _differs(family, "materials", sorted(expect.materials), sorted(got))
    if expect.switched_off is not None:
        got = list(switched_off_by(start))
        yield from _differs(family, "switched_off", sorted(expect.switched_off), got)


def _of(plan: tuple[PlannedTask, ...], item: str) -> list[PlannedTask]:
    return [task for task in plan if task.item.code == item]


def _of_play(family: Family, expect: ExpectSchema, end: Rehearsal) -> Iterator[Finding]:
    why = f"（{end.refused}）" if end.refused else ""
    if expect.stage is not None and end.case.stage.value != expect.stage:
        sentence = f"stage 应为 {expect.stage}，得到 {end.case.stage.value}{why}"
        yield Finding(family.place("expect", "stage"), sentence)
    for item, wanted in (expect.states or {}).items():
        got = _states(end.case, item)
        every: list[str] = [wanted] * len(got) if isinstance(wanted, str) else list(wanted)
        if got != every or not got:
            sentence = f"{item} 应为 {_shown(wanted)}，得到 {_shown(got)}{why}"
            yield Finding(family.place("expect", "states", item), sentence)
    if expect.offline is not None:
        tasks = end.case.tasks.values()
        gone = sorted({task.item for task in tasks if task.state is TaskState.OFFLINE})
        yield from _differs(family, "offline", sorted(expect.offline), gone)
    sent = {message.notice for message in end.messages}
    for index, notice in enumerate(expect.notices or ()):
        if notice not in sent:
            yield Finding(family.place("expect", "notices", index), f"没有发出“{notice}”")
    made = {due.kind for due, _ in end.documents}
    for index, document in enumerate(expect.documents or ()):
        if document not in made:
            yield Finding(family.place("expect", "documents", index), f"没有出“{document}”{why}")
    if end.unused:
        rest = "、".join(f"{step.item} {step.do}" for step in end.unused)
        yield Finding(family.place("script"), f"脚本里没有用上的步骤：{rest}{why}")


def _states(case: Case, item: str) -> list[str]:
    tasks = sorted(case.tasks_of(item), key=lambda task: task.newborn or FAMILY)
    return [task.state.value for task in tasks]
