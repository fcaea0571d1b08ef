"""Where a family pays the premium (缴费): the tax office's page, and its report when paid."""

import flask
from werkzeug.wrappers import Response

from sandbox.doors import Refused, meet_trouble
from sandbox.identity import is_own_address
from sandbox.queues import wake_task
from sandbox.results import PREMIUM_FEN, insured_years
from sandbox.world import World, local_text, now, world

blueprint = flask.Blueprint("payment", __name__, url_prefix="/payment")


def _department(here: World, task_id: str) -> str:
    """Return the department that waits for the money of a task."""
    codes = (c for c in here.departments if here.store.get("tasks", f"{c}/{task_id}"))
    return next(codes, "")


def _years(here: World, task_id: str, asked: str) -> list[int]:
    """Return the years to pay: those in the address, else all the task is about."""
    years = [int(part) for part in asked.replace(",", " ").split() if part.isdigit()]
    if years:
        return sorted(set(years))
    task = here.store.get("tasks", f"{_department(here, task_id)}/{task_id}")
    if task is None:
        return [now().year]
    family = here.families.get(task["family"]) if task["family"] else None
    return insured_years(family, task)


def _asked() -> tuple[World, str, list[int], str]:
    here, values = world(), flask.request.values
    task_id, back = values.get("task", ""), values.get("return_to", "")
    if not task_id:
        raise Refused(400, "field_missing", "缺少参数", "task is needed")
    if back and not is_own_address(here, back):
        raise Refused(400, "invalid_redirect", "返回地址无效", "return_to is not acceptable")
    return here, task_id, _years(here, task_id, values.get("year", "")), back


def _paid_years(here: World, task_id: str) -> set[int]:
    rows = here.store.documents("payments")
    return {int(row["year"]) for row in rows if row["task"] == task_id}


@blueprint.get("/paid.json")
def list_payments() -> flask.Response:
    """Answer with every payment after so many, in the order in which they came in."""
    after = flask.request.args.get("after", "0")
    rows = world().store.documents("payments")
    return flask.jsonify({"payments": rows[int(after) if after.isdigit() else 0 :]})


@blueprint.get("")
def show_payment() -> str:
    """Show what is to be paid."""
    here, task_id, years, back = _asked()
    meet_trouble(here, "payment")
    paid = _paid_years(here, task_id)
    return flask.render_template(
        "payment.html",
        task_id=task_id,
        rows=[(year, PREMIUM_FEN / 100, year in paid) for year in years],
        open_years=[year for year in years if year not in paid],
        total=PREMIUM_FEN / 100 * len([year for year in years if year not in paid]),
        back=back,
    )


@blueprint.post("")
def pay() -> Response:
    """Take the money once for each year and tell the tax office's queue."""
    here, task_id, years, back = _asked()
    for year in years:
        payment = {
            "task": task_id,
            "year": year,
            "amount_fen": PREMIUM_FEN,
            "paid_at": local_text(now()),
        }
        here.store.put_new("payments", f"{task_id}/{year}", payment)
    wake_task(here, _department(here, task_id), task_id)
    address = back or flask.url_for(
        "payment.show_payment", task=task_id, year=",".join(map(str, years))
    )
    return flask.redirect(address, code=303)
