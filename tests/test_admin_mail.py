"""The page on which everybody chooses when to have mail."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from patterns_app.models import MailChoice, MailPreference, Notice
from patterns_app.workflow.moves import Move
from tests.factories import make_pattern, make_user
from tests.workflow.cast import EDITS, WRITES, make_person, moved

pytestmark = pytest.mark.django_db


def page() -> str:
    return reverse("admin:patterns_app_pattern_mail")


@pytest.fixture
def bo(client: Client) -> User:
    """Bo, logged in."""
    bo = make_person("bo", can=EDITS)
    client.force_login(bo)
    return bo


def chosen(client: Client) -> str:
    return str(client.get(page()).context["form"]["choice"].value())


def test_who_never_chose_gets_mail_at_once(client: Client, bo: User) -> None:
    assert chosen(client) == MailChoice.AT_ONCE
    assert not MailPreference.objects.exists(), "looking chooses nothing"


@pytest.mark.parametrize("choice", list(MailChoice))
def test_a_choice_holds(client: Client, bo: User, choice: MailChoice) -> None:
    for again in (MailChoice.DAILY, choice):
        response = client.post(page(), {"choice": again.value}, follow=True)
        assert [str(message) for message in response.context["messages"]] == ["Your choice is saved."]
    assert chosen(client) == choice
    assert MailPreference.objects.get().choice == choice


def test_a_choice_holds_for_what_is_waiting_already(client: Client, bo: User) -> None:
    ada = make_person("ada", can=WRITES)
    client.post(page(), {"choice": "daily"})
    moved(make_pattern(author=ada), Move.SUBMIT, ada)
    client.post(page(), {"choice": "at_once"})
    assert Notice.objects.get().choice == MailChoice.AT_ONCE
    client.post(page(), {"choice": "never"})
    assert not Notice.objects.exists()


def test_nobody_chooses_for_another(client: Client, bo: User) -> None:
    ada = make_person("ada", can=WRITES)
    client.post(page(), {"choice": "never", "user": str(ada.pk), "user_id": str(ada.pk)})
    assert MailPreference.objects.get().user_id == bo.pk


@pytest.mark.parametrize("choice", ["", "weekly", "AT_ONCE", "at_once\n"])
def test_what_is_no_choice_changes_nothing(client: Client, bo: User, choice: str) -> None:
    response = client.post(page(), {"choice": choice})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not MailPreference.objects.exists()


def test_an_account_without_an_address_is_told_so(client: Client, bo: User) -> None:
    assert "bo@example.org" in client.get(page()).content.decode()
    User.objects.update(email="")
    assert "Your account has no mail address" in client.get(page()).content.decode()


def test_the_page_is_linked_from_every_page_for_those_it_concerns(client: Client, bo: User) -> None:
    link = f'href="{page()}"'
    for name in ("index", "patterns_app_pattern_changelist", "patterns_app_pattern_mail"):
        assert link in client.get(reverse(f"admin:{name}")).content.decode()
    client.force_login(make_user("eve"))
    assert link not in client.get(reverse("admin:index")).content.decode()
    client.logout()
    assert link not in client.get(reverse("admin:login")).content.decode()


def test_contributors_choose_and_strangers_do_not(client: Client, db: None) -> None:
    client.force_login(make_person("ada", can=WRITES))
    assert client.get(page()).status_code == 200
    client.force_login(make_user("eve"))
    assert client.get(page()).status_code == 403
    assert client.post(page(), {"choice": "never"}).status_code == 403
    client.force_login(make_user("dee", can=EDITS, is_staff=False))
    assert client.get(page()).status_code == 302
    assert not MailPreference.objects.exists()
