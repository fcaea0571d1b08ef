"""The Django app `records`."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Names the app; tables carry their own names without a prefix."""

    name = "yijian.records"
    label = "records"
    verbose_name = "记录"
