"""样例的检查: every id that an example family names must exist in its pack."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from yijian.domain.policy import Pack
from yijian.packs.examples import example_files, load_example
from yijian.packs.families import Family
from yijian.packs.findings import Finding, PackError, nearest

Where = tuple[str | int, ...]


def check_examples(packs_dir: Path, pack: Pack) -> Iterator[Finding]:
    """Findings about the family files of a pack: their format and the ids they name."""
    for path in example_files(packs_dir, pack.code):
        try:
            family = load_example(packs_dir, path)
        except PackError as error:
            yield from error.findings
            continue
        for place, name, kind, known in _named(family, pack):
            if name not in known:
                sentence = f"没有叫“{name}”的{kind}{nearest(name, known)}"
                yield Finding(family.place(*place), sentence)


def _named(family: Family, pack: Pack) -> Iterator[tuple[Where, str, str, Iterable[str]]]:
    model = family.model
    for fact in model.facts:
        yield ("facts", fact), fact, "事实", pack.facts
    if model.applicant is not None:
        yield ("applicant",), model.applicant, "申请人", pack.applicants
    if model.channel is not None:
        yield ("channel",), model.channel, "渠道", pack.channels
    fields = {field.fact for field in pack.fields()} | {"items"}
    for fact in model.answers:
        yield ("answers", fact), fact, "表单字段", fields
    chosen = model.answers.get("items")
    for index, item in enumerate(chosen if isinstance(chosen, list) else ()):
        yield ("answers", "items", index), str(item), "事项", pack.items
    for index, step in enumerate(model.script):
        here = ("script", index)
        if step.item is not None:
            yield (*here, "item"), step.item, "事项", pack.items
        for place, fact in enumerate(step.fields):
            yield (*here, "fields", place), fact, "表单字段", fields
        if step.item is not None and step.item in pack.items:
            results = {result.id for result in pack.items[step.item].results}
            for result in step.result:
                yield (*here, "result", result), result, "办理结果", results
    yield from _expected(family, pack)


def _expected(family: Family, pack: Pack) -> Iterator[tuple[Where, str, str, Iterable[str]]]:
    expect = family.model.expect
    rules = {rule.id for rule in pack.rules}
    for key in ("failed", "unknown"):
        for index, rule in enumerate(getattr(expect, key) or ()):
            yield ("expect", key, index), rule, "规则", rules
    for index, register in enumerate(expect.waits_for or ()):
        yield ("expect", "waits_for", index), register, "登记库", pack.registers
    for key in ("tasks", "offices", "limits", "states"):
        for item in getattr(expect, key) or ():
            yield ("expect", key, item), item, "事项", pack.items
    switches = {switch.id for switch in pack.switches}
    statements = {statement.id for statement in pack.statements}
    materials = {material.id for item in pack.items.values() for material in item.materials}
    signers = {step.role for step in pack.signing}
    for key, kind, known in (
        ("not_needed", "事项", pack.items),
        ("offline", "事项", pack.items),
        ("switched_off", "开关", switches),
        ("statements", "声明", statements),
        ("materials", "材料", materials),
        ("signers", "签名人", signers),
    ):
        for index, name in enumerate(getattr(expect, key) or ()):
            yield ("expect", key, index), name, kind, known
    notices = {notice.id for notice in pack.notices}
    for index, notice in enumerate(expect.notices or ()):
        yield ("expect", "notices", index), notice, "消息", notices
    for index, document in enumerate(expect.documents or ()):
        yield ("expect", "documents", index), document, "文书", pack.documents
