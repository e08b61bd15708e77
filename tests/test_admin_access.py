"""Who gets to see what: every address of the admin, as everybody and as nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from patterns_app.document.pattern import Community, ContextLabel, Contributor, Entity
from patterns_app.models import Collection, Domain, Library, LibraryFile, Pattern
from tests.factories import make_ada, make_cy, make_pattern, make_user

pytestmark = pytest.mark.django_db


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """Names of all addresses below `admin:`."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def admin_names() -> list[str]:
    [admin] = [entry for entry in get_resolver().url_patterns if getattr(entry, "namespace", None) == "admin"]
    assert isinstance(admin, URLResolver)
    return sorted(set(names(admin.url_patterns)))


@pytest.fixture
def pattern() -> Pattern:
    """A pattern with one of everything, a file that it came from, and somebody else with an account."""
    make_user("bo")
    pattern = make_pattern(
        collection="street",
        context_labels=(ContextLabel("tech", "Hardware pool"),),
        vector_keywords=("lending",),
        entities=(Entity("ent-lending", "practice", "Lending"),),
        communities=(Community("sharing", "Sharing"),),
        contributors=(Contributor("ada"),),
    )
    library = Library.objects.create(name="street", root="/somewhere")
    revision = pattern.revisions.get()
    LibraryFile.objects.create(library=library, path="a.md", pattern=pattern, revision=revision, digest="0" * 64)
    Group.objects.create(name="editors")
    return pattern


DJANGO_S_OWN = {
    "app_list",
    "autocomplete",
    "jsi18n",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "view_on_site",
}


def addresses(pattern: Pattern) -> dict[str, str]:
    """An address for each name that leads to something of the library's own."""
    found = {}
    for name in admin_names():
        if name in DJANGO_S_OWN:
            continue
        model = name.rsplit("_", 1)[0].removeprefix("patterns_app_")
        arguments: list[object] = []
        if name.endswith(("_change", "_delete", "_history")):
            arguments = [key_of_one(model)]
        elif name == "patterns_app_pattern_revision":
            arguments = [pattern.pk, 1]
        found[name] = reverse(f"admin:{name}", args=arguments)
    return found


def key_of_one(model: str) -> int:
    of_django = {"auth_user_password": "auth.user", "auth_user": "auth.user", "auth_group": "auth.group"}
    label = of_django.get(model, f"patterns_app.{model}")
    return int(apps.get_model(label)._default_manager.values_list("pk", flat=True)[0])


def test_a_superuser_reaches_every_page(client: Client, pattern: Pattern) -> None:
    client.force_login(User.objects.create_superuser("root"))
    for name, address in addresses(pattern).items():
        status = client.get(address).status_code
        nobody_may = name.startswith("patterns_app_") and (
            name.endswith("_delete") or (name.endswith("_add") and "pattern_add" not in name)
        )
        assert status == (403 if nobody_may else 200), name


def test_nobody_is_asked_to_log_in_everywhere(client: Client, pattern: Pattern) -> None:
    for name, address in addresses(pattern).items():
        for response in (client.get(address), client.post(address, {"title": "x", "post": "yes"})):
            assert response.status_code == 302, name
            assert response["Location"].startswith("/admin/login/"), name


def test_somebody_who_is_not_staff_is_asked_to_log_in(client: Client, pattern: Pattern) -> None:
    client.force_login(User.objects.create_user("dee"))
    for name, address in addresses(pattern).items():
        assert client.get(address)["Location"].startswith("/admin/login/"), name


def test_staff_without_permissions_gets_no_further_than_the_front_page(client: Client, pattern: Pattern) -> None:
    client.force_login(make_user("eve"))
    for name, address in addresses(pattern).items():
        expected = 200 if name == "index" else 403
        assert client.get(address).status_code == expected, name
        if name != "index":
            assert client.post(address, {"title": "x", "post": "yes"}).status_code == 403, name


def test_cy_who_may_only_read_patterns_can_neither_add_nor_change(client: Client, pattern: Pattern) -> None:
    client.force_login(make_cy())
    base = "admin:patterns_app_pattern"
    for name in ("changelist", "wanted"):
        assert client.get(reverse(f"{base}_{name}")).status_code == 200
    for name in ("change", "history"):
        assert client.get(reverse(f"{base}_{name}", args=[pattern.pk])).status_code == 200
    assert client.get(reverse(f"{base}_revision", args=[pattern.pk, 1])).status_code == 200
    assert client.get(reverse(f"{base}_add")).status_code == 403
    assert client.post(reverse(f"{base}_add"), {"title": "x"}).status_code == 403
    assert client.post(reverse(f"{base}_change", args=[pattern.pk]), {"title": "x"}).status_code == 403
    assert Pattern.objects.get().title == "Shared tool library"


def test_a_collection_can_be_described_but_not_renamed(client: Client, pattern: Pattern) -> None:
    ada = make_ada()
    ada.user_permissions.add(Permission.objects.get(codename="change_collection"))
    client.force_login(ada)
    collection = Collection.objects.get()
    address = reverse("admin:patterns_app_collection_change", args=[collection.pk])
    client.post(address, {"name": "renamed", "description": "What the street knows."})
    collection.refresh_from_db()
    assert (collection.name, collection.description) == ("street", "What the street knows.")


def test_names_are_listed_with_the_number_of_patterns_that_bear_them(client: Client, pattern: Pattern) -> None:
    make_pattern(slug="another")
    client.force_login(User.objects.create_superuser("root"))
    domain = Domain.objects.get(name="neighbourhood")
    page = client.get(reverse("admin:patterns_app_domain_changelist")).content.decode()
    assert f'<a href="/admin/patterns_app/pattern/?domain={domain.pk}">2</a>' in page
    for name in ("audience", "collection", "community", "contributor", "entity", "keyword"):
        page = client.get(reverse(f"admin:patterns_app_{name}_changelist"), {"q": "n"}).content.decode()
        assert page
        page = client.get(reverse(f"admin:patterns_app_{name}_changelist")).content.decode()
        assert '">1</a>' in page, name
