"""督办: urging, outages, duty roster, calendar years."""

from django.db import migrations, models

import yijian.records.identifiers


class Migration(migrations.Migration):
    dependencies = [("records", "0020_simulation")]
    operations = [
        migrations.CreateModel(
            name='CalendarYearRow',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('year', models.SmallIntegerField()),
                ('notice', models.TextField()),
                ('off', models.JSONField(help_text='Days off among Monday to Friday.')),
                ('worked', models.JSONField(help_text='Worked days among Saturday and Sunday.')),
                ('proposed_by', models.TextField()),
                ('decided_by', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('moved_to', models.UUIDField(help_text='The last case whose deadlines were moved.', null=True)),
                ('moved', models.IntegerField(default=0)),
                ('done_at', models.DateTimeField(help_text='When all open deadlines had been moved.', null=True)),
            ],
            options={
                'db_table': 'calendar_year',
                'indexes': [models.Index(fields=['year', '-id'], name='calendar_years')],
                'constraints': [models.CheckConstraint(condition=models.Q(('proposed_by', models.F('decided_by')), _negated=True), name='two_persons_decide_a_calendar_year'), models.CheckConstraint(condition=models.Q(('notice', ''), _negated=True), name='a_calendar_year_names_its_notice'), models.CheckConstraint(condition=models.Q(('year__gte', 2000), ('year__lte', 2100)), name='a_calendar_year_is_of_our_time')],
            },
        ),
        migrations.CreateModel(
            name='DutyRow',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('office', models.TextField(default='')),
                ('division', models.TextField(default='', help_text='Two, four or six digits; empty: the node.')),
                ('sealed', models.BinaryField()),
                ('public', models.BooleanField(default=False, help_text='Families see it as the contact.')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('made_by', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('ended_by', models.TextField(default='')),
            ],
            options={
                'db_table': 'duty',
                'indexes': [models.Index(fields=['office', 'division', '-id'], name='duties_by_scope')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='a_duty_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(('office', ''), ('division', ''), _connector='OR'), name='a_duty_is_about_one_scope'), models.CheckConstraint(condition=models.Q(('division__regex', '^([0-9]{2}){0,3}$')), name='a_duty_is_at_a_known_place'), models.CheckConstraint(condition=models.Q(('made_by__regex', '^[\\x21-\\x7e]{1,100}$')), name='whoever_makes_a_roster_is_opaque')],
            },
        ),
        migrations.CreateModel(
            name='OutageRow',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('division', models.TextField(default='')),
                ('office', models.TextField(default='')),
                ('item', models.TextField(default='')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(null=True)),
                ('words_zh', models.TextField()),
                ('words_en', models.TextField(default='')),
                ('texting', models.BooleanField(default=False, help_text='Families concerned get one text.')),
                ('state', models.TextField(default='draft')),
                ('made_by', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('shown_by', models.TextField(default='')),
                ('shown_at', models.DateTimeField(null=True)),
                ('ended_by', models.TextField(default='')),
                ('ended_at', models.DateTimeField(null=True)),
                ('texted_to', models.UUIDField(help_text='The last task whose family was texted.', null=True)),
                ('texts', models.IntegerField(default=0)),
                ('texted_at', models.DateTimeField(help_text='When every family had been texted.', null=True)),
            ],
            options={
                'db_table': 'outage',
                'indexes': [models.Index(condition=models.Q(('state__in', ['draft', 'shown'])), fields=['-id'], name='outages_not_over')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'shown', 'ended', 'dropped'])), name='an_outage_is_in_a_known_state'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='an_outage_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['shown', 'ended']), _negated=True), ('shown_at__isnull', False), _connector='OR'), name='a_shown_outage_knows_when'), models.CheckConstraint(condition=models.Q(('texting', False), ('shown_by', ''), models.Q(('shown_by', models.F('made_by')), _negated=True), _connector='OR'), name='two_persons_text_families'), models.CheckConstraint(condition=models.Q(('office', ''), ('division', ''), _connector='OR'), name='an_outage_is_about_one_scope'), models.CheckConstraint(condition=models.Q(('division__regex', '^([0-9]{2}){0,3}$')), name='an_outage_is_at_a_known_place'), models.CheckConstraint(condition=models.Q(('words_zh', ''), _negated=True), name='an_outage_has_words')],
            },
        ),
        migrations.CreateModel(
            name='UrgingRow',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('case_id', models.UUIDField()),
                ('task_id', models.UUIDField()),
                ('item', models.TextField()),
                ('office', models.TextField(default='', help_text='Empty while no office has it.')),
                ('division', models.TextField(default='', help_text='Of the office; empty without one.')),
                ('why', models.TextField()),
                ('due_at', models.DateTimeField(null=True)),
                ('roles', models.JSONField(help_text='Who is told: roles of staff.')),
                ('at', models.DateTimeField()),
                ('day', models.DateField()),
                ('by', models.TextField()),
                ('settled_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'urging',
                'indexes': [models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['office', '-id'], name='open_urgings_of_an_office'), models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['-id'], name='open_urgings'), models.Index(fields=['task_id'], name='urgings_of_a_task')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('why', 'urged'), _negated=True), fields=('task_id', 'why', 'office', 'due_at'), name='an_office_is_told_once_of_a_deadline'), models.UniqueConstraint(condition=models.Q(('why', 'urged')), fields=('task_id', 'office', 'day'), name='nobody_is_urged_twice_a_day'), models.CheckConstraint(condition=models.Q(('why', 'urged'), models.Q(('due_at__isnull', False), ('why__regex', '^limit_[0-9]{1,3}$')), _connector='OR'), name='an_urging_says_why'), models.CheckConstraint(condition=models.Q(('by', 'system'), ('by__regex', '^staff:'), _connector='OR'), name='an_urging_says_by_whom')],
            },
        ),
    ]
