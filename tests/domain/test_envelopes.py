"""What counts as an event, what is kept of it, and who may send which type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from yijian.domain import envelopes
from yijian.domain.envelopes import NotAnEventError, may_send, read_event, written

EVENT: Mapping[str, Any] = {
    "specversion": "1.0",
    "id": "01a201dc-f57f-71ff-a7db-85fc84d11cc8",
    "source": "/nodes/node-340000",
    "type": "yijian.task.dispatched.v1",
    "subject": "01a201dc-d12b-7b2e-a7a6-61e2cb66a38e",
    "time": "2026-11-22T06:06:27.696388+00:00",
    "datacontenttype": "application/json",
    "data": {"task_id": "01a201dc-d12b-7b2e-a7a6-61e2cb66a38e", "tomorrow": {"n": [1]}},
    "traceparent": "00-abc",
}


def test_an_event_is_written_with_every_field_it_came_with() -> None:
    assert written(read_event(EVENT)) == EVENT


def test_an_event_names_its_sender() -> None:
    assert read_event(EVENT).sender == "node-340000"
    assert read_event({**EVENT, "source": "/departments/hr-340000"}).sender == "hr-340000"


WRONG: dict[str, Mapping[str, object]] = {
    "wrong_id": {"id": "a b"},
    "wrong_specversion": {"specversion": "0.3"},
    "wrong_source": {"source": "https://elsewhere.example/nodes/a"},
    "wrong_type": {"type": "Dispatched"},
    "wrong_subject": {"subject": 7},
    "wrong_time": {"time": "2026-11-22T06:06:27"},
    "wrong_datacontenttype": {"datacontenttype": "text/xml"},
    "wrong_data": {"data": ["no object"]},
    "wrong_extension": {"Trace-Parent": "x"},
}


@pytest.mark.parametrize("code", WRONG)
def test_what_is_no_event_is_refused_by_the_name_of_its_fault(code: str) -> None:
    with pytest.raises(NotAnEventError) as refused:
        read_event({**EVENT, **WRONG[code]})
    assert refused.value.code == code
    assert refused.value.id == ("" if code == "wrong_id" else EVENT["id"])


@pytest.mark.parametrize("name", ["id", "specversion", "source", "type", "time"])
def test_a_required_attribute_cannot_be_left_out(name: str) -> None:
    with pytest.raises(NotAnEventError) as refused:
        read_event({key: value for key, value in EVENT.items() if key != name})
    assert refused.value.code == f"wrong_{name}"


@pytest.mark.parametrize("value", [None, [], "text", 7])
def test_only_an_object_can_be_an_event(value: object) -> None:
    with pytest.raises(NotAnEventError, match="not_an_object"):
        read_event(value)


def test_a_time_that_is_on_no_calendar_is_refused() -> None:
    with pytest.raises(NotAnEventError, match="wrong_time"):
        read_event({**EVENT, "time": "2026-02-30T06:06:27Z"})


def test_too_many_extensions_are_refused() -> None:
    many = {f"x{number}": "" for number in range(envelopes.MOST_EXTENSIONS + 1)}
    with pytest.raises(NotAnEventError, match="wrong_extension"):
        read_event({**EVENT, **many})


def test_the_meaning_of_a_message_is_independent_of_when_it_was_written() -> None:
    again = read_event(
        {**EVENT, "time": "2026-11-23T00:00:00Z", "subject": "", "traceparent": "01-def"}
    )
    assert again.meaning == read_event(EVENT).meaning
    other = read_event({**EVENT, "data": {}})
    assert other.meaning != read_event(EVENT).meaning


def test_a_department_sends_only_what_goes_upwards() -> None:
    sendable = {type for type in envelopes.KNOWN if may_send(envelopes.DEPARTMENT, type)}
    assert not sendable & envelopes.DOWNWARDS
    assert envelopes.TASK_REPORTED in sendable and envelopes.TASK_ROUTED not in sendable
    assert all(may_send(envelopes.NODE, type) for type in envelopes.KNOWN)


def test_anybody_may_send_what_nobody_here_knows() -> None:
    assert may_send(envelopes.DEPARTMENT, "yijian.task.dispatched.v9")
