"""Archive packages, how they are found, handed over and destroyed; tiles of the journal's tree."""

from pathlib import Path

from django.db import migrations, models

import yijian.records.identifiers

SQL = Path(__file__).parent / "sql" / "0010_archive.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0009_parcels'),
    ]

    operations = [
        migrations.CreateModel(
            name='JournalTile',
            fields=[
                ('pk', models.CompositePrimaryKey('level', 'place', blank=True, editable=False, primary_key=True, serialize=False)),
                ('level', models.SmallIntegerField()),
                ('place', models.BigIntegerField()),
                ('hash', models.BinaryField(max_length=32)),
            ],
            options={
                'db_table': 'journal_tile',
            },
        ),
        migrations.CreateModel(
            name='ArchiveBatch',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('number', models.TextField()),
                ('way', models.TextField()),
                ('state', models.TextField(default='waiting')),
                ('created_by', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('count', models.IntegerField()),
                ('not_before', models.DateTimeField()),
                ('claimed_until', models.DateTimeField(null=True)),
                ('attempts', models.IntegerField(default=0)),
                ('problem', models.TextField(default='')),
                ('receipt', models.TextField(default='')),
                ('answered_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'archive_batch',
                'constraints': [models.UniqueConstraint(fields=('number',), name='one_archive_batch_per_number'), models.CheckConstraint(condition=models.Q(('way__in', ['sent', 'carried'])), name='an_archive_batch_goes_a_known_way'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'parked', 'received', 'differs'])), name='an_archive_batch_is_in_a_known_state'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['received', 'differs']), _negated=True), models.Q(('answered_at__isnull', False), models.Q(('receipt', ''), _negated=True)), _connector='OR'), name='an_answered_batch_has_a_receipt')],
            },
        ),
        migrations.CreateModel(
            name='ArchiveBatchLine',
            fields=[
                ('pk', models.CompositePrimaryKey('batch_id', 'package_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('batch_id', models.UUIDField()),
                ('package_id', models.UUIDField()),
                ('place', models.IntegerField()),
                ('state', models.TextField(default='waiting')),
                ('problem', models.TextField(default='')),
            ],
            options={
                'db_table': 'archive_batch_line',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'accepted'])), fields=('package_id',), name='a_package_is_handed_over_once'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'accepted', 'refused'])), name='an_archive_line_is_in_a_known_state')],
            },
        ),
        migrations.CreateModel(
            name='ArchiveDisposal',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('package_id', models.UUIDField()),
                ('reason', models.TextField()),
                ('proposed_by', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('verdict', models.TextField(default='')),
                ('decided_by', models.TextField(default='')),
                ('decided_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'archive_disposal',
                'constraints': [models.UniqueConstraint(condition=models.Q(('verdict', '')), fields=('package_id',), name='one_open_disposal'), models.CheckConstraint(condition=models.Q(('decided_by', models.F('proposed_by')), _negated=True), name='a_disposal_takes_two'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='a_disposal_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by', ''), ('verdict', '')), models.Q(('decided_at__isnull', False), ('verdict__in', ['destroyed', 'kept']), models.Q(('decided_by', ''), _negated=True)), _connector='OR'), name='a_verdict_has_its_second_person')],
            },
        ),
        migrations.CreateModel(
            name='ArchiveLookup',
            fields=[
                ('pk', models.CompositePrimaryKey('digest', 'package_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BinaryField(max_length=16)),
                ('package_id', models.UUIDField()),
            ],
            options={
                'db_table': 'archive_lookup',
                'indexes': [models.Index(fields=['package_id'], name='lookups_of_a_package')],
            },
        ),
        migrations.CreateModel(
            name='ArchivePackage',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('case_id', models.UUIDField()),
                ('case_number', models.TextField()),
                ('scope', models.TextField()),
                ('item', models.TextField(default='')),
                ('newborn', models.SmallIntegerField(default=0)),
                ('outcome', models.TextField()),
                ('state', models.TextField(default='waiting')),
                ('upto', models.IntegerField()),
                ('ended_at', models.DateTimeField()),
                ('fonds', models.TextField()),
                ('year', models.SmallIntegerField()),
                ('retention', models.TextField()),
                ('topic', models.TextField()),
                ('serial', models.IntegerField(null=True)),
                ('keep_until', models.DateField(null=True)),
                ('not_before', models.DateTimeField()),
                ('claimed_until', models.DateTimeField(null=True)),
                ('attempts', models.IntegerField(default=0)),
                ('problem', models.TextField(default='')),
                ('name', models.TextField(default='')),
                ('sha256', models.BinaryField(max_length=32, null=True)),
                ('sm3', models.BinaryField(max_length=32, null=True)),
                ('size', models.BigIntegerField(default=0)),
                ('made_at', models.DateTimeField(null=True)),
                ('sealed', models.BinaryField(null=True)),
                ('described', models.BinaryField(help_text='Title and names for the list, sealed.', null=True)),
                ('transferred_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'archive_package',
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'making'])), fields=['not_before', 'id'], name='packages_to_make'), models.Index(fields=['case_number'], name='packages_of_a_case'), models.Index(fields=['year', 'topic', '-id'], name='packages_of_a_year'), models.Index(condition=models.Q(('keep_until__isnull', False), ('state', 'kept')), fields=['keep_until'], name='packages_whose_time_is_over')],
                'constraints': [models.UniqueConstraint(fields=('case_id', 'scope', 'item', 'newborn'), name='one_package_per_item_and_newborn'), models.UniqueConstraint(fields=('fonds', 'year', 'retention', 'topic', 'serial'), name='an_archive_number_is_used_once'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'making', 'needs_person', 'kept', 'destroyed'])), name='a_package_is_in_a_known_state'), models.CheckConstraint(condition=models.Q(models.Q(('scope', 'item'), models.Q(('item', ''), _negated=True)), models.Q(('item', ''), ('newborn', 0), ('scope', 'case')), _connector='OR'), name='a_package_is_of_an_item_or_a_case'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'kept'), _negated=True), models.Q(('made_at__isnull', False), ('sealed__isnull', False), ('serial__isnull', False), ('sha256__isnull', False), ('sm3__isnull', False)), _connector='OR'), name='a_kept_package_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'destroyed'), _negated=True), models.Q(('described__isnull', True), ('sealed__isnull', True)), _connector='OR'), name='a_destroyed_package_is_gone')],
            },
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
