"""Paths of the webhook calls, below /webhooks."""

from django.urls import path

from integrations.webhooks.api import views

urlpatterns = [
    path("webhooks", views.WebhookList.as_view(), name="api_webhooks"),
    path("webhooks/<str:webhook_id>", views.WebhookDetail.as_view(), name="api_webhook"),
    path("webhooks/<str:webhook_id>/secret", views.WebhookSecret.as_view(), name="api_webhook_secret"),
    path("webhooks/<str:webhook_id>/test", views.WebhookTest.as_view(), name="api_webhook_test"),
    path("webhooks/<str:webhook_id>/events", views.WebhookLog.as_view(), name="api_webhook_events"),
    path("webhooks/<str:webhook_id>/deliveries", views.WebhookDeliveries.as_view(), name="api_webhook_deliveries"),
    path(
        "webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/replay",
        views.WebhookReplay.as_view(),
        name="api_webhook_replay",
    ),
]
