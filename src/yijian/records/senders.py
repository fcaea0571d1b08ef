"""来访地址: a network address only as a digest of one day, to count how often it comes."""

from datetime import datetime

from yijian.domain.clocks import local_day
from yijian.records import crypto


def sender_hash(sender: str, now: datetime) -> bytes:
    """A digest of a network address that holds for one day: nobody is followed longer."""
    return crypto.blind_index("sender", f"{local_day(now)} {sender}")
