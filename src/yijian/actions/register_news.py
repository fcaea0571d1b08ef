"""登记消息: a provider that was asked in vain says that it has something now; the case asks again."""

from datetime import datetime

from yijian.actions import waking
from yijian.records import register_routes


def changed(*, sender: str, receipt: str, now: datetime) -> bool:
    """Wake the case about which this provider was asked in vain; whether there was one.

    Only the provider's own receipt counts: nobody else's news wakes a case.
    """
    case_id = register_routes.case_of(provider=sender, receipt=receipt)
    if case_id is None:
        return False
    waking.wake_asker(case_id, again=True)
    return True
