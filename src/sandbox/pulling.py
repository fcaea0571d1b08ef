"""Departments that fetch their tasks themselves (拉取), for places without a way in."""

from urllib.parse import urlencode

import httpx

from sandbox.feedback import send_signed
from sandbox.queues import queue_task, withdraw_task
from sandbox.results import takes
from sandbox.world import World

PAGE = 100


def pull_tasks(here: World, department: str, client: httpx.Client) -> int:
    """Fetch the tasks that wait for a department, page by page; return how many were seen."""
    if here.switches.of(department).outage:
        return 0
    seen, after = 0, ""
    while not here.stopping.is_set():
        # Without a state: a task that the family has corrected is under way, not queued.
        query = {"limit": str(PAGE)} | ({"after": after} if after else {})
        url = f"{here.settings.node_url}/api/v1/tasks?{urlencode(query)}"
        answer = send_signed(here, client, department, "GET", url)
        if isinstance(answer, str):
            return seen
        tasks = answer.get("tasks") or []
        for task in tasks:
            if not isinstance(task, dict) or not task.get("task_id"):
                continue
            seen += 1
            if task.get("state") == "withdrawn":
                withdraw_task(here, department, str(task["task_id"]))
            elif takes(here, department, task.get("item")):
                queue_task(here, department, task)
        following = answer.get("next") or ""
        if not following or following == after:
            return seen
        after = str(following)
    return seen
