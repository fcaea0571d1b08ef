"""和底包的冲突: what a pack may not silently change of the base it stands on."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from yijian.domain.policy import Pack
from yijian.packs.findings import Finding, Severity
from yijian.packs.nodes import Node
from yijian.packs.reading import Source, layers_of

_IDENTITY = ("kind", "scope", "code_list")
_CALLED = {"kind": "类型", "scope": "范围", "code_list": "代码表"}
_UNITS = ("workdays", "days", "hours")


def check_base(packs_dir: Path, source: Source, pack: Pack) -> Iterator[Finding]:
    """Findings about facts that changed their nature, rules and codes dropped, limits loosened."""
    base, own = layers_of(packs_dir, source.code)
    if base is None:
        return
    yield from _facts(base, own)
    yield from _rules(base, own, pack)
    yield from _codes(base, own, source)
    yield from _limits(base, own)


def _part(tree: Node, *path: str | int) -> Mapping[str, Node]:
    found = tree.find(path)
    return found.value if found is not None and isinstance(found.value, dict) else {}


def _facts(base: Node, own: Node) -> Iterator[Finding]:
    before = _part(base, "facts")
    for fact, node in _part(own, "facts").items():
        if fact not in before or not isinstance(node.value, dict):
            continue
        for key in _IDENTITY:
            old, new = before[fact].find([key]), node.find([key])
            if old is not None and new is not None and old.value != new.value:
                sentence = (
                    f"底包里“{fact}”的{_CALLED[key]}是 {old.value}，改成 {new.value} 会让别处的"
                    "规则和登记库对不上，请另起一个事实"
                )
                yield Finding(new.place, sentence)


def _rules(base: Node, own: Node, pack: Pack) -> Iterator[Finding]:
    """A rule that rests on a document is dropped only with a decision that names it."""
    before = _part(base, "rules")
    decided = " ".join(d.decided.zh + d.question.zh for d in pack.decisions.values())
    for rule, node in _part(own, "rules").items():
        if node.value is not None or rule not in before:
            continue
        rests = before[rule].find(["basis"])
        if rests is not None and rests.value and rule not in decided:
            sentence = f"底包的规则“{rule}”有依据，去掉它要有一个决定，决定里写出“{rule}”"
            yield Finding(node.place, sentence)


def _codes(base: Node, own: Node, source: Source) -> Iterator[Finding]:
    """A code that is dropped must not be what an expression or an official answer still names."""
    said: list[tuple[tuple[str, ...], str]] = [
        (("rules", id_, "condition"), rule.condition) for id_, rule in source.model.rules.items()
    ]
    for section_id, section in source.model.sections.items():
        for fact, field in section.fields.items():
            for key in ("default", "offered", "shown"):
                written = getattr(field, key)
                if written is not None:
                    said.append((("sections", section_id, "fields", fact, key), written))
    for list_id, entries in _part(own, "code_lists").items():
        if not isinstance(entries.value, dict):
            continue
        users = {id_ for id_, fact in source.model.facts.items() if fact.code_list == list_id}
        for code, node in entries.value.items():
            if node.value is not None or code not in _part(base, "code_lists", list_id):
                continue
            for path, text in said:
                named = any(fact in text or fact in map(str, path) for fact in users)
                if named and (f'"{code}"' in text or f"'{code}'" in text):
                    sentence = f"代码表“{list_id}”去掉了“{code}”，这里还在用"
                    yield Finding(source.place(*path), sentence)


def _limits(base: Node, own: Node) -> Iterator[Finding]:
    """A longer limit than the base's needs a basis of its own or a decision."""
    before = _part(base, "items")
    for code, node in _part(own, "items").items():
        old, new = before.get(code), node.find(["limits"])
        if old is None or new is None or not isinstance(new.value, list):
            continue
        known = old.find(["limits"])
        if known is None or not isinstance(known.value, list) or not known.value:
            continue
        for limit in new.value:
            yield from _loosened(known.value[-1], limit)


def _loosened(old: Node, new: Node) -> Iterator[Finding]:
    for unit in _UNITS:
        was, now = old.find([unit]), new.find([unit])
        if was is None or now is None:
            continue
        if not isinstance(was.value, int) or not isinstance(now.value, int):
            continue
        same = _plain(old.find(["basis"])) == _plain(new.find(["basis"]))
        if now.value > was.value and same and new.find(["decision"]) is None:
            sentence = f"底包的时限是 {was.value}，放宽到 {now.value} 要有自己的依据或决定"
            yield Finding(now.place, sentence, Severity.ERROR)


def _plain(node: Node | None) -> object:
    if node is None:
        return None
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return node.value
