"""Every setting of the product, read once from the environment; `.env.example` lists and explains them."""

from pathlib import Path
from urllib.parse import urlsplit

from corsheaders.defaults import default_headers
from django.templatetags.static import static

from config.env import env_bool, env_int, env_list, env_path, env_rate, env_secret, env_str
from config.lib import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env_path("DATA_DIR", BASE_DIR / "var")
_layout = embedded.locate(DATA_DIR)

# Secrets are made at the first start, below DATA_DIR/secrets, and never change by themselves.
SECRET_KEY = env_secret("SECRET_KEY", _layout.secrets_dir / "secret_key")
ENCRYPTION_KEYS = env_secret("ENCRYPTION_KEYS", _layout.secrets_dir / "encryption_keys").replace(",", " ").split()
AUDIT_KEY = env_secret("AUDIT_KEY", _layout.secrets_dir / "audit_key")
KEYS_DIR = env_path("KEYS_DIR", DATA_DIR / "keys")
AUDIT_HEADS = env_path("AUDIT_HEADS", DATA_DIR / "audit" / "heads.log")
AUDIT_LEVEL = env_str("AUDIT_LEVEL", "all")
AUDIT_RETENTION_DAYS = env_int("AUDIT_RETENTION_DAYS", 0)

DEBUG = env_bool("DEBUG", False)
DEMO = env_bool("DEMO", False)

# Our own address. Unset, it is the one that `serve` listens on and writes below DATA_DIR.
PUBLIC_URL = (env_str("PUBLIC_URL") or embedded.recorded_url(DATA_DIR) or "http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
IS_HTTPS = _public.scheme == "https"
# The other names that the certificate of `serve --tls auto` is for.
_origins = embedded.recorded_origins(DATA_DIR)
_hosts = [urlsplit(origin).netloc.rpartition(":")[0] for origin in _origins]
ALLOWED_ORIGINS = [f"{_public.scheme}://{_public.netloc}", *_origins, *env_list("ALLOWED_ORIGINS")]
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    _public.hostname or "localhost",
    *_hosts,
    *env_list("ALLOWED_HOSTS"),
]
CSRF_TRUSTED_ORIGINS = CORS_ALLOWED_ORIGINS = ALLOWED_ORIGINS
CORS_ALLOW_HEADERS = [*default_headers, "prefer"]
CORS_EXPOSE_HEADERS = ["Link", "Retry-After"]
# Whose X-Forwarded-For and X-Forwarded-Proto are believed.
TRUSTED_PROXIES = env_list("TRUSTED_PROXIES")

INSTALLED_APPS = [
    # For `runserver` alone; it brings Twisted, 16 MB in every process.
    *(["daphne"] if DEBUG else []),
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_linear_migrations",
    "django_htmx",
    "rest_framework",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "rooms",
    "meetings",
    "recordings",
    "transcripts",
    "integrations",
    "reporting",
    "config",
]
FIRST_PARTY_APPS = ["accounts", "rooms", "meetings", "recordings", "transcripts", "integrations", "reporting"]

MIDDLEWARE = [
    "config.middleware.AccessLog",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.middleware.HttpsOnly",
    "config.middleware.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.Trail",
    "config.middleware.UserLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.AdminPolicy",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# One engine, embedded or not: PostgreSQL.
DATABASES = {"default": embedded.database_settings(_layout, env_str("DATABASE_URL"))}
if env_bool("DATABASE_POOL", False):
    # Only web processes pool: connections kept by CONN_MAX_AGE leak under ASGI, and a pool does not survive the
    # forks of the worker. The library's own default of 4 connections starves a busy page.
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 2, "max_size": 16, "timeout": 5}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env_str("REDIS_URL") or embedded.redis_url(_layout)
CACHES = {"default": {"BACKEND": "config.lib.cache.RedisCache", "LOCATION": REDIS_URL}}
# What carries notices to one person. It is no default: consumers of rooms would each get a channel that they never use.
CHANNEL_LAYERS = {
    "notices": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "protocol": 2}], "prefix": "notices"},
    }
}
# Sessions live in the database too, so that an emptied Redis signs nobody out.
SESSION_ENGINE = "accounts.sessions"

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "media"), "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG

# Uploads: what one import may bring in all, and where it lies until it is checked.
UPLOAD_MAX_BYTES = env_int("UPLOAD_MAX_BYTES", 4 * 2**30)
UPLOADS_DIR = env_path("UPLOADS_DIR", DATA_DIR / "uploads")
BODY_MAX_BYTES = 2 * 2**20

# Rooms: how long a seat lasts, what one file may have by the plan of the room's owner, what all of them may have
# together, and the scanner that looks at each.
ROOM_TOKEN_MINUTES = env_int("ROOM_TOKEN_MINUTES", 12 * 60)
SEAT_HELD_SECONDS = env_int("SEAT_HELD_SECONDS", 30)
# A meeting ends so long after the last person left its room.
MEETING_LEFT_SECONDS = env_int("MEETING_LEFT_SECONDS", 300)
ALLOW_QUERY_TOKENS = env_bool("ALLOW_QUERY_TOKENS", False)
ROOM_FILE_MAX_BYTES = {"essential": 0, "professional": env_int("ROOM_FILE_MAX_BYTES", 100 * 2**20)}
ROOM_FILES_MAX_BYTES = env_int("ROOM_FILES_MAX_BYTES", 10 * 2**30)
CLAMD_URL = env_str("CLAMD_URL")
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_MAX_BYTES

# Accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailOrUsername"]
PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "landing"
REGISTRATION_OPEN = env_bool("REGISTRATION_OPEN", True)
DEFAULT_PLAN = env_str("DEFAULT_PLAN", "professional")
# Twelve hours, because clients of the Meet API know no refresh and sit in long meetings.
ACCESS_TOKEN_MINUTES = env_int("ACCESS_TOKEN_MINUTES", 12 * 60)
SHORT_ACCESS_TOKEN_MINUTES = 15
REFRESH_TOKEN_DAYS = env_int("REFRESH_TOKEN_DAYS", 14)
PASSWORD_RESET_TIMEOUT = 3600

# Until a server is named, mail goes to a folder, and in the demo to the console: links that reset passwords do not
# belong into logs.
EMAIL_HOST = env_str("EMAIL_HOST")
EMAIL_PORT = env_int("EMAIL_PORT", 587)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env_str("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", True)
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "Tertulia <no-reply@localhost>")
# Seconds for each step of speaking with the server: whoever asks for a link waits for it.
EMAIL_TIMEOUT = 10
_own_way = "django.core.mail.backends.console" if DEMO else "accounts.outbox"
EMAIL_BACKEND = f"{'django.core.mail.backends.smtp' if EMAIL_HOST else _own_way}.EmailBackend"
EMAIL_FILE_PATH = env_path("EMAIL_FILE_PATH", DATA_DIR / "outbox")

# Work
SPEECH_ENGINE = env_str("SPEECH_ENGINE", "pocketsphinx")
NOTES_ENGINE = env_str("NOTES_ENGINE", "extractive")
FFMPEG_BINARY = env_str("FFMPEG_BINARY")
# How long a call that has notes written waits for them, in seconds.
SUMMARY_WAIT_S = env_int("SUMMARY_WAIT_S", 60)
WORK_LEASE_SECONDS = env_int("WORK_LEASE_SECONDS", 20)
WORK_SWEEP_SECONDS = env_int("WORK_SWEEP_SECONDS", 15)
WORK_MAX_ATTEMPTS = env_int("WORK_MAX_ATTEMPTS", 5)

# Text as clients encrypt it on the wire; how old clients derived keys is part of a deployment and never guessed.
ENCRYPTION_SECRET = env_secret("ENCRYPTION_SECRET", None)
ALLOW_SHARED_SECRET = env_bool("ALLOW_SHARED_SECRET", True)
WIRE_PBKDF2_HASH = env_str("WIRE_PBKDF2_HASH", "sha256")
LEGACY_GCM_HASH = env_str("LEGACY_GCM_HASH") or WIRE_PBKDF2_HASH

# Webhooks: where they may be delivered to beside public addresses over https, and how long a receiver can ask for what
# it missed.
WEBHOOK_ALLOW_HTTP = env_bool("WEBHOOK_ALLOW_HTTP", False)
WEBHOOK_ALLOWED_NETWORKS = env_list("WEBHOOK_ALLOWED_NETWORKS")
WEBHOOK_RETENTION_DAYS = env_int("WEBHOOK_RETENTION_DAYS", 30)

# Reports: a MaxMind database (GeoIP2 or GeoLite2 City) that says where an address is.
GEOIP_PATH = env_str("GEOIP_PATH")

# How often one user, and one address, may call, by kind of operation: calls per so many seconds, minutes, hours, days.
RATES = {
    "RATE_DEFAULT": env_rate("RATE_DEFAULT", "600/m"),
    "RATE_LOGIN": env_rate("RATE_LOGIN", "10/5m"),
    "RATE_REGISTER": env_rate("RATE_REGISTER", "10/h"),
    "RATE_FILES": env_rate("RATE_FILES", "60/m"),
    "RATE_INVITE": env_rate("RATE_INVITE", "500/h"),
    "RATE_UNKNOWN_NAME": env_rate("RATE_UNKNOWN_NAME", "30/h"),
    "RATE_TRANSCRIPT": env_rate("RATE_TRANSCRIPT", "600/m"),
    "RATE_SUMMARY": env_rate("RATE_SUMMARY", "10/m"),
    "RATE_UNDECRYPTABLE": env_rate("RATE_UNDECRYPTABLE", "10/m"),
    "RATE_WEBHOOK_SEND": env_rate("RATE_WEBHOOK_SEND", "30/m"),
    "RATE_RING": env_rate("RATE_RING", "10/m"),
    # The contract names these five for operations that are still to come (`config.pending`); nothing counts under them.
    "RATE_SPEECH_TOKEN": env_rate("RATE_SPEECH_TOKEN", "12/m"),
    "RATE_BLOB_STORAGE": env_rate("RATE_BLOB_STORAGE", "60/m"),
    "RATE_BLOB_UPLOAD": env_rate("RATE_BLOB_UPLOAD", "10/m"),
    "RATE_BLOB_DELETE": env_rate("RATE_BLOB_DELETE", "20/m"),
    "RATE_SAS_TOKEN": env_rate("RATE_SAS_TOKEN", "30/m"),
}
# From one address many people may be signed in: it may call so many times as often as one of them.
RATE_ADDRESS_FACTOR = env_int("RATE_ADDRESS_FACTOR", 10)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.AccessTokenAuthentication",
        "accounts.api.authentication.PageSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["config.lib.answers.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.lib.parsing.JsonParser"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.throttling.RateLimit"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.lib.answers.exception_handler",
    # `?format=` is ours: it names the form of a transcript.
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

# The OpenAPI document, and who may read it.
DOCS_PUBLIC = env_bool("DOCS_PUBLIC", True)
SPECTACULAR_SETTINGS = {
    "TITLE": "Tertulia",
    "DESCRIPTION": "The Meet API: accounts, rooms, meetings, recordings, transcripts, reports.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.schema.complete_bodies",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "SERVERS": [{"url": PUBLIC_URL}],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "AUTHENTICATION_WHITELIST": ["accounts.api.authentication.AccessTokenAuthentication"],
    "APPEND_COMPONENTS": {
        "schemas": {
            "Refusal": {
                "type": "object",
                "properties": {
                    "success": {"type": "boolean", "const": False},
                    "message": {"type": "string"},
                    "code": {"type": "string"},
                    "errors": {"type": "object"},
                },
                "required": ["success", "message", "code"],
            }
        },
    },
}

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
# The second catalogue speaks for the admin's theme, which has no Russian of its own.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "unfold"]
USE_TZ = True
TIME_ZONE = "UTC"

# Browsers
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = 31536000 if IS_HTTPS else 0
SECURE_PROXY_SSL_HEADER = None
# Not `no-referrer`: with it browsers send `Origin: null` with every form, which no CSRF check can tell from an attack.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_SELF = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [_SELF],
        "style-src": [_SELF],
        "img-src": [_SELF, "data:"],
        "media-src": [_SELF, "blob:"],
        "connect-src": [_SELF],
        "font-src": [_SELF],
        "form-action": [_SELF],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# No query strings, no bodies, no content in any log: `config.middleware.AccessLog` writes the one line a request gets.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.lib.logs.WordlessFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env_str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "CRITICAL"},
        "django.server": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}

UNFOLD = {
    "SITE_TITLE": "Tertulia",
    "SITE_HEADER": "Tertulia",
    "SITE_SYMBOL": "graphic_eq",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("favicon.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    # The accent of the pages, from paper to ink.
    "COLORS": {
        "primary": {
            "50": "oklch(97.6% .012 205)",
            "100": "oklch(94.6% .025 205)",
            "200": "oklch(89.5% .045 205)",
            "300": "oklch(81% .07 205)",
            "400": "oklch(70% .09 205)",
            "500": "oklch(60% .095 205)",
            "600": "oklch(45% .075 205)",
            "700": "oklch(39% .065 205)",
            "800": "oklch(34% .055 205)",
            "900": "oklch(29% .045 205)",
            "950": "oklch(22% .035 205)",
        }
    },
}
