"""The people plane as a WSGI application; `run.asgi` puts it behind the bridge."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
application = get_wsgi_application()
