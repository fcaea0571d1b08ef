"""短信和消息: every message the pack sends, with when, to whom and over which channel."""

from collections.abc import Iterator
from datetime import date

from yijian.domain.policy import NoticeSpec
from yijian.packs.guides.pages import Part, Table
from yijian.packs.guides.speaking import Speaker

CHANNELS = {"sms": ("短信", "text message"), "message": ("站内消息", "message in the app")}


def parts(say: Speaker, today: date) -> Iterator[Part]:
    """The messages as a table; `today` changes nothing."""
    head = (
        say.word("什么时候发", "When"),
        say.word("发给谁", "To"),
        say.word("怎么发", "How"),
        say.word("内容", "Text"),
        say.word("依据", "Basis"),
    )
    rows = tuple(_row(say, notice) for notice in say.pack.notices)
    yield Part(1, say.word("短信和消息", "Messages"), table=Table(head, rows))


def _row(say: Speaker, notice: NoticeSpec) -> tuple[str, ...]:
    when = notice.on
    if notice.when is not None:
        when += say.word("；当 ", "; when ") + notice.when.source
    return (
        f"{notice.id}\n{when}",
        say.joined(say.role(role) for role in notice.to),
        say.joined(say.word(*CHANNELS[c]) if c in CHANNELS else c for c in notice.channels),
        say(notice.text),
        say.basis(notice.basis),
    )
