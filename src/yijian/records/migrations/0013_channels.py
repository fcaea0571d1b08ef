"""How offices are reached, with dates, and packages for those without a network."""

from django.db import migrations, models

import yijian.records.identifiers


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0012_envelopes'),
    ]

    operations = [
        migrations.CreateModel(
            name='FileParticipant',
            fields=[
                ('code', models.TextField(primary_key=True, serialize=False)),
                ('sealing_key', models.TextField(default='', help_text='An X25519 public key as PEM.')),
                ('changed_by', models.TextField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'file_participant',
            },
        ),
        migrations.CreateModel(
            name='ChannelRule',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('office', models.TextField(default='')),
                ('division', models.TextField(default='', help_text='A prefix of division codes.')),
                ('kind', models.TextField(default='')),
                ('item', models.TextField(default='')),
                ('channel', models.TextField()),
                ('participant', models.TextField(null=True)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('everything', models.BooleanField(default=False)),
                ('everything_back', models.BooleanField(default=False)),
                ('made_by', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('ended_by', models.TextField(default='')),
                ('ended_at', models.DateTimeField(null=True)),
                ('followed_at', models.DateTimeField(help_text='When running tasks had followed it.', null=True)),
                ('left_at', models.DateTimeField(help_text='When they had followed its end.', null=True)),
            ],
            options={
                'db_table': 'channel_rule',
                'constraints': [models.CheckConstraint(condition=models.Q(('channel__in', ['desk', 'system', 'node', 'file'])), name='a_rule_names_a_known_channel'), models.CheckConstraint(condition=models.Q(models.Q(('channel', 'desk'), ('participant__isnull', True)), models.Q(models.Q(('channel', 'desk'), _negated=True), ('participant__isnull', False)), _connector='OR'), name='only_a_desk_needs_no_participant'), models.CheckConstraint(condition=models.Q(('office', ''), models.Q(('division', ''), ('kind', '')), _connector='OR'), name='a_rule_is_about_an_office_or_a_place'), models.CheckConstraint(condition=models.Q(('division__regex', '^([0-9]{2}){0,3}$')), name='a_rule_stands_in_a_division'), models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='a_rule_ends_after_it_begins'), models.UniqueConstraint(condition=models.Q(('ends_on__isnull', True)), fields=('office', 'division', 'kind', 'item'), name='one_open_rule_for_the_same')],
            },
        ),
        migrations.CreateModel(
            name='FilePackage',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('participant', models.TextField()),
                ('sequence', models.IntegerField()),
                ('day', models.DateField()),
                ('made_at', models.DateTimeField()),
                ('made_by', models.TextField()),
                ('digest', models.BinaryField(max_length=32)),
                ('size', models.BigIntegerField()),
                ('messages', models.IntegerField()),
                ('sealed_to', models.TextField(default='')),
                ('fetched_at', models.DateTimeField(null=True)),
                ('fetched_by', models.TextField(default='')),
            ],
            options={
                'db_table': 'file_package',
                'constraints': [models.UniqueConstraint(fields=('participant', 'sequence'), name='a_package_number_is_used_once'), models.CheckConstraint(condition=models.Q(('messages__gte', 1), ('sequence__gte', 1)), name='a_file_package_holds_something'), models.CheckConstraint(condition=models.Q(models.Q(('fetched_at__isnull', True), ('fetched_by', '')), models.Q(('fetched_at__isnull', False), models.Q(('fetched_by', ''), _negated=True)), _connector='OR'), name='who_fetched_a_package_is_known')],
            },
        ),
        migrations.CreateModel(
            name='FilePackageLine',
            fields=[
                ('pk', models.CompositePrimaryKey('package_id', 'place', blank=True, editable=False, primary_key=True, serialize=False)),
                ('package_id', models.UUIDField()),
                ('place', models.IntegerField()),
                ('message_id', models.UUIDField()),
            ],
            options={
                'db_table': 'file_package_line',
                'constraints': [models.UniqueConstraint(fields=('message_id',), name='a_message_is_packed_once')],
            },
        ),
        migrations.CreateModel(
            name='ResultPackage',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('participant', models.TextField()),
                ('name', models.TextField()),
                ('digest', models.BinaryField(max_length=32)),
                ('taken_at', models.DateTimeField()),
                ('taken_by', models.TextField()),
                ('signed', models.BooleanField()),
                ('lines', models.IntegerField()),
                ('applied', models.IntegerField()),
                ('repeated', models.IntegerField()),
                ('refused', models.IntegerField()),
                ('errors', models.JSONField(default=list)),
            ],
            options={
                'db_table': 'result_package',
                'indexes': [models.Index(fields=['participant', '-id'], name='results_of_a_participant')],
                'constraints': [models.UniqueConstraint(fields=('participant', 'digest'), name='a_result_package_is_taken_once')],
            },
        ),
        # How a task reached its office stands with it: the channel and the participant.
        migrations.RunSQL(
            "UPDATE task t SET channel = o.channel || ':' || o.participant FROM office o"
            " WHERE o.code = t.office AND t.channel IN ('system', 'node', 'file')"
            " AND o.participant IS NOT NULL AND t.state NOT IN ('waiting', 'not_needed')",
            "UPDATE task SET channel = split_part(channel, ':', 1) WHERE channel LIKE '%:%'",
        ),
        migrations.RunSQL(
            "UPDATE task SET channel = NULL WHERE state IN ('waiting', 'not_needed')",
            migrations.RunSQL.noop,
        ),
    ]
