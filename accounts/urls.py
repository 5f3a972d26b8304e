"""Paths of the account pages: below /accounts/ for anybody, below /app/account for who is signed in."""

from django.urls import path

from accounts import account_views, views

own_patterns = [
    path("", account_views.account, name="account"),
    path("/sign-ins/end", account_views.end_other_sign_ins, name="account_end_others"),
    path("/sign-ins/<str:session_id>/end", account_views.end_sign_in, name="account_end"),
]

urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("register", views.register, name="register"),
    path("password", views.password_change, name="password_change"),
    path("password/reset", views.password_reset, name="password_reset"),
    path("password/reset/sent", views.password_reset_sent, name="password_reset_sent"),
    path("password/reset/<str:uid>/<str:token>", views.password_reset_confirm, name="password_reset_confirm"),
]
