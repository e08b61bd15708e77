"""The WSGI entry point: `commons.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from commons.serving import require_secret_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commons.settings")
require_secret_key()
application = get_wsgi_application()
