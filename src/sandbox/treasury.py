"""The treasury (国库): tax offices elsewhere learn here which premiums were paid at the one page.

Families pay at one address for the whole country. The tax office of another pretend world asks the
world that has that address for what is new, and goes on with its tasks.
"""

import httpx

from sandbox.queues import wake_task
from sandbox.world import World

ASK_EVERY_SECONDS = 0.5


def fetch_payments(here: World, client: httpx.Client) -> int:
    """Keep every payment that is not known yet, and wake whoever waits for it; how many."""
    known = here.store.count("payments")
    try:
        answer = client.get(f"{here.settings.treasury}/payment/paid.json", params={"after": known})
    except httpx.HTTPError:
        return 0
    if not answer.is_success:
        return 0
    new = 0
    for payment in answer.json()["payments"]:
        key = f"{payment['task']}/{payment['year']}"
        new += here.store.put_new("payments", key, payment)
        for department in here.departments:
            wake_task(here, department, str(payment["task"]))
    return new
