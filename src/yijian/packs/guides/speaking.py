"""说法: how a guide says a pack's values in one language."""

from collections.abc import Iterable
from dataclasses import dataclass

from yijian.domain.policy import Limit, Pack
from yijian.domain.wording import Basis, Text


@dataclass(frozen=True)
class Speaker:
    """Says texts, names and numbers of one pack in one language ("zh" or "en")."""

    pack: Pack
    language: str

    @property
    def chinese(self) -> bool:
        """Whether it speaks Chinese."""
        return self.language.startswith("zh")

    def __call__(self, text: Text | None) -> str:
        """A text of the pack; "" for none."""
        return text.in_language(self.language).strip() if text is not None else ""

    def word(self, zh: str, en: str) -> str:
        """A word of the guide itself."""
        return zh if self.chinese else en

    def joined(self, words: Iterable[str]) -> str:
        """A list in one line."""
        return ("、" if self.chinese else ", ").join(words)

    def either(self, words: Iterable[str]) -> str:
        """A list of which one is enough."""
        return ("或" if self.chinese else " or ").join(words)

    def yes_no(self, value: bool) -> str:
        """Yes or no."""
        return self.word("是", "yes") if value else self.word("否", "no")

    def role(self, role: str) -> str:
        """What a person of this role is called."""
        found = self.pack.roles.get(role)
        return self(found.short) if found is not None else role

    def office(self, kind: str) -> str:
        """What offices of this kind are called."""
        found = self.pack.office_kinds.get(kind)
        return self(found) if found is not None else kind

    def item(self, code: str) -> str:
        """An item's title."""
        found = self.pack.items.get(code)
        return self(found.title) if found is not None else code

    def items(self, codes: Iterable[str]) -> str:
        """Items' titles in one line."""
        return self.joined(self.item(code) for code in codes)

    def fact(self, fact: str) -> str:
        """A fact's title."""
        found = self.pack.facts.get(fact)
        return self(found.title) if found is not None else fact

    def duration(self, limit: Limit) -> str:
        """A time limit in words."""
        if limit.workdays is not None:
            return self.word(
                f"{limit.workdays} 个工作日内", f"within {limit.workdays} working days"
            )
        if limit.days is not None:
            return self.word(f"{limit.days} 天内", f"within {limit.days} days")
        return self.word(f"{limit.hours} 小时内", f"within {limit.hours} hours")

    def basis(self, *bases: Basis | None) -> str:
        """The documents and clauses that a value rests on."""
        said = []
        for basis in bases:
            if basis is None:
                continue
            source = self.pack.sources.get(basis.document)
            said.append(f"{source.number if source else basis.document} {basis.clause}")
        return self.joined(dict.fromkeys(said))

    def footer(self) -> str:
        """The documents a guide stands on, and the version of the policy it was made from."""
        documents = self.joined(source.number for source in self.pack.sources.values())
        based = self.word("依据：", "Based on: ") + documents
        version = self.word("政策版本：", "Policy version: ")
        return f"{based}　{version}{self.pack.version}（{self.pack.digest[:12]}）"
