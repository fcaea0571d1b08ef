"""What an archive calls every step: no kind of event may be without a name."""

from datetime import UTC, datetime

import pytest

from yijian.domain.archiving import step_title
from yijian.domain.events import Event, EventKind


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_a_title_in_the_archive(kind: EventKind) -> None:
    public = {"from": "queued", "to": "accepted"} if kind is EventKind.TASK_MOVED else {}
    assert step_title(Event(kind, datetime(2026, 11, 21, tzinfo=UTC), "x", public=public))
