import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

pytestmark = pytest.mark.django_db


def ensure_administrator(*arguments: str) -> str:
    out = StringIO()
    call_command("ensure_administrator", *arguments, stdout=out)
    return out.getvalue()


def password_in(text: str) -> str:
    found = re.search(r"Password: (\S+)", text)
    assert found, text
    return found[1]


def test_the_first_administrator_can_log_in_with_the_password_printed(client: Client) -> None:
    said = ensure_administrator()
    assert "User name: admin" in said
    assert client.login(username="admin", password=password_in(said))
    assert client.get("/admin/").status_code == 200


def test_with_an_administrator_there_nothing_happens_and_nothing_is_said() -> None:
    ensure_administrator()
    before = User.objects.values().get()
    assert ensure_administrator() == ""
    assert User.objects.values().get() == before


def test_an_administrator_of_any_name_will_do() -> None:
    User.objects.create_superuser("grace", password="secret")
    assert ensure_administrator() == ""
    assert User.objects.count() == 1


def test_no_two_passwords_are_alike_and_none_is_short() -> None:
    first = password_in(ensure_administrator())
    User.objects.all().delete()
    second = password_in(ensure_administrator())
    assert first != second
    assert len(first) == len(second) == 20


def test_one_who_may_not_log_in_is_no_administrator() -> None:
    User.objects.create_superuser("grace", password="secret", is_active=False)
    ensure_administrator()
    assert User.objects.get(username="admin").is_superuser


def test_an_account_of_that_name_without_the_rights_is_left_alone() -> None:
    User.objects.create_user("admin", password="secret")
    with pytest.raises(CommandError, match="Choose another with --username"):
        ensure_administrator()
    assert not User.objects.get().is_superuser
    assert "User name: keeper" in ensure_administrator("--username", "keeper")
