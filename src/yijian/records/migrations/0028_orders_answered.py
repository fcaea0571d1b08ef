"""工单: whoever came without a case is told, too; the order of a forgotten family can end."""

from django.db import migrations, models
from django.db.models import Q

FORGOTTEN = Q(outcome="forgotten", case_id__isnull=False)
ANSWERED = "an_order_is_answered_before_it_is_closed"
CALLED_BACK = "a_bad_rating_is_called_back_before_it_is_closed"


class Migration(migrations.Migration):
    dependencies = [("records", "0027_status_senders")]
    operations = [
        migrations.AlterField("NotificationRow", "case_id", models.UUIDField(null=True)),
        migrations.RemoveConstraint("WorkOrderRow", ANSWERED),
        migrations.AddConstraint(
            "WorkOrderRow",
            models.CheckConstraint(
                condition=~Q(state="closed")
                | (Q(closed_at__isnull=False) & (Q(answered_at__isnull=False) | FORGOTTEN)),
                name=ANSWERED,
            ),
        ),
        migrations.RemoveConstraint("WorkOrderRow", CALLED_BACK),
        migrations.AddConstraint(
            "WorkOrderRow",
            models.CheckConstraint(
                condition=~Q(state="closed", kind="bad_rating")
                | Q(called_back_at__isnull=False)
                | FORGOTTEN,
                name=CALLED_BACK,
            ),
        ),
    ]
