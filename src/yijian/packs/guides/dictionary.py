"""数据字典: every fact, code list, page and official cell of a pack, in both languages at once.

Departments that connect read here what a field means, where it comes from and which codes it has.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from yijian.domain.policy import FactType
from yijian.domain.wording import Text
from yijian.packs.guides.pages import Part, Table
from yijian.packs.guides.speaking import Speaker


def parts(say: Speaker, today: date) -> Iterator[Part]:
    """The dictionary; `today` changes nothing."""
    pack = say.pack
    head = (
        say.word("标识", "Identifier"),
        say.word("名称", "Title"),
        say.word("类型", "Type"),
        say.word("属于", "Scope"),
        say.word("来源", "Source"),
        say.word("有效天数", "Fresh for (days)"),
        say.word("个人信息", "Personal"),
    )
    rows = tuple(_fact(say, fact) for fact in pack.facts.values())
    yield Part(1, say.word("字段", "Facts"), table=Table(head, rows))
    yield Part(1, say.word("登记库", "Registers"), tuple(_titles(pack.registers.items())))
    yield Part(
        1, say.word("办理机构种类", "Kinds of offices"), tuple(_titles(pack.office_kinds.items()))
    )
    yield Part(1, say.word("代码", "Codes"))
    for code_list in pack.code_lists.values():
        yield Part(2, code_list.id, tuple(_titles(code_list.entries.items())))
    pages = ((f"{page.id}（{page.step}）", page.title) for page in pack.pages)
    leads = tuple(f"{page.id}: {page.lead.zh} / {page.lead.en}" for page in pack.pages)
    yield Part(1, say.word("页面", "Pages"), (*_titles(pages), *leads))
    sections = ((f"{section.id} → {section.page}", section.title) for section in pack.form)
    yield Part(1, say.word("表单部分", "Sections"), tuple(_titles(sections)))
    marks = tuple(f"{field.fact}: official={say.yes_no(field.official)}" for field in pack.fields())
    yield Part(1, say.word("申请表本身要求的栏目", "Fields the form itself asks for"), marks)


def _fact(say: Speaker, fact: FactType) -> tuple[str, ...]:
    kind = f"{fact.kind.value}（{fact.code_list}）" if fact.code_list else fact.kind.value
    source = fact.register or say.word("家庭", "family")
    if fact.derive is not None:
        source = fact.derive.source
    return (
        fact.id,
        f"{fact.title.zh} / {fact.title.en}",
        kind,
        fact.scope.value,
        source,
        "" if fact.fresh_days is None else str(fact.fresh_days),
        say.yes_no(fact.personal),
    )


def _titles(entries: Iterable[tuple[str, Text]]) -> Iterator[str]:
    for key, text in entries:
        yield f"{key}: {text.zh} / {text.en}"
