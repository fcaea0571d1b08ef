"""What every row has: a name for itself that says nothing about anybody."""

from django.db import models


class Row(models.Model):
    """A row prints as its table and key, whatever a log or an error page does with it."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.db_table} {self.pk}"
