"""PostgreSQL counts and narrows hits by an index, without the wide rows of snapshots, and finds misspelt names apart
from misspelt labels, of which there are as many again."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

HAS_TRIGRAMS = "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')"

# An entry may have 2,704 bytes; both names together have 2,040 at most.
FORWARD = [
    "CREATE INDEX snapshot_facts ON patterns_app_snapshot (pattern_id)"
    " INCLUDE (domain, collection, vitality, confidence)"
]
BACKWARD = ["DROP INDEX IF EXISTS snapshot_facts"]

_GRAMS = "ON patterns_app_searchname USING gin (key gin_trgm_ops) WITH (fastupdate = off)"
FORWARD_TRIGRAMS = [
    "DROP INDEX IF EXISTS search_name_grams",
    f"CREATE INDEX search_name_grams {_GRAMS} WHERE kind <> 'label'",
    f"CREATE INDEX search_label_grams {_GRAMS} WHERE kind = 'label'",
]
BACKWARD_TRIGRAMS = [
    "DROP INDEX IF EXISTS search_name_grams",
    "DROP INDEX IF EXISTS search_label_grams",
    f"CREATE INDEX search_name_grams {_GRAMS}",
]


def _run(schema_editor: BaseDatabaseSchemaEditor, always: list[str], with_trigrams: list[str]) -> None:
    # SQLite knows no columns that an index merely carries.
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HAS_TRIGRAMS)
        (has_trigrams,) = cursor.fetchone()
        for statement in [*always, *(with_trigrams if has_trigrams else [])]:
            cursor.execute(statement)


def forward(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _run(schema_editor, FORWARD, FORWARD_TRIGRAMS)


def backward(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _run(schema_editor, BACKWARD, BACKWARD_TRIGRAMS)


class Migration(migrations.Migration):
    dependencies = [("patterns_app", "0008_history")]

    operations = [migrations.RunPython(forward, backward)]
