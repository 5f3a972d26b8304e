"""Usernames made from e-mails, also when two people come at once."""

import threading

import pytest
from django.db import connection, transaction

from accounts.models import User
from tests.accounts.conftest import wait_for_waiting
from tests.factories import PASSWORD


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "username"),
    [
        ("Anna@example.com", "anna"),
        ("anna.b_c-d@example.com", "anna.b_c-d"),
        ("o'neill+list@example.com", "o-neill-list"),
        (f"{'x' * 64}@example.com", "x" * 48),
    ],
)
def test_username_is_made_from_the_email(email, username):
    assert User.objects.create_user(email, PASSWORD).username == username


@pytest.mark.django_db
def test_username_counts_on_from_the_names_that_are_taken():
    names = [User.objects.create_user(f"anna@{host}.example", PASSWORD).username for host in "abc"]

    assert names == ["anna", "anna2", "anna3"]


@pytest.mark.django_db(transaction=True)
def test_username_taken_in_the_same_moment_gets_a_number():
    def register():
        User.objects.create_user("anna@b.example", PASSWORD)
        connection.close()

    second = threading.Thread(target=register)
    with transaction.atomic():
        User.objects.create_user("anna@a.example", PASSWORD)
        second.start()
        wait_for_waiting(1)
    second.join()

    assert dict(User.objects.values_list("email", "username")) == {
        "anna@a.example": "anna",
        "anna@b.example": "anna2",
    }
