"""The WSGI application, for deployments that put REST and pages under WSGI processes."""

import os

from django.core.wsgi import get_wsgi_application

from config.edge import behind_proxies_wsgi

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = behind_proxies_wsgi(get_wsgi_application())
