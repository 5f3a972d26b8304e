"""The ASGI application that servers import."""

import os
from typing import cast

from django.core.asgi import get_asgi_application

from config.edge import behind_proxies
from config.lib.asgi import Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = cast(Application, get_asgi_application())

from config.routing import route  # noqa: E402 - it imports models, which need the loaded apps

application = behind_proxies(route(_django))
