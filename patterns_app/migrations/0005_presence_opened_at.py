from django.db import migrations, models


def forget_all(apps, schema_editor):
    # A row lasts two minutes, and whoever is there says so again.
    apps.get_model("patterns_app", "Presence").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("patterns_app", "0004_finding")]

    operations = [
        migrations.RunPython(forget_all, migrations.RunPython.noop),
        migrations.AddField("presence", "opened_at", models.DateTimeField(help_text="When the form was opened.")),
    ]
