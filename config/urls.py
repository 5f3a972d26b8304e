"""Every path of Django's; large bodies have theirs in `config.routing`."""

from django.contrib import admin
from django.urls import include, path

from accounts.urls import own_patterns
from config import health, pending, schema, views

handler500 = "config.middleware.answer_unforeseen"

urlpatterns = [
    path("", views.landing, name="landing"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("app/account", include(own_patterns)),
    path("auth/", include("accounts.api.urls")),
    path("api/schema", schema.Document.as_view(), name="schema"),
    path("api/docs", schema.docs, name="docs"),
    path("", include("rooms.api.urls")),
    path("", include("rooms.urls")),
    path("", include("recordings.api.urls")),
    path("", include("meetings.api.urls")),
    path("", include("meetings.urls")),
    path("", include("recordings.urls")),
    path("", include("transcripts.api.urls")),
    path("", include("transcripts.urls")),
    path("", include("integrations.webhooks.api.urls")),
    path("", include("integrations.webhooks.urls")),
    path("reporting/", include("reporting.api.urls")),
    # Last: what an app has by now is found before it.
    *pending.urlpatterns,
]
