"""督办的工单: open work orders whose turn ends soon or has ended, for who can take the next step."""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

from datetime import datetime

from django.db import connection

from yijian.domain.work_orders import OrderState
from yijian.records.work_orders import COLUMNS, OrderLine

WITH_OFFICE = [OrderState.ASSIGNED.value, OrderState.IN_HAND.value]
WAITING = [OrderState.NEW.value, OrderState.APPEALED.value, *WITH_OFFICE]
TURN = "CASE state WHEN 'new' THEN least(assign_due_at, due_at) ELSE due_at END"
ANSWERABLE = """(case_id IS NULL OR EXISTS (
    SELECT FROM "case" c WHERE c.id = work_order.case_id AND c.wrapped_key IS NOT NULL))"""
"""A forgotten family's order has no step left for its handler."""


def ending(*, until: datetime, office: str, desk: bool, handles: bool) -> list[OrderLine]:
    """All orders whose turn ends by then, the most urgent first, as one office's staff see them.

    As the desk: every order that is neither about nor with the own office. As the handler: what
    lies with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM work_order WHERE state <> 'closed' AND state = ANY (%s)"
            f" AND {TURN} <= %s AND ((%s AND %s NOT IN (about, handler))"
            f" OR (%s AND handler = %s AND state = ANY (%s) AND {ANSWERABLE}))"
            f" ORDER BY {TURN}, id",
            [WAITING, until, desk, office, handles, office, WITH_OFFICE],
        )
        return [OrderLine(*row) for row in cursor.fetchall()]
