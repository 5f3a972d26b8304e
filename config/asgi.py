"""The ASGI application that servers import."""

import gc
import os
import sys
from typing import cast

from django.core.asgi import get_asgi_application

from config.edge import behind_proxies
from config.lib.asgi import Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = cast(Application, get_asgi_application())

from config.routing import route  # noqa: E402 - it imports models, which need the loaded apps

application = behind_proxies(route(_django))

# All that is loaded by now stays. Looking through it for garbage would hold up rooms for a tenth of a second.
gc.collect()
gc.freeze()
# Threads that work for a request give way to the loop, which speaks to rooms, sooner than after 5 ms.
sys.setswitchinterval(0.001)
