"""The product's password hasher with its cost turned down, since most tests only need somebody to be signed in."""

from accounts.hashers import BoundedArgon2


class QuickArgon2(BoundedArgon2):
    time_cost = 1
    memory_cost = 64
