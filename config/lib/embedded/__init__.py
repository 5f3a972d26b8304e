"""The parts that run inside a data folder unless the settings name others: PostgreSQL, Redis, and the secrets."""

from config.lib.embedded.errors import EmbeddedError
from config.lib.embedded.layout import Layout, locate, make_folders, recorded_origins, recorded_url
from config.lib.embedded.secret_files import ensure_secrets
from config.lib.embedded.services import ensure
from config.lib.embedded.urls import database_settings, redis_url

__all__ = [
    "EmbeddedError",
    "Layout",
    "database_settings",
    "ensure",
    "ensure_secrets",
    "locate",
    "make_folders",
    "recorded_origins",
    "recorded_url",
    "redis_url",
]
