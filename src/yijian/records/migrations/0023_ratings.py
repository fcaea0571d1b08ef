"""好差评与工单: ratings, work orders with their steps, questionnaires, the issue log."""

import yijian.records.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0022_directory'),
    ]
    operations = [
        migrations.CreateModel(
            name='RatingRow',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('case_id', models.UUIDField()),
                ('item', models.TextField(default='')),
                ('newborn', models.SmallIntegerField(default=0)),
                ('office', models.TextField(default='')),
                ('division', models.TextField(default='')),
                ('channel', models.TextField()),
                ('level', models.SmallIntegerField()),
                ('reasons', models.JSONField(default=list)),
                ('dimensions', models.JSONField(default=dict)),
                ('rated_at', models.DateTimeField()),
                ('appended_at', models.DateTimeField(null=True)),
                ('again_level', models.SmallIntegerField(null=True)),
                ('again_at', models.DateTimeField(null=True)),
                ('excluded', models.BooleanField(default=False)),
                ('sealed', models.BinaryField(null=True)),
            ],
            options={
                'db_table': 'rating',
                'indexes': [models.Index(fields=['rated_at', 'id'], name='ratings_by_time'), models.Index(fields=['office', 'rated_at'], name='ratings_of_an_office')],
                'constraints': [models.UniqueConstraint(fields=('case_id', 'item', 'newborn'), name='one_rating_of_each_thing'), models.CheckConstraint(condition=models.Q(('level__in', [1, 2, 3, 4, 5]), models.Q(('again_level__isnull', True), ('again_level__in', [1, 2, 3, 4, 5]), _connector='OR')), name='a_rating_has_one_of_five_grades'), models.CheckConstraint(condition=models.Q(('again_level__isnull', True), ('level__gte', 4), _connector='OR'), name='only_a_bad_rating_is_given_again')],
            },
        ),
        migrations.CreateModel(
            name='WorkOrderRow',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('number', models.TextField()),
                ('kind', models.TextField()),
                ('state', models.TextField(default='new')),
                ('channel', models.TextField()),
                ('case_id', models.UUIDField(null=True)),
                ('rating_id', models.UUIDField(null=True)),
                ('item', models.TextField(default='')),
                ('newborn', models.SmallIntegerField(default=0)),
                ('about', models.TextField(default='')),
                ('handler', models.TextField(default='')),
                ('division', models.TextField(default='')),
                ('clause', models.TextField(default='')),
                ('reasons', models.JSONField(default=list)),
                ('named', models.BooleanField(default=False)),
                ('opened_at', models.DateTimeField()),
                ('assign_due_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('extended', models.BooleanField(default=False)),
                ('rounds', models.SmallIntegerField(default=0)),
                ('finding', models.TextField(default='')),
                ('outcome', models.TextField(default='')),
                ('assigned_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('called_back_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
                ('code_hash', models.BinaryField(null=True)),
                ('phone_hash', models.BinaryField(null=True)),
                ('sender_hash', models.BinaryField(null=True)),
                ('sealed', models.BinaryField()),
            ],
            options={
                'db_table': 'work_order',
                'indexes': [models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['due_at', 'id'], name='open_orders_by_deadline'), models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['handler', 'due_at', 'id'], name='open_orders_of_an_office'), models.Index(fields=['opened_at', 'id'], name='orders_by_time'), models.Index(fields=['case_id'], name='orders_of_a_case'), models.Index(condition=models.Q(('phone_hash__isnull', False)), fields=['phone_hash', 'opened_at'], name='orders_by_phone'), models.Index(condition=models.Q(('sender_hash__isnull', False)), fields=['sender_hash', 'opened_at'], name='orders_by_sender')],
                'constraints': [models.UniqueConstraint(fields=('number',), name='one_order_per_order_number'), models.UniqueConstraint(condition=models.Q(('rating_id__isnull', False)), fields=('rating_id',), name='a_bad_rating_opens_one_order'), models.CheckConstraint(condition=models.Q(('state__in', ['new', 'assigned', 'in_hand', 'appealed', 'answered', 'called_back', 'closed'])), name='an_order_is_in_a_known_state'), models.CheckConstraint(condition=models.Q(('kind__in', ['bad_rating', 'complaint', 'suggestion', 'question'])), name='an_order_is_of_a_known_kind'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['assigned', 'in_hand', 'appealed']), _negated=True), models.Q(('handler', ''), _negated=True), _connector='OR'), name='an_assigned_order_has_a_handler'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), models.Q(('answered_at__isnull', False), ('closed_at__isnull', False)), _connector='OR'), name='an_order_is_answered_before_it_is_closed'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'bad_rating'), ('state', 'closed'), _negated=True), ('called_back_at__isnull', False), _connector='OR'), name='a_bad_rating_is_called_back_before_it_is_closed')],
            },
        ),
        migrations.CreateModel(
            name='WorkOrderStep',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('order_id', models.UUIDField()),
                ('seq', models.SmallIntegerField()),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('step', models.TextField()),
                ('before', models.TextField(default='')),
                ('after', models.TextField()),
                ('office', models.TextField(default='')),
                ('sealed', models.BinaryField(null=True)),
            ],
            options={
                'db_table': 'work_order_step',
                'constraints': [models.UniqueConstraint(fields=('order_id', 'seq'), name='the_steps_of_an_order_stand_in_a_row')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='QuestionnaireRow',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('title_zh', models.TextField()),
                ('title_en', models.TextField(default='')),
                ('opens_on', models.DateField()),
                ('closes_on', models.DateField()),
                ('questions', models.JSONField()),
                ('made_by', models.TextField()),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'questionnaire',
                'indexes': [models.Index(fields=['closes_on'], name='questionnaires_by_end')],
                'constraints': [models.CheckConstraint(condition=models.Q(('closes_on__gte', models.F('opens_on'))), name='a_questionnaire_closes_after_it_opens')],
            },
        ),
        migrations.CreateModel(
            name='QuestionnaireCount',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('questionnaire_id', models.UUIDField()),
                ('question', models.SmallIntegerField()),
                ('answer', models.SmallIntegerField()),
                ('count', models.IntegerField(default=0)),
            ],
            options={
                'db_table': 'questionnaire_count',
                'constraints': [models.UniqueConstraint(fields=('questionnaire_id', 'question', 'answer'), name='one_count_per_answer_of_a_questionnaire')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='QuestionnaireTaken',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('questionnaire_id', models.UUIDField()),
                ('taker_hash', models.BinaryField()),
            ],
            options={
                'db_table': 'questionnaire_taken',
                'constraints': [models.UniqueConstraint(fields=('questionnaire_id', 'taker_hash'), name='a_questionnaire_is_answered_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='IssueRow',
            fields=[
                ('id', models.UUIDField(default=yijian.records.identifiers.new_id, primary_key=True, serialize=False)),
                ('title', models.TextField()),
                ('problem', models.TextField()),
                ('owner', models.TextField()),
                ('due_on', models.DateField()),
                ('order_id', models.UUIDField(null=True)),
                ('state', models.TextField(default='open')),
                ('decision', models.TextField(default='')),
                ('done', models.TextField(default='')),
                ('opened_by', models.TextField()),
                ('opened_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'issue',
                'indexes': [models.Index(fields=['state', 'due_on', 'id'], name='issues_by_deadline')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'decided', 'done'])), name='an_issue_is_in_a_known_state'), models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(('decision', ''), _negated=True), _connector='OR'), name='a_settled_issue_has_a_decision')],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER steps_of_orders_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE"
            " ON work_order_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
            "DROP TRIGGER steps_of_orders_only_grow ON work_order_step",
        ),
    ]
