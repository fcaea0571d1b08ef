"""What pairs of nodes agree on, and whose journals were witnessed."""

from pathlib import Path

from django.db import migrations, models

import yijian.records.identifiers

SQL = Path(__file__).parent / "sql" / "0015_convergence.sql"


class Migration(migrations.Migration):

    dependencies = [('records', '0014_registers')]

    operations = [
        migrations.CreateModel(
            name='Cosignature',
            fields=[
                ('pk', models.CompositePrimaryKey('witness', 'size', blank=True, editable=False, primary_key=True, serialize=False)),
                ('witness', models.TextField()),
                ('size', models.BigIntegerField()),
                ('root', models.BinaryField(max_length=32)),
                ('signature', models.BinaryField(max_length=64)),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'cosignature',
            },
        ),
        migrations.CreateModel(
            name='DisagreementRow',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('partner', models.TextField()),
                ('side', models.TextField()),
                ('kind', models.TextField()),
                ('task_id', models.UUIDField(null=True)),
                ('case_number', models.TextField(default='')),
                ('item', models.TextField(default='')),
                ('ours', models.TextField(default='')),
                ('theirs', models.TextField(default='')),
                ('owner', models.TextField()),
                ('found_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('settled', models.TextField(default='')),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_by', models.TextField(default='')),
                ('sealed', models.BinaryField(help_text='How a person settled it, in own words.', null=True)),
            ],
            options={
                'db_table': 'disagreement',
            },
        ),
        migrations.CreateModel(
            name='ParityRun',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('partner', models.TextField()),
                ('side', models.TextField()),
                ('at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('buckets', models.IntegerField(default=0)),
                ('compared', models.IntegerField(default=0)),
                ('same', models.IntegerField(default=0)),
                ('healed', models.IntegerField(default=0)),
                ('waiting', models.IntegerField(default=0)),
                ('open', models.IntegerField(default=0)),
                ('problem', models.TextField(default='')),
            ],
            options={
                'db_table': 'parity_run',
            },
        ),
        migrations.CreateModel(
            name='SharedTaskRow',
            fields=[
                ('pk', models.CompositePrimaryKey('partner', 'side', 'task_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('partner', models.TextField()),
                ('side', models.TextField()),
                ('task_id', models.UUIDField()),
                ('case_id', models.UUIDField()),
                ('round', models.SmallIntegerField()),
                ('state', models.TextField()),
                ('result', models.TextField(default='')),
                ('answered', models.SmallIntegerField(default=0)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'shared_task',
            },
        ),
        migrations.CreateModel(
            name='WitnessedRoot',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('partner', models.TextField()),
                ('origin', models.TextField()),
                ('size', models.BigIntegerField()),
                ('root', models.BinaryField(max_length=32)),
                ('signature', models.BinaryField(max_length=64)),
                ('since', models.BigIntegerField(default=0)),
                ('proof', models.JSONField(default=list)),
                ('verdict', models.TextField()),
                ('seen_at', models.DateTimeField()),
                ('cosignature', models.BinaryField(max_length=64, null=True)),
            ],
            options={
                'db_table': 'witnessed_root',
            },
        ),
        migrations.AddIndex(
            model_name='disagreementrow',
            index=models.Index(condition=models.Q(('settled', '')), fields=['owner', 'due_at'], name='disagreements_to_settle'),
        ),
        migrations.AddConstraint(
            model_name='disagreementrow',
            constraint=models.UniqueConstraint(condition=models.Q(('settled', '')), fields=('partner', 'side', 'kind', 'task_id'), name='one_open_disagreement_per_task', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='disagreementrow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled', ''), ('settled_at__isnull', True)), models.Q(models.Q(('settled', ''), _negated=True), ('settled_at__isnull', False), models.Q(('settled_by', ''), _negated=True)), _connector='OR'), name='a_settled_disagreement_says_by_whom'),
        ),
        migrations.AddConstraint(
            model_name='disagreementrow',
            constraint=models.CheckConstraint(condition=models.Q(('owner', ''), _negated=True), name='a_disagreement_has_an_owner'),
        ),
        migrations.AddIndex(
            model_name='parityrun',
            index=models.Index(fields=['partner', 'side', '-id'], name='runs_of_a_pair'),
        ),
        migrations.AddIndex(
            model_name='sharedtaskrow',
            index=models.Index(fields=['partner', 'side', 'changed_at'], name='shared_tasks_by_change'),
        ),
        migrations.AddIndex(
            model_name='sharedtaskrow',
            index=models.Index(fields=['task_id'], name='sides_of_a_task'),
        ),
        migrations.AddConstraint(
            model_name='sharedtaskrow',
            constraint=models.CheckConstraint(condition=models.Q(('side__in', ['sent', 'received'])), name='a_task_is_sent_or_received'),
        ),
        migrations.AddConstraint(
            model_name='sharedtaskrow',
            constraint=models.CheckConstraint(condition=models.Q(('result__regex', '^([0-9a-f]{64})?$')), name='a_shared_result_is_only_a_digest'),
        ),
        migrations.AddIndex(
            model_name='witnessedroot',
            index=models.Index(fields=['partner', 'verdict', '-id'], name='roots_of_a_partner'),
        ),
        migrations.AddConstraint(
            model_name='witnessedroot',
            constraint=models.UniqueConstraint(condition=models.Q(('verdict', 'inconsistent')), fields=('partner', 'size', 'root'), name='evidence_is_kept_once'),
        ),
        migrations.AddConstraint(
            model_name='witnessedroot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cosignature__isnull', False), ('verdict', 'cosigned')), models.Q(('cosignature__isnull', True), ('verdict', 'inconsistent')), _connector='OR'), name='only_a_consistent_root_is_cosigned'),
        ),
        migrations.CreateModel(
            name='FeedCursor',
            fields=[
                ('partner', models.TextField(primary_key=True, serialize=False)),
                ('cursor', models.TextField(default='')),
                ('read_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'feed_cursor',
            },
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
