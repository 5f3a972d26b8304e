"""Paths of the account calls, below /auth/."""

from django.urls import path

from accounts.api import views

urlpatterns = [
    path("register", views.register, name="api_register"),
    path("login", views.login, name="api_login"),
    path("refresh", views.refresh, name="api_refresh"),
    path("logout", views.logout, name="api_logout"),
    path("me", views.me, name="api_me"),
    path("password/change", views.change_password, name="api_password_change"),
    path("password/reset", views.request_password_reset, name="api_password_reset"),
    path("password/reset/confirm", views.confirm_password_reset, name="api_password_reset_confirm"),
]
