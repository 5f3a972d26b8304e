"""What a password costs: enough for whoever guesses, never more than the machine has."""

import os
import threading

import pytest
from django.contrib.auth.hashers import check_password, make_password

from accounts import hashers
from accounts.hashers import BoundedArgon2
from tests.hashers import QuickArgon2

PRODUCT = ["accounts.hashers.BoundedArgon2"]


def test_password_is_hashed_at_the_recommended_cost(settings):
    settings.PASSWORD_HASHERS = PRODUCT

    encoded = make_password("three words here")

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("three words here", encoded)
    assert not check_password("three words", encoded)


def test_hash_of_another_cost_is_renewed_when_it_is_used(settings):
    class Costly(BoundedArgon2):
        memory_cost = 102400

    settings.PASSWORD_HASHERS = PRODUCT
    renewed = []

    is_right = check_password("three words here", Costly().encode("three words here", "saltsalt"), renewed.append)

    assert (is_right, renewed) == (True, ["three words here"])


@pytest.mark.parametrize("act", ["encode", "verify"])
def test_hash_waits_while_every_processor_has_one(act):
    hasher = QuickArgon2()
    encoded = hasher.encode("secret", "saltsalt")
    argument = {"encode": "saltsalt", "verify": encoded}[act]
    thread = threading.Thread(target=getattr(hasher, act), args=("secret", argument))
    gate = threading.Event()
    others = [hashers.pool.submit(gate.wait, 20) for _ in range(os.cpu_count() or 1)]
    thread.start()
    thread.join(0.5)
    waited = thread.is_alive()
    gate.set()

    thread.join(20)
    assert all(other.result() for other in others)
    assert (waited, thread.is_alive()) == (True, False)
