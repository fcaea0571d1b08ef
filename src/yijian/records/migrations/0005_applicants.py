"""Cases that began before roles came from packs: who opened them, who was seen at a window."""

from django.db import migrations

FILL_IN = """
UPDATE "case" c SET progress = c.progress || jsonb_build_object(
    'applicant', coalesce(
        (SELECT j.actor FROM journal j WHERE j.case_id = c.id AND j.seq = 1), ''),
    'materials', '[]'::jsonb,
    'consents', coalesce(
        (SELECT jsonb_agg(given || '[false]'::jsonb)
         FROM jsonb_array_elements(c.progress->'consents') given), '[]'::jsonb),
    'signatures', coalesce(
        (SELECT jsonb_agg(given || '[false]'::jsonb)
         FROM jsonb_array_elements(c.progress->'signatures') given), '[]'::jsonb))
WHERE NOT c.progress ? 'applicant'
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0004_materials")]
    operations = [migrations.RunSQL(FILL_IN, migrations.RunSQL.noop)]
