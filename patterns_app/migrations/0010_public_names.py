"""What is public keeps its ids and its name in feeds: those that are out now are remembered, and stay as they are."""

import re
import uuid

import django.db.models.deletion
from django.db import migrations, models
from typeid import TypeID

TYPEID = re.compile(r"pat_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}")
BATCH = 1_000


def fill(apps, schema_editor):
    """From the snapshots. Of two with one id the first by slug has it, as it had until now."""
    snapshots = apps.get_model("patterns_app", "Snapshot").objects
    identifiers, urns = (apps.get_model("patterns_app", name) for name in ("PublicIdentifier", "PublicUrn"))
    holders, names = {}, {}
    for pk, slug, identifier in snapshots.order_by("slug").values_list("pk", "slug", "identifier").iterator():
        urn = uuid.uuid5(uuid.NAMESPACE_URL, f"pattern:{slug}").urn
        if identifier and identifier not in holders:
            holders[identifier] = pk
            if TYPEID.fullmatch(identifier):
                urn = TypeID.from_string(identifier).uuid.urn
        names[pk] = urn
    identifiers.objects.bulk_create(
        (identifiers(identifier=identifier, pattern_id=pk) for identifier, pk in holders.items()), batch_size=BATCH
    )
    urns.objects.bulk_create((urns(pattern_id=pk, urn=urn) for pk, urn in names.items()), batch_size=BATCH)
    own = urns.objects.filter(pattern=models.OuterRef("pk")).values("urn")
    snapshots.update(urn=models.Subquery(own))


class Migration(migrations.Migration):

    dependencies = [
        ('patterns_app', '0009_search_facts'),
    ]

    operations = [
        migrations.CreateModel(
            name='PublicUrn',
            fields=[
                ('pattern', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='patterns_app.pattern')),
                ('urn', models.CharField(max_length=45, unique=True)),
            ],
        ),
        migrations.AddField(
            model_name='snapshot',
            name='urn',
            field=models.CharField(blank=True, help_text='That of `PublicUrn`, at hand for lists.', max_length=45),
        ),
        migrations.CreateModel(
            name='PublicIdentifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('identifier', models.CharField(max_length=255, unique=True, verbose_name='id')),
                ('pattern', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patterns_app.pattern')),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
