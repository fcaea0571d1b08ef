"""指南: the papers a pack writes itself, so that no guide can say anything the pack does not.

`notice` is the one-time notice for families, `service` the service guide, `staff` the work guide
with review points, `questions` the questions and answers, `messages` the texts that are sent,
`dictionary` every field and code, `chart` the flow chart alone. All are values (`Guide`) that
print as text or as a page for A4.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from yijian.domain.policy import Pack
from yijian.domain.wording import Text
from yijian.packs.guides import dictionary, handbook, messages, notice, questions, staff
from yijian.packs.guides.chart import chart_part, drawing
from yijian.packs.guides.pages import Guide, Part, Table, as_html, as_text, body_html
from yijian.packs.guides.speaking import Speaker

__all__ = [
    "KINDS",
    "Guide",
    "Part",
    "Speaker",
    "Table",
    "as_html",
    "as_text",
    "body_html",
    "drawing",
    "make",
]


def _chart(say: Speaker, today: date) -> Iterator[Part]:
    yield chart_part(say, today)


KINDS: Mapping[str, tuple[Text, Callable[[Speaker, date], Iterator[Part]]]] = {
    "notice": (Text("一次性告知书", "All you need to know, once"), notice.parts),
    "service": (Text("办事指南", "Service guide"), handbook.parts),
    "staff": (Text("工作指引", "Work guide for staff"), staff.parts),
    "questions": (Text("常见问题", "Questions and answers"), questions.parts),
    "messages": (Text("短信和消息", "Messages"), messages.parts),
    "dictionary": (Text("数据字典", "Data dictionary"), dictionary.parts),
    "chart": (Text("办理流程图", "Flow chart"), _chart),
}
"""What can be printed: the paper's name and what makes its parts."""


def make(pack: Pack, kind: str, language: str, today: date) -> Guide:
    """One of the papers in one language ("zh" or "en"). KeyError for a kind that is none."""
    name, parts = KINDS[kind]
    say = Speaker(pack, language)
    return Guide(
        title=say(pack.service_title),
        subtitle=say(name),
        parts=tuple(parts(say, today)),
        footer=say.footer(),
        language="zh" if say.chinese else "en",
    )
