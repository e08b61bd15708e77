"""The ASGI entry point: `commons.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from commons.serving import require_secret_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commons.settings")
require_secret_key()
application = get_asgi_application()
