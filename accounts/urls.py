"""Paths of the account pages, below /accounts/."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("register", views.register, name="register"),
    path("password", views.password_change, name="password_change"),
    path("password/reset", views.password_reset, name="password_reset"),
    path("password/reset/sent", views.password_reset_sent, name="password_reset_sent"),
    path("password/reset/<str:uid>/<str:token>", views.password_reset_confirm, name="password_reset_confirm"),
]
