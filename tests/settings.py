"""Django's settings for the tests: a demo node with fixed keys in a folder of its own in /tmp.

The folder is only named here, because the address of the embedded database follows from its name
(and because mypy reads this file, too); `tests/conftest.py` makes it and takes it away.
"""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_VAR = Path(tempfile.gettempdir()) / f"yijian-test-{secrets.token_hex(4)}"

for _name in [name for name in os.environ if name.startswith("YIJIAN_")]:
    del os.environ[_name]
os.environ |= {
    "YIJIAN_DEMO": "yes",
    "YIJIAN_VAR_DIR": str(_VAR),
    "YIJIAN_PACKS_DIR": str(_ROOT / "packs"),
    "YIJIAN_PACKS": "340000-anhui",
    "YIJIAN_NODE": "340000-anhui",
    "YIJIAN_SECRET_KEY": "only-for-tests-" * 4,
    "YIJIAN_MASTER_KEY": base64.b64encode(b"master key for tests, 32 bytes..").decode(),
    "YIJIAN_INDEX_KEY": base64.b64encode(b"index key for tests, 32 bytes...").decode(),
    "YIJIAN_PUBLIC_URL": "http://testserver",
    "YIJIAN_REGISTERS_URL": "http://127.0.0.1:9/registers",
    "YIJIAN_IDENTITY_ISSUER": "http://127.0.0.1:9/identity",
    "YIJIAN_IDENTITY_CLIENT_SECRET": "only-for-tests",
    "YIJIAN_FACE_URL": "http://127.0.0.1:9/face",
    "YIJIAN_SMS_URL": "http://127.0.0.1:9/sms",
    "YIJIAN_COURIER_URL": "http://127.0.0.1:9/courier",
    "YIJIAN_PAYMENT_URL": "http://127.0.0.1:9/payment",
    "YIJIAN_LIBRARY_URL": "http://127.0.0.1:9/library",
    "YIJIAN_SANDBOX_URL": "http://127.0.0.1:9",
}

from yijian.config.settings import *  # noqa: E402, F403

# The names of static files carry no digest, so that nothing has to be collected first.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# One connection per thread: rollback between tests needs to know which.
DATABASES["default"]["OPTIONS"].pop("pool")  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
