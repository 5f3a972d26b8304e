"""Compare reading 10,000 encrypted lines with the bare AES-GCM calls for them, side by side in one run.

Run it as `python -m bench.crypto_lines`. A measurement is a name and a function; each round runs all of them in turn,
so that whatever else the machine does meets them alike, and the best round of each counts.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from config.lib.crypto import FieldCipher, new_data_key
from config.lib.ids import new_id

LINES = 10_000
ROUNDS = 15
ALLOWED_RATIO = 3.0
FIELD = "line.message"
SENTENCE = "The release moves to Thursday, Anna writes the notes and Ben asks the customer"

Measurement = Callable[[], object]


def seal_lines(cipher: FieldCipher) -> list[tuple[str, bytes]]:
    """Make rows as the database would hand them out: (row id, sealed text)."""
    row_ids = [new_id() for _ in range(LINES)]
    texts = [f"{SENTENCE} {number}" for number in range(LINES)]
    return [
        (row_id, cipher.encrypt(text, row_id=row_id, field=FIELD)) for row_id, text in zip(row_ids, texts, strict=True)
    ]


def bare_calls(key: bytes) -> Measurement:
    """Decrypt as many texts of the same length with everything prepared: what no reading can do without."""
    aead, context = AESGCM(key), os.urandom(60)
    calls = []
    for number in range(LINES):
        nonce = os.urandom(12)
        calls.append((nonce, aead.encrypt(nonce, f"{SENTENCE} {number}".encode(), context)))

    def run() -> None:
        for nonce, sealed in calls:
            aead.decrypt(nonce, sealed, context)

    return run


def time_rounds(measurements: Mapping[str, Measurement], rounds: int) -> dict[str, list[float]]:
    """Run all measurements in turn, for some rounds; return the milliseconds of each."""
    taken: dict[str, list[float]] = {name: [] for name in measurements}
    for _ in range(rounds):
        for name, run in measurements.items():
            begun = time.perf_counter()
            run()
            taken[name].append((time.perf_counter() - begun) * 1000)
    return taken


def main() -> int:
    key, meeting_id = new_data_key(), new_id()
    rows = seal_lines(FieldCipher(key, meeting_id))
    taken = time_rounds(
        {
            "bare AES-GCM calls": bare_calls(key),
            "decoding the rows": lambda: FieldCipher(key, meeting_id).decrypt_rows(rows, field=FIELD),
        },
        ROUNDS,
    )
    for name, times in taken.items():
        print(f"{name:<20} {min(times):7.2f} ms best, {statistics.median(times):7.2f} ms median of {ROUNDS} rounds")
    ratio = min(taken["decoding the rows"]) / min(taken["bare AES-GCM calls"])
    print(f"{'ratio':<20} {ratio:7.2f}    (at most {ALLOWED_RATIO:.0f})")
    return 0 if ratio <= ALLOWED_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
