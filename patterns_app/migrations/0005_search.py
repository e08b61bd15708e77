"""Names and words of what is public, for the search. What was public before is indexed by `rebuild_search`."""

import logging

from django.db import DatabaseError, migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

log = logging.getLogger("patterns_app.migrations")

COLUMNS = ("title", "aliases", "summary", "keywords", "labels", "domain", "collection", "body")

# The trigrams of pg_trgm: each word with two spaces before and one after. Some more come from where words meet.
PADDED = "'  ' || replace({row}.key, ' ', '   ') || ' '"


def _triggers(table: str, index: str, key: str, columns: tuple[str, ...], values: str) -> list[str]:
    """An FTS5 table that follows an ordinary one. values: with {row} for `old` or `new`."""
    named = ", ".join(columns)
    old, new = values.format(row="old"), values.format(row="new")
    remove = f"INSERT INTO {index}({index}, rowid, {named}) VALUES ('delete', old.{key}, {old});"  # noqa: S608
    add = f"INSERT INTO {index}(rowid, {named}) VALUES (new.{key}, {new});"  # noqa: S608
    return [
        f"CREATE TRIGGER {index}_insert AFTER INSERT ON {table} BEGIN {add} END",
        f"CREATE TRIGGER {index}_delete AFTER DELETE ON {table} BEGIN {remove} END",
        f"CREATE TRIGGER {index}_update AFTER UPDATE ON {table} BEGIN {remove} {add} END",
    ]


SQLITE = [
    f"""CREATE VIRTUAL TABLE patterns_app_search_words USING fts5(
        {", ".join(COLUMNS)}, content='patterns_app_searchtext', content_rowid='snapshot_id',
        tokenize='porter unicode61 remove_diacritics 2')""",
    "CREATE VIRTUAL TABLE patterns_app_search_grams USING fts5(key, content='', detail=none, tokenize='trigram')",
    "CREATE VIRTUAL TABLE patterns_app_search_gram_counts USING fts5vocab(patterns_app_search_grams, row)",
    *_triggers("patterns_app_searchtext", "patterns_app_search_words", "snapshot_id", COLUMNS,
               ", ".join(f"{{row}}.{column}" for column in COLUMNS)),
    *_triggers("patterns_app_searchname", "patterns_app_search_grams", "id", ("key",), PADDED),
]

# Weights A to D are title, aliases, what describes, and the rest.
HEAD = " || ".join(
    f"setweight(to_tsvector('english'::regconfig, {column}), '{weight}')"
    for column, weight in zip(COLUMNS, "ABCCCDD", strict=False)
)
POSTGRESQL = [
    f"""ALTER TABLE patterns_app_searchtext
        ADD COLUMN head tsvector GENERATED ALWAYS AS ({HEAD}) STORED,
        ADD COLUMN words tsvector GENERATED ALWAYS AS ({HEAD} || to_tsvector('english'::regconfig, body)) STORED""",
    # Without a list of what is still to be sorted in, which every search would have to read through.
    "CREATE INDEX search_text_words ON patterns_app_searchtext USING gin (words) WITH (fastupdate = off)",
    # A beginning is looked for byte by byte, whatever the database's collation.
    "CREATE INDEX search_name_beginning ON patterns_app_searchname (key varchar_pattern_ops)",
]


def make_indexes(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            # With long signatures GiST answers in a sixth of the time of GIN, which weighs every name with any trigram.
            cursor.execute(
                "CREATE INDEX search_name_grams ON patterns_app_searchname"
                " USING gist (key gist_trgm_ops(siglen=128))"
            )
    except DatabaseError as error:
        log.warning(
            "The public search finds fewer misspelt names, since the extension pg_trgm cannot be used here: %s"
            " Let a superuser run CREATE EXTENSION pg_trgm, then migrate patterns_app to 0004 and back.",
            error,
        )


def drop_indexes(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        return  # they go with their tables
    with schema_editor.connection.cursor() as cursor:
        for name in ("gram_counts", "grams", "words"):
            cursor.execute(f"DROP TABLE IF EXISTS patterns_app_search_{name}")


class Migration(migrations.Migration):
    dependencies = [("patterns_app", "0004_finding")]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("snapshot", models.OneToOneField(db_constraint=False, on_delete=models.DO_NOTHING, primary_key=True, related_name="+", serialize=False, to="patterns_app.snapshot")),
                ("title", models.TextField()),
                ("aliases", models.TextField(blank=True)),
                ("summary", models.TextField(blank=True, help_text="With the primary tension.")),
                ("keywords", models.TextField(blank=True)),
                ("labels", models.TextField(blank=True)),
                ("domain", models.TextField(blank=True)),
                ("collection", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="SearchName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="As the pattern says it.", max_length=255)),
                ("key", models.CharField(help_text="As names are compared: folded, words parted by one space.", max_length=255)),
                ("kind", models.CharField(choices=[("title", "Title"), ("alias", "Alias"), ("slug", "Slug"), ("id", "Id"), ("label", "Label")], max_length=8)),
                ("audience", models.CharField(blank=True, help_text="Of a label: who calls it so.", max_length=255)),
                ("snapshot", models.ForeignKey(db_constraint=False, on_delete=models.DO_NOTHING, related_name="+", to="patterns_app.snapshot")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["key"], name="search_name_key"),
                    models.Index(condition=models.Q(("audience", ""), _negated=True), fields=["audience"], name="search_name_audience"),
                ],
            },
        ),
        migrations.RunPython(make_indexes, drop_indexes),
    ]
