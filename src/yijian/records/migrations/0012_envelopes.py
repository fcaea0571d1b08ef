"""Nodes as partners, parked and dead letters, and how it goes with each destination."""

from pathlib import Path

import yijian.records.identifiers
from django.db import migrations, models

SQL = Path(__file__).parent / "sql" / "0012_envelopes.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0011_origin'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeadLetter',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('message_id', models.UUIDField()),
                ('direction', models.TextField()),
                ('partner', models.TextField()),
                ('kind', models.TextField()),
                ('case_id', models.UUIDField(null=True)),
                ('task_id', models.UUIDField(null=True)),
                ('owner', models.TextField(default='')),
                ('problem', models.TextField()),
                ('parked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('state', models.TextField(default='open')),
                ('settled_by', models.TextField(default='')),
                ('settled_at', models.DateTimeField(null=True)),
                ('sealed', models.BinaryField(help_text='The words of whoever decided.', null=True)),
            ],
            options={
                'db_table': 'dead_letter',
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('partner', models.TextField(primary_key=True, serialize=False)),
                ('failures', models.IntegerField(default=0)),
                ('reason', models.TextField(default='')),
                ('failed_at', models.DateTimeField(null=True)),
                ('resting_until', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'link',
            },
        ),
        migrations.RemoveConstraint(
            model_name='outboxmessage',
            name='a_message_is_in_a_known_state',
        ),
        migrations.AddField(
            model_name='inboxmessage',
            name='kind',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='inboxmessage',
            name='sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='inboxmessage',
            name='state',
            field=models.TextField(db_default='settled', default='settled'),
        ),
        migrations.AddField(
            model_name='partner',
            name='kind',
            field=models.TextField(db_default='department', default='department'),
        ),
        migrations.AddField(
            model_name='partner',
            name='name_en',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='partner',
            name='name_zh',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='partner',
            name='thin',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name='inboxmessage',
            index=models.Index(condition=models.Q(('state', 'parked')), fields=['id'], name='received_for_a_person'),
        ),
        migrations.AddConstraint(
            model_name='inboxmessage',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['settled', 'parked', 'given_up'])), name='a_received_message_is_in_a_known_state'),
        ),
        migrations.AddConstraint(
            model_name='inboxmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'parked'), _negated=True), ('sealed__isnull', False), _connector='OR'), name='a_parked_message_is_kept_whole'),
        ),
        migrations.AddConstraint(
            model_name='outboxmessage',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'delivered', 'parked', 'given_up', 'cancelled'])), name='a_message_is_in_a_known_state'),
        ),
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['department', 'node'])), name='a_partner_is_of_a_known_kind'),
        ),
        migrations.AddIndex(
            model_name='deadletter',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['due_at', 'id'], name='dead_letters_to_settle'),
        ),
        migrations.AddConstraint(
            model_name='deadletter',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('message_id',), name='one_open_dead_letter_per_message'),
        ),
        migrations.AddConstraint(
            model_name='deadletter',
            constraint=models.CheckConstraint(condition=models.Q(('direction__in', ['out', 'in'])), name='a_dead_letter_goes_out_or_in'),
        ),
        migrations.AddConstraint(
            model_name='deadletter',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'tried_again', 'handed_over', 'given_up'])), name='a_dead_letter_is_in_a_known_state'),
        ),
        migrations.AddConstraint(
            model_name='deadletter',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(('settled_at__isnull', False), models.Q(('settled_by', ''), _negated=True)), _connector='OR'), name='a_settled_dead_letter_names_who'),
        ),
        migrations.AddConstraint(
            model_name='deadletter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'given_up'), _negated=True), ('sealed__isnull', False), _connector='OR'), name='whoever_gives_up_says_why'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.CheckConstraint(condition=models.Q(('failures', 0), ('failed_at__isnull', False), _connector='OR'), name='a_failing_link_says_since_when'),
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
