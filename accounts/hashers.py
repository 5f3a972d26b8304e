"""How passwords are hashed: costly for whoever guesses, bounded for the machine that has to do it."""

import os
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.hashers import Argon2PasswordHasher

# More hashes at once than processors are no faster, and each holds its memory. They have threads of their own, because
# the C library keeps the memory of a hash for the thread that asked for it: with those of requests that adds up.
pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="hash")


class BoundedArgon2(Argon2PasswordHasher):
    """Argon2id with the least memory that OWASP recommends, never more hashes at once than processors."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return pool.submit(super().encode, password, salt).result()

    def verify(self, password: str, encoded: str) -> bool:
        return pool.submit(super().verify, password, encoded).result()
