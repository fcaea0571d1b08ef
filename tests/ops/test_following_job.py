"""The worker's counting job: what it cannot count is said once, with the cell that fails."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.actions.test_figures import KEY, how_many
from tests.records.families import NOW, decide, later, saved, submitted
from yijian.domain.measures import Measure
from yijian.domain.states import TaskState
from yijian.ops import jobs
from yijian.records import figures, journal

pytestmark = pytest.mark.django_db


def test_cells_that_cannot_be_right_are_one_error_with_the_first_of_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    (loaded,) = saved(submitted("34010320261121000001X"))
    journal.seal_journal(now=NOW, key=KEY)
    assert jobs.follow_figures(0) > 0
    counted_until = figures.as_of()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM figure WHERE measure = 'standing' AND scope = ''")
    decide([loaded.id], ("certificate", 1), TaskState.COMPLETED, now=later(hours=1))
    journal.seal_journal(now=NOW + timedelta(hours=1), key=KEY)
    with caplog.at_level("ERROR"):
        assert jobs.follow_figures(60) == 0
    (said,) = [record.getMessage() for record in caplog.records]
    assert "figure: scope '', measure 'standing'" in said
    assert "item 'certificate', detail 'queued'" in said
    assert "yijian figures recount --repair" in said
    assert how_many(Measure.ENDED) == 0, "nothing is counted by halves"
    assert figures.as_of() == counted_until
