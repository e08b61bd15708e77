"""What a process that answers requests must have before it starts; commands do without."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def require_secret_key() -> None:
    """Refuse to serve without a SECRET_KEY: sessions signed with a key that changes or is known are no sessions."""
    try:
        settings.SECRET_KEY  # noqa: B018 — Django refuses to hand out an empty one
    except ImproperlyConfigured:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set, and a server cannot sign sessions without it. Make one with "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(50))'`, keep it, and set SECRET_KEY to it in the "
            "server's environment. (`make run` does all this for a server on your own machine.)"
        ) from None
