"""移交档案馆: batches that wait are sent, package by package, and their receipts written.

Whatever ends the worker in between, the claim runs out and the batch is sent again: the archive
wants only what it does not have yet.
"""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from yijian.actions import transferring
from yijian.gateways import archive as gateway
from yijian.gateways.calls import Caller, CallFailedError
from yijian.ops.outside import caller, next_attempt
from yijian.records import archive, archive_batches
from yijian.records.archive_batches import Batch

MOST_ATTEMPTS = 30
"""Then a person must look, who may let it be sent again."""


def send_batches(ours: Caller | None = None) -> int:
    """Send every batch that waits; how many got their receipt."""
    answered = 0
    while batch := archive_batches.claim(now=timezone.now()):
        try:
            answered += _send(batch, ours or caller())
        except (CallFailedError, OSError) as failure:
            passing = getattr(failure, "passing", False) and batch.attempts < MOST_ATTEMPTS
            later = next_attempt(batch.attempts, timezone.now()) if passing else None
            problem = getattr(failure, "reason", "no_key_of_the_archive")
            archive_batches.postpone(batch.id, problem=problem, not_before=later)
    return answered


def _send(batch: Batch, ours: Caller) -> bool:
    url, key = settings.YIJIAN.archive_url, transferring.archive_key_pem()
    lines = archive_batches.lines_of(batch.id)
    listed = transferring.handed_over(lines)
    wanted = gateway.announce(batch.number, listed, caller=ours, url=url)
    for line in lines:
        if line.package.name in wanted:
            data = archive.data_of(line.package.id)
            if data is not None:
                gateway.send(batch.number, line.package.name, data, caller=ours, url=url)
    receipt = gateway.close(batch.number, caller=ours, url=url, public_pem=key)
    return transferring.take_receipt(batch=batch, receipt=receipt, now=timezone.now())
