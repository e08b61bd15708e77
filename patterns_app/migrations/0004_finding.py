"""Indexes for finding: the list's orders and states, what was sent back, what is wanted; on PostgreSQL also trigrams of
all names that the list's search looks at."""

import logging

from django.db import DatabaseError, migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

log = logging.getLogger("patterns_app.migrations")

# As Django writes `icontains`: an index on anything else would not be used.
TRIGRAMS = {
    "pattern_title_trigrams": ("patterns_app_pattern", "upper(title)"),
    "pattern_slug_trigrams": ("patterns_app_pattern", "upper(slug::text)"),
    "alias_name_trigrams": ("patterns_app_alias", "upper(name::text)"),
    "context_label_trigrams": ("patterns_app_contextlabel", "upper(label)"),
}
PLAIN = {
    "pattern_identifier_beginning": "patterns_app_pattern (identifier varchar_pattern_ops)",
    # The list's own order, walked without reading rows; SQLite has the key in every index.
    "pattern_by_slug": "patterns_app_pattern (slug) INCLUDE (id, head_id)",
}


def make_indexes(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name, where in PLAIN.items():
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {where}")
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for name, (table, expression) in TRIGRAMS.items():
                cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} USING gin ({expression} gin_trgm_ops)")
    except DatabaseError as error:
        # The search works without, only slower.
        log.warning(
            "The search of the list goes without trigram indexes, since the extension pg_trgm cannot be used here: %s"
            " Let a superuser run CREATE EXTENSION pg_trgm, then migrate patterns_app to 0003 and back.",
            error,
        )


def drop_indexes(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            for name in (*TRIGRAMS, *PLAIN):
                cursor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("patterns_app", "0003_groups")]

    operations = [
        migrations.AddIndex(
            model_name="pattern",
            index=models.Index(fields=["owner"], condition=~models.Q(sent_back=""), name="pattern_sent_back"),
        ),
        migrations.RemoveIndex(model_name="pattern", name="pattern_status_slug"),
        migrations.RemoveIndex(model_name="pattern", name="pattern_vitality"),
        migrations.RemoveIndex(model_name="pattern", name="pattern_problems"),
        migrations.AlterField(model_name="pattern", name="changed_at", field=models.DateTimeField(editable=False)),
        migrations.AddIndex(
            model_name="pattern",
            index=models.Index(fields=["status", "slug", "id", "head"], name="pattern_by_status"),
        ),
        migrations.AddIndex(
            model_name="pattern", index=models.Index(fields=["vitality", "id"], name="pattern_by_vitality")
        ),
        migrations.AddIndex(
            model_name="pattern", index=models.Index(fields=["problems", "id"], name="pattern_by_problems")
        ),
        migrations.AddIndex(
            model_name="pattern", index=models.Index(fields=["changed_at", "id"], name="pattern_by_change")
        ),
        migrations.AddIndex(
            model_name="relationship",
            index=models.Index(
                fields=["target_text", "pattern"], condition=models.Q(target=None), name="relationship_wanted"
            ),
        ),
        migrations.RunPython(make_indexes, drop_indexes),
    ]
