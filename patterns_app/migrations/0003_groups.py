"""Four groups, each with what the one before may and more. Whoever changes their permissions later keeps the changes."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAMES = ("audience", "collection", "community", "contributor", "domain", "entity", "keyword")
CONTRIBUTOR = ("add_pattern", "submit_pattern")
EDITOR = (
    *CONTRIBUTOR, "view_pattern", "change_pattern", "review_pattern", "view_library", "view_libraryfile",
    *(f"{verb}_{name}" for name in NAMES for verb in ("view", "change")),
)  # fmt: skip
PUBLISHER = (*EDITOR, "publish_pattern", "archive_pattern")
GROUPS = {"Contributor": CONTRIBUTOR, "Editor": EDITOR, "Publisher": PUBLISHER, "Administrator": None}


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Permissions are made after all migrations; these groups need them now.
    for label in ("patterns_app", "auth", "contenttypes"):
        config = apps.get_app_config(label)
        config.models_module = True  # or it looks at no models
        create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
        config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    ours = permissions.filter(content_type__app_label="patterns_app")
    people = permissions.filter(content_type__app_label="auth", content_type__model__in=("user", "group"))
    for name, codenames in GROUPS.items():
        group, made = groups.get_or_create(name=name)
        if made:
            group.permissions.set([*ours, *people] if codenames is None else ours.filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("patterns_app", "0002_workflow"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
