"""PostgreSQL finds words in what describes a pattern, and misspelt names, by indexes that stand 100,000 patterns."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

HAS_TRIGRAMS = "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')"

FORWARD = ["CREATE INDEX search_text_head ON patterns_app_searchtext USING gin (head) WITH (fastupdate = off)"]
BACKWARD = ["DROP INDEX IF EXISTS search_text_head"]

# GIN weighs every name with any trigram, and still reads a fifth of what GiST reads among half a million names, as long
# as no list of what is to be sorted in stands beside it.
FORWARD_TRIGRAMS = [
    "DROP INDEX IF EXISTS search_name_grams",
    "CREATE INDEX search_name_grams ON patterns_app_searchname USING gin (key gin_trgm_ops) WITH (fastupdate = off)",
]
BACKWARD_TRIGRAMS = [
    "DROP INDEX IF EXISTS search_name_grams",
    "CREATE INDEX search_name_grams ON patterns_app_searchname USING gist (key gist_trgm_ops(siglen=128))",
]


def _run(schema_editor: BaseDatabaseSchemaEditor, always: list[str], with_trigrams: list[str]) -> None:
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
    dependencies = [("patterns_app", "0006_public_lists")]

    operations = [migrations.RunPython(forward, backward)]
