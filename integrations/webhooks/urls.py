"""Paths of the webhook pages."""

from django.urls import path

from integrations.webhooks import views

urlpatterns = [
    path("app/webhooks", views.webhooks, name="webhooks"),
    path("app/webhooks/<str:webhook_id>", views.webhook, name="webhook"),
    path("app/webhooks/<str:webhook_id>/secret", views.webhook_secret, name="webhook_secret"),
    path(
        "app/webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/replay",
        views.webhook_replay,
        name="webhook_replay",
    ),
    path("app/webhooks/<str:webhook_id>/<str:act>", views.webhook_act, name="webhook_act"),
]
