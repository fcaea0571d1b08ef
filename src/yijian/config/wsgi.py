"""The entry of the web process: `granian --interface wsgi yijian.config.wsgi:application`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yijian.config.settings")
application = get_wsgi_application()
