"""Mail and workflow settings as a fresh process sees them."""

from __future__ import annotations

from tests.test_settings import setting


def test_mail_is_printed_unless_a_server_is_named() -> None:
    assert setting("EMAIL_BACKEND") == "django.core.mail.backends.console.EmailBackend"
    assert (setting("MAIL_AT_ONCE"), setting("FOUR_EYES"), setting("EMAIL_TIMEOUT")) == (True, False, 10)
    assert (setting("MAIL_AT_ONCE", MAIL_AT_ONCE="0"), setting("FOUR_EYES", FOUR_EYES="1")) == (False, True)


def test_a_mail_server_is_one_address() -> None:
    said = {"EMAIL_URL": "smtp+tls://ada%40example.org:p%40%2Fss@mail.example.org:587", "EMAIL_TIMEOUT": "3"}
    names = ("BACKEND", "HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL", "TIMEOUT")
    assert [setting(f"EMAIL_{name}", **said) for name in names] == [
        "django.core.mail.backends.smtp.EmailBackend",
        "mail.example.org",
        587,
        "ada@example.org",
        "p@/ss",
        True,
        False,
        3,
    ]
    assert setting("EMAIL_USE_SSL", EMAIL_URL="smtp+ssl://mail.example.org:465") is True
    assert setting("EMAIL_PORT", EMAIL_URL="smtp://mail.example.org") == 25


def test_links_in_mails_lead_to_the_first_host_unless_told_otherwise() -> None:
    assert setting("SITE_URL") == "http://localhost:8000"
    hosts = {"ALLOWED_HOSTS": "*,.example.net,patterns.example.org,example.org"}
    assert setting("SITE_URL", **hosts) == "https://patterns.example.org"
    assert setting("SITE_URL", HTTPS="0", **hosts) == "http://patterns.example.org"
    assert setting("SITE_URL", SITE_URL="https://other.example.org/", **hosts) == "https://other.example.org/"
