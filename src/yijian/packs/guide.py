"""一次性告知: a pack as one printable page for families, so that nobody has to come twice.

Everything on it is the pack's; only the headings are written here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape

from yijian.domain.forms import Delivery
from yijian.domain.policy import Choice, Limit, Pack, ServiceItem
from yijian.domain.wording import Text

_STYLE = """
body{font:16px/1.6 "Noto Serif CJK SC","Songti SC",serif;max-width:44em;margin:2em auto;
padding:0 1em;color:#1a1a1a}
h1{font-size:1.5em;margin:0 0 .2em}
h2{font-size:1.15em;margin:1.6em 0 .3em;border-bottom:1px solid #999}
h3{font-size:1em;margin:1em 0 .1em}ul{margin:.2em 0;padding-left:1.3em}li{margin:.1em 0}
footer{margin-top:2em;font-size:.85em;color:#555}
@media print{body{margin:0;max-width:none;font-size:11pt}h2,h3{break-after:avoid}}
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading of the guide with its lines; level 1 is a part, 2 an item inside it."""

    level: int
    heading: str
    lines: tuple[str, ...]


def parts(pack: Pack, language: str, today: date) -> tuple[Part, ...]:
    """The guide as headings and lines in one language ("zh" or "en")."""
    say = _Speaker(language)
    return tuple(_parts(pack, say, today))


def as_text(pack: Pack, language: str, today: date) -> str:
    """The guide as plain text."""
    say = _Speaker(language)
    lines = [say(pack.service_title), say.word("一次性告知", "All you need to know, once"), ""]
    for part in parts(pack, language, today):
        lines += ["", f"## {part.heading}" if part.level == 1 else f"### {part.heading}"]
        lines += [f"- {line}" for line in part.lines]
    return "\n".join([*lines, "", _footer(pack, say), ""])


def as_html(pack: Pack, language: str, today: date) -> str:
    """The guide as one self-contained page, made for A4 paper."""
    say = _Speaker(language)
    title = escape(say(pack.service_title))
    body = [
        f"<h1>{title}</h1>",
        f"<p>{say.word('一次性告知', 'All you need to know, once')}</p>",
    ]
    for part in parts(pack, language, today):
        body.append(f"<h{part.level + 1}>{escape(part.heading)}</h{part.level + 1}>")
        if part.lines:
            items = "".join(f"<li>{escape(line)}</li>" for line in part.lines)
            body.append(f"<ul>{items}</ul>")
    lang = "zh-Hans" if language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + f"\n</main>\n<footer>{escape(_footer(pack, say))}</footer>\n</body>\n</html>\n"
    )


class _Speaker:
    """Says a text in one language."""

    def __init__(self, language: str) -> None:
        self.chinese = language.startswith("zh")

    def __call__(self, text: Text) -> str:
        return (text.zh if self.chinese else text.en).strip()

    def word(self, zh: str, en: str) -> str:
        return zh if self.chinese else en

    def joined(self, words: list[str]) -> str:
        return ("、" if self.chinese else ", ").join(words)


def _parts(pack: Pack, say: _Speaker, today: date) -> Iterator[Part]:
    if "entrance" in pack.words:
        entrance = (say(pack.words["entrance"]),)
        yield Part(1, say.word("在哪里办", "Where"), entrance)
    conditions = tuple(say(rule.title) for rule in pack.rules)
    yield Part(
        1, say.word("什么家庭可以一次办", "Which families can do it all at once"), conditions
    )
    elsewhere = dict.fromkeys(say(rule.way_on) for rule in pack.rules)
    yield Part(1, say.word("有一条不符合，怎么办", "If one of these is not met"), tuple(elsewhere))
    yield Part(1, say.word("怎么办", "How"), tuple(_steps(pack, say)))
    heading = say.word("办哪些事", "What is done")
    yield Part(1, heading, _promise(pack, say))
    for item in pack.items.values():
        yield Part(2, say(item.title), tuple(_item(pack, item, say, today)))
    papers = tuple(
        f"{say(rule.title)}: {say(rule.holder)} → {say(rule.goes_to)}（{say(rule.every)}）"
        for rule in pack.custody
    )
    if papers:
        yield Part(1, say.word("纸质材料由谁保管", "Who keeps the paper"), papers)


def _steps(pack: Pack, say: _Speaker) -> Iterator[str]:
    names = {
        "mother": say.word("妈妈", "the mother"),
        "father": say.word("爸爸", "the father"),
        "representative": say.word("代办人", "the representative"),
    }
    applicants = say.joined([names[role] for role in pack.applicants])
    yield say.word(f"由{applicants}申请，填一次。", f"Applied for by {applicants}, once.")
    for number, step in enumerate(pack.signing, 1):
        who = names[step.role]
        face = step.live_check
        zh = f"第{number}个签名：{who}" + ("，先刷脸。" if face else "。")
        en = f"Signature {number}: {who}" + (", after a face check." if face else ".")
        yield say.word(zh, en)


def _promise(pack: Pack, say: _Speaker) -> tuple[str, ...]:
    if pack.promise is None:
        return ()
    return (say.word("全部办完：", "All of it: ") + _duration(pack.promise, say),)


def _duration(limit: Limit, say: _Speaker) -> str:
    if limit.workdays is not None:
        return say.word(f"{limit.workdays} 个工作日内", f"within {limit.workdays} working days")
    if limit.days is not None:
        return say.word(f"{limit.days} 天内", f"within {limit.days} days")
    return say.word(f"{limit.hours} 小时内", f"within {limit.hours} hours")


def _item(pack: Pack, item: ServiceItem, say: _Speaker, today: date) -> Iterator[str]:
    yield say(item.summary)
    chosen = {
        Choice.ALWAYS: say.word("必办。", "Always included."),
        Choice.DEFAULT: say.word("可以不办。", "Can be left out."),
        Choice.OPTIONAL: say.word("需要时勾选。", "Tick it when wanted."),
    }
    unasked = say.word("不用申请。", "No application needed.")
    yield chosen[item.choice] if item.applied_for else unasked
    needs = say.joined([say(pack.items[code].title) for code in item.needs if code in pack.items])
    if needs:
        yield say.word(f"在{needs}之后。", f"After: {needs}.")
    limit = item.limit_on(max(today, pack.in_force_from))
    if limit is not None:
        yield say.word("多久：", "How long: ") + _duration(limit, say)
    waived = say.joined([say(m.title) for m in item.materials if m.waived])
    shown = say.joined([say(m.title) for m in item.materials if not m.waived])
    if shown:
        yield say.word("要带：", "Bring: ") + shown
    if waived:
        yield say.word("不用带：", "No need to bring: ") + waived
    for ask in item.asks:
        yield say(ask.text)
    for delivery in pack.delivery:
        if delivery.item == item.code:
            yield from _ways(delivery, say)
    for exemption in item.exemptions:
        yield say(exemption.text)
    if item.way_offline is not None:
        yield say.word("线下办理：", "At a counter: ") + say(item.way_offline)


def _ways(delivery: Delivery, say: _Speaker) -> Iterator[str]:
    for option in delivery.options:
        told = [say(option.title), say(option.where)]
        bring, cost = say(option.bring), say(option.cost)
        if bring:
            told.append(say.word("带：", "bring: ") + bring)
        if cost:
            told.append(say.word("费用：", "cost: ") + cost)
        line = say.word("；", "; ").join(part for part in told if part)
        yield say.word("怎么拿：", "How you get it: ") + line


def _footer(pack: Pack, say: _Speaker) -> str:
    documents = say.joined([source.number for source in pack.sources.values()])
    based = say.word("依据：", "Based on: ") + documents
    version = say.word("政策版本：", "Policy version: ")
    return f"{based}　{version}{pack.version}（{pack.digest[:12]}）"
