"""Who gets to see what: every address of the admin, as everybody and as nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from patterns_app.document.pattern import Community, ContextLabel, Contributor, Entity, Relationship
from patterns_app.models import Collection, Domain, Library, LibraryFile, Pattern, Presence
from patterns_app.workflow.decisions import Said, make_move
from patterns_app.workflow.moves import Move
from tests.factories import NOON, make_cy, make_member, make_pattern, make_user

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


SECRET = "Xylographic"
"""A word of the draft's title, which nobody who may not see the draft shall ever read."""


@pytest.fixture
def pattern() -> Pattern:
    """Ada's draft with one of everything, a file that it came from, and people of every kind."""
    pattern = make_pattern(
        author=make_member("ada", "Contributor"),
        title=f"{SECRET} tool library",
        collection="street",
        context_labels=(ContextLabel("tech", "Hardware pool"),),
        vector_keywords=("lending",),
        relationships=(Relationship("enables", f"{SECRET.lower()}-shed", 0.5),),
        entities=(Entity("ent-lending", "practice", "Lending"),),
        communities=(Community("sharing", "Sharing"),),
        contributors=(Contributor("ada"),),
    )
    for name, group in (("fay", "Contributor"), ("bo", "Editor"), ("di", "Publisher"), ("hal", "Administrator")):
        make_member(name, group)
    make_user("eve")
    make_cy()
    make_user("root", is_superuser=True)
    make_user("out", is_staff=False)
    library = Library.objects.create(name="street", root="/somewhere")
    revision = pattern.revisions.get()
    LibraryFile.objects.create(library=library, path="a.md", pattern=pattern, revision=revision, digest="0" * 64)
    return pattern


# Eve has no rights at all; fay contributes, ada does, too, and the draft is hers; cy only reads; bo edits, di
# publishes, hal administers.
ALL = {"nobody", "out", "eve", "fay", "ada", "cy", "bo", "di", "hal", "root"}
STAFF = ALL - {"nobody", "out"}
SEE_ALL = {"cy", "bo", "di", "hal", "root"}
SEE_IT = SEE_ALL | {"ada"}
WRITE = {"fay", "ada", "bo", "di", "hal", "root"}
EDIT_IT = {"ada", "bo", "di", "hal", "root"}
REVIEW = {"bo", "di", "hal", "root"}
PUBLISH = {"di", "hal", "root"}
PEOPLE = {"hal", "root"}
NONE: set[str] = set()

MOVES = {
    Move.SUBMIT: EDIT_IT,
    Move.WITHDRAW: EDIT_IT,
    Move.REQUEST_CHANGES: REVIEW,
    Move.ASSIGN: REVIEW,
    Move.COMMENT: SEE_IT,
}
ON_PATTERNS = {
    # Name: (who may look, who may send).
    "changelist": (SEE_ALL | WRITE, SEE_ALL | WRITE),
    "add": (WRITE, WRITE),
    "change": (SEE_IT, EDIT_IT),
    "history": (SEE_IT, SEE_IT),
    "revision": (SEE_IT, SEE_IT),
    "compare": (SEE_IT, SEE_IT),
    "provenance": (SEE_IT, SEE_IT),
    "restore": (EDIT_IT, EDIT_IT),
    "share": (SEE_IT, SEE_IT),
    "presence": (SEE_IT, SEE_IT),
    "preview": (SEE_IT, SEE_IT),
    "preview_new": (WRITE, WRITE),
    "preview_text": (SEE_ALL | WRITE, SEE_ALL | WRITE),
    "suggest": (SEE_ALL | WRITE, SEE_ALL | WRITE),
    "wanted": (SEE_ALL, SEE_ALL),
    "mail": (SEE_ALL | WRITE, SEE_ALL | WRITE),
    "delete": (NONE, NONE),
}
OF_THE_SITE = {
    "index": (STAFF, STAFF),
    "health_one_sided": (SEE_ALL, SEE_ALL),
    "health_cycles": (SEE_ALL, SEE_ALL),
    "health_published": (SEE_ALL | WRITE, SEE_ALL | WRITE),
}
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


class Door(NamedTuple):
    """An address of the admin, who may look at it, and who may send something to it."""

    name: str
    address: str
    look: set[str]
    send: set[str]


def doors(pattern: Pattern) -> Iterator[Door]:
    """Every address of the admin that is the library's own. One that nobody said anything about fails the test."""
    for name in admin_names():
        if name in DJANGO_S_OWN:
            continue
        if name in OF_THE_SITE:
            yield Door(name, reverse(f"admin:{name}"), *OF_THE_SITE[name])
        elif name == "patterns_app_pattern_move":
            for move in Move:
                may = MOVES.get(move, PUBLISH)
                yield Door(f"move {move.value}", reverse(f"admin:{name}", args=[pattern.pk, move.value]), may, may)
        elif name.startswith("patterns_app_pattern_"):
            what = name.removeprefix("patterns_app_pattern_")
            numbered = {key: [pattern.pk, 1] for key in ("revision", "restore", "share")}
            single = {"change", "history", "compare", "provenance", "presence", "preview", "delete"}
            arguments = numbered.get(what, [pattern.pk] if what in single else [])
            yield Door(name, reverse(f"admin:{name}", args=arguments), *ON_PATTERNS[what])
        else:
            yield of_a_model(name)


def of_a_model(name: str) -> Door:
    """The pages that Django makes for the other models."""
    model, what = name.rsplit("_", 1)
    is_single = what in ("change", "delete", "history") or name.endswith("user_password_change")
    address = reverse(f"admin:{name}", args=[key_of_one(model.removesuffix("_password"))] if is_single else [])
    if model.startswith("auth_"):
        return Door(name, address, PEOPLE, PEOPLE)
    if what in ("add", "delete"):
        return Door(name, address, NONE, NONE)
    may_edit = {"bo", "di", "hal", "root"}
    is_fixed = model.startswith("patterns_app_library") and what == "change"
    return Door(name, address, may_edit, NONE if is_fixed else may_edit)


def key_of_one(model: str) -> int:
    label = {"auth_user": "auth.user", "auth_group": "auth.group"}.get(
        model, f"patterns_app.{model.removeprefix('patterns_app_')}"
    )
    return int(apps.get_model(label)._default_manager.values_list("pk", flat=True)[0])


def browser_of(name: str) -> Client:
    client = Client()
    if name != "nobody":
        client.force_login(User.objects.get(username=name))
    return client


def is_refused(response: Any) -> bool:
    """Forbidden, or asked to log in as somebody else."""
    is_asked = response.status_code == 302 and response["Location"].startswith("/admin/login/")
    return bool(response.status_code == 403 or is_asked)


@pytest.mark.parametrize("person", sorted(ALL))
def test_everybody_gets_through_the_doors_that_are_theirs_and_no_other(pattern: Pattern, person: str) -> None:
    client = browser_of(person)
    for door in doors(pattern):
        response = client.get(door.address)
        is_closed = is_refused(response) or (person not in door.look and response.status_code == 405)
        assert is_closed == (person not in door.look), f"{person} {door.name} {response.status_code}"
        if person in door.look:
            assert response.status_code in (200, 405), door.name
        if person not in SEE_IT:
            assert SECRET.lower() not in response.content.decode().lower(), door.name


HAND_MADE = {
    "title": "Mallory was here",
    "slug": "mallory",
    "name": "mallory",
    "note": "Because.",
    "text": "x",
    "post": "yes",
    "choice": "never",
    "publish_at_0": "2036-01-01",
    "publish_at_1": "00:00",
}


@pytest.mark.parametrize("person", sorted(ALL))
def test_a_post_made_by_hand_opens_no_door(pattern: Pattern, person: str) -> None:
    client = browser_of(person)
    before = everything()
    pattern.refresh_from_db()
    person_key = User.objects.get(username="bo").pk
    for door in doors(pattern):
        if person in door.send:
            continue
        seen = f"{pattern.status}.{pattern.head_id}.{pattern.events_so_far}"
        sent = {**HAND_MADE, "seen": seen, "head": pattern.head_id or "", "person": person_key}
        response = client.post(door.address, sent)
        assert is_refused(response) or response.status_code == 405, f"{person} {door.name} {response.status_code}"
    assert everything() == before


@pytest.mark.parametrize("person", sorted(ALL))
def test_a_bulk_action_made_by_hand_does_nothing_that_is_not_theirs(pattern: Pattern, person: str) -> None:
    client = browser_of(person)
    for move in Move:
        if person in MOVES.get(move, PUBLISH):
            continue
        before = everything()
        sent = {
            **HAND_MADE,
            "action": f"move_{move.value.replace('-', '_')}",
            ACTION_CHECKBOX_NAME: [str(pattern.pk)],
            "confirmed": "yes",
            f"seen-{pattern.pk}": "draft.1.0",
        }
        client.post(reverse("admin:patterns_app_pattern_changelist"), sent)
        assert everything() == before, move


def everything() -> list[object]:
    """All that a hand-made request might change."""
    return [
        list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("patterns_app").get_models()
        if model is not Presence
    ]


def test_fay_neither_lists_finds_nor_is_offered_what_is_ada_s(pattern: Pattern) -> None:
    fay, ada = browser_of("fay"), browser_of("ada")
    for client, expected in ((fay, False), (ada, True)):
        for address in (
            reverse("admin:patterns_app_pattern_changelist"),
            reverse("admin:patterns_app_pattern_changelist") + f"?q={SECRET}",
            reverse("admin:patterns_app_pattern_suggest") + f"?q={SECRET[:6]}",
        ):
            assert (f"{SECRET} tool" in client.get(address).content.decode()) == expected, address


def test_ada_s_draft_is_hers_until_she_hands_it_in_and_again_when_it_comes_back(pattern: Pattern) -> None:
    ada = browser_of("ada")
    address = reverse("admin:patterns_app_pattern_change", args=[pattern.pk])

    def may_save() -> bool:
        assert ada.get(address).status_code == 200
        return not is_refused(ada.post(address, {"title": ""}))

    assert may_save()
    for move, expected in ((Move.SUBMIT, False), (Move.REQUEST_CHANGES, True), (Move.PUBLISH, False)):
        now = Pattern.objects.get(pk=pattern.pk)
        make_move(now, move, actor=None, at=NOON, said=Said("Because."), as_command=True)
        assert may_save() == expected, move


def test_cy_who_may_only_read_patterns_can_neither_add_nor_change(client: Client, pattern: Pattern) -> None:
    client.force_login(User.objects.get(username="cy"))
    base = "admin:patterns_app_pattern"
    for name in ("changelist", "wanted"):
        assert client.get(reverse(f"{base}_{name}")).status_code == 200
    for name in ("change", "history"):
        assert client.get(reverse(f"{base}_{name}", args=[pattern.pk])).status_code == 200
    assert client.get(reverse(f"{base}_revision", args=[pattern.pk, 1])).status_code == 200
    assert client.get(reverse(f"{base}_add")).status_code == 403
    assert client.post(reverse(f"{base}_add"), {"title": "x"}).status_code == 403
    assert client.post(reverse(f"{base}_change", args=[pattern.pk]), {"title": "x"}).status_code == 403
    assert Pattern.objects.get().title == pattern.title


def test_a_collection_can_be_described_but_not_renamed(client: Client, pattern: Pattern) -> None:
    client.force_login(User.objects.get(username="bo"))
    collection = Collection.objects.get()
    address = reverse("admin:patterns_app_collection_change", args=[collection.pk])
    client.post(address, {"name": "renamed", "description": "What the street knows."})
    collection.refresh_from_db()
    assert (collection.name, collection.description) == ("street", "What the street knows.")


def test_names_are_listed_with_the_number_of_patterns_that_bear_them(client: Client, pattern: Pattern) -> None:
    make_pattern(slug="another")
    client.force_login(User.objects.get(username="root"))
    domain = Domain.objects.get(name="neighbourhood")
    page = client.get(reverse("admin:patterns_app_domain_changelist")).content.decode()
    assert f'<a href="/admin/patterns_app/pattern/?domain={domain.pk}">2</a>' in page
    for name in ("audience", "collection", "community", "contributor", "entity", "keyword"):
        page = client.get(reverse(f"admin:patterns_app_{name}_changelist"), {"q": "n"}).content.decode()
        assert page
        page = client.get(reverse(f"admin:patterns_app_{name}_changelist")).content.decode()
        assert '">1</a>' in page, name


def test_who_may_not_see_a_page_is_told_why_and_where_to_go(pattern: Pattern, client: Client) -> None:
    client.force_login(User.objects.get(username="fay"))
    response = client.get(reverse("admin:patterns_app_pattern_change", args=[pattern.pk]))
    page = response.content.decode()
    assert response.status_code == 403
    assert "You are logged in as fay" in page
    assert f'href="{reverse("admin:index")}"' in page
    assert SECRET not in page
