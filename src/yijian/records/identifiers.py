"""标识: identifiers of rows. UUIDs of version 7, so that rows of one hour lie together.

Orders alone have random ones: their time would tell an office which family has rated it.
"""

import hashlib
import uuid

import uuid_utils.compat

from yijian.domain.events import TaskKey


def new_id() -> uuid.UUID:
    """A fresh UUIDv7."""
    return uuid_utils.compat.uuid7()


def task_id(case_id: str | uuid.UUID, key: TaskKey) -> uuid.UUID:
    """The identifier of a task, which follows from its case and its place in it.

    It keeps the case's time bits, therefore the tasks of a case lie together; the other bits are a
    digest. A message to an office can name the task before its row exists, and a replay of the
    journal names it again.
    """
    case = case_id if isinstance(case_id, uuid.UUID) else uuid.UUID(case_id)
    item, newborn = key
    digest = hashlib.sha256(case.bytes + f"{item}\n{newborn}".encode()).digest()
    value = bytearray(case.bytes[:6] + digest[:10])
    value[6] = 0x70 | (value[6] & 0x0F)
    value[8] = 0x80 | (value[8] & 0x3F)
    return uuid.UUID(bytes=bytes(value))
