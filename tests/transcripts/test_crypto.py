import base64
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from config.lib import crypto as at_rest
from transcripts import crypto
from transcripts.crypto import (
    MissingSecret,
    NotUnicode,
    Undecryptable,
    classify,
    decrypt,
    decrypt_object,
    derive_key,
    encrypt,
    encrypt_object,
)

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests" / "data" / "crypto.json").read_text())
SECRET, OTHER_SECRET = "the meeting's secret", "another secret"
unhurried = settings(deadline=None)  # the machine may be busy
REFUSAL = "The message cannot be decrypted. Encrypt it with this meeting's secret and send it again."


def label(vector: dict) -> str:
    return f"{vector['format']}-{vector['hash']}-{vector['text'][:8]!r}-{vector['secret'][:4]}"


def gcm(text: str, secret: str, salt: bytes, iv: bytes, hash: str = "sha256") -> str:
    """Write the legacy form, which we read and never write."""
    sealed = AESGCM(derive_key(secret, salt, hash)).encrypt(iv, text.encode(), None)
    return base64.b64encode(salt + iv + sealed[-16:] + sealed[:-16]).decode()


def changed(message: str, at: int, by: int) -> str:
    blob = bytearray(base64.b64decode(message))
    blob[at] ^= by
    return base64.b64encode(blob).decode()


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=label)
def test_vector_is_decrypted(vector):
    assert decrypt(vector["message"], vector["secret"], hash=vector["hash"]) == vector["text"]


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=label)
def test_vector_is_reproduced(vector):
    blob = base64.b64decode(vector["message"])
    salt, iv = blob[:64], blob[64:80]

    if vector["format"] == "cbc":
        message = crypto._encrypt_with(vector["text"], vector["secret"], vector["hash"], salt=salt, iv=iv)
    else:
        message = gcm(vector["text"], vector["secret"], salt, iv, vector["hash"])

    assert message == vector["message"]


@pytest.mark.parametrize("refused", VECTORS["refuse"], ids=lambda refused: refused["why"])
def test_refused_vector_raises(refused):
    with pytest.raises(Undecryptable):
        decrypt(refused["message"], refused["secret"], hash=refused["hash"])


def test_vectors_were_made_at_our_cost():
    assert VECTORS["iterations"] == crypto.ITERATIONS


@settings(unhurried, max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(crypto.HASHES))
def test_message_returns_as_it_was(text, hash):
    assert decrypt(encrypt(text, SECRET, hash=hash), SECRET, hash=hash) == text


def test_message_never_has_the_same_salt_or_iv():
    blobs = [base64.b64decode(encrypt("Hello.", SECRET)) for _ in range(5)]

    assert len({blob[:64] for blob in blobs}) == 5
    assert len({blob[64:80] for blob in blobs}) == 5


def test_text_that_is_not_unicode_is_refused():
    with pytest.raises(NotUnicode):
        encrypt("half \ud800", SECRET)


@pytest.mark.parametrize("act", [encrypt, decrypt, classify])
def test_missing_secret_raises(act):
    with pytest.raises(MissingSecret):
        act("A" * 128, "")


@pytest.mark.parametrize("act", [encrypt_object, decrypt_object])
@pytest.mark.parametrize("obj", [{"message": "A" * 128}, {}, {"message": "A", "isEncrypted": False}])
def test_missing_secret_raises_for_every_object(act, obj):
    with pytest.raises(MissingSecret):
        act(obj, ["message"], "")


def test_missing_secrets_raise_for_a_claimed_ciphertext():
    with pytest.raises(MissingSecret):
        classify("A" * 128, is_encrypted=True)


@pytest.mark.parametrize("act", [encrypt, decrypt])
def test_unknown_hash_raises(act):
    with pytest.raises(ValueError, match="sha1, sha256, sha512"):
        act("A" * 128, SECRET, hash="md5")


def test_wrong_hash_is_an_error():
    with pytest.raises(Undecryptable):
        decrypt(encrypt("Hello.", SECRET, hash="sha512"), SECRET, hash="sha256")


def test_legacy_gcm_has_a_hash_of_its_own_where_the_deployment_says_so():
    legacy = gcm("Hello.", SECRET, os.urandom(64), os.urandom(16), "sha1")
    current = encrypt("Hello.", SECRET, hash="sha512")

    assert decrypt(legacy, SECRET, hash="sha512", gcm_hash="sha1") == "Hello."
    assert decrypt(current, SECRET, hash="sha512", gcm_hash="sha1") == "Hello."
    assert classify(legacy, SECRET, hash="sha512", gcm_hash="sha1") == "Hello."
    with pytest.raises(Undecryptable):
        decrypt(legacy, SECRET, hash="sha512")


def test_every_flipped_bit_of_a_gcm_message_is_an_error():
    message = gcm("Pay 100 to Bob.", SECRET, os.urandom(64), os.urandom(16))
    size = len(base64.b64decode(message))

    for at in range(size):
        with pytest.raises(Undecryptable):
            decrypt(changed(message, at, 1 << at % 8), SECRET)


@settings(unhurried, max_examples=60)
@given(st.data())
def test_changed_gcm_message_is_an_error(data):
    message = gcm("Pay 100 to Bob.", SECRET, bytes(64), bytes(16))
    at = data.draw(st.integers(0, len(base64.b64decode(message)) - 1))
    by = data.draw(st.integers(1, 255))

    with pytest.raises(Undecryptable):
        decrypt(changed(message, at, by), SECRET)


def test_every_cut_of_a_message_is_an_error():
    blob = base64.b64decode(encrypt("0123456789abcdef" * 2, SECRET))

    for length in range(0, len(blob), 7):
        with pytest.raises(Undecryptable):
            decrypt(base64.b64encode(blob[:length]).decode(), SECRET)


@pytest.mark.parametrize(
    "spell",
    [
        lambda message: message + "\n",
        lambda message: " " + message,
        lambda message: message.removesuffix("=="),
        lambda message: message + "====",
        lambda message: "é" + message[1:],
        lambda message: "\ud800" + message[1:],
        lambda message: message[:-3] + chr(ord(message[-3]) + 1) + "==",  # bits that no byte takes
    ],
)
def test_message_that_is_not_canonical_base64_is_an_error(spell):
    message = crypto._encrypt_with("0123456789abcdef", SECRET, "sha256", salt=bytes(64), iv=bytes(16))
    assert message.endswith("==")

    with pytest.raises(Undecryptable):
        decrypt(spell(message), SECRET)


def broken_messages() -> dict[str, str]:
    """Make one message for each way to fail, all with the salt of a message that decrypts."""
    salt, iv = os.urandom(64), os.urandom(16)
    good = crypto._encrypt_with("0123456789", SECRET, "sha256", salt=salt, iv=iv)
    assert decrypt(good, SECRET) == "0123456789"
    blob = base64.b64decode(good)
    return {
        "padding": changed(good, 79, 0x40),
        "utf-8": changed(good, 64, 0xC8),
        "gcm tag": changed(gcm("0123456789", SECRET, salt, iv), 85, 1),
        "length": base64.b64encode(blob + b"1234567").decode(),
        "cut": base64.b64encode(blob[:70]).decode(),
        "base64": "*" + good[1:],
        "secret": encrypt("0123456789", OTHER_SECRET),
    }


def test_every_cause_is_one_error():
    for message in broken_messages().values():
        with pytest.raises(Undecryptable) as caught:
            decrypt(message, SECRET)

        error = caught.value
        assert type(error) is Undecryptable
        assert (error.message, error.code, error.status, error.facts) == (REFUSAL, "undecryptable", 400, {})
        assert error.__context__ is None


def test_every_cause_takes_the_same_time():
    def measure(message: str) -> float:
        begun = time.thread_time()
        with pytest.raises(Undecryptable):
            decrypt(message, SECRET)
        return time.thread_time() - begun

    messages = broken_messages()
    rounds = [{cause: measure(message) for cause, message in messages.items()} for _ in range(15)]
    medians = {cause: statistics.median(times[cause] for times in rounds) for cause in messages}

    assert max(medians.values()) < 1.5 * min(medians.values())


def test_known_salt_costs_no_derivation():
    salt = os.urandom(64)
    messages = [crypto._encrypt_with(f"line {n}", SECRET, "sha256", salt=salt, iv=os.urandom(16)) for n in range(20)]
    begun = time.thread_time()
    decrypt(messages[0], SECRET)
    first = time.thread_time() - begun

    begun = time.thread_time()
    texts = [decrypt(message, SECRET) for message in messages[1:]]
    others = time.thread_time() - begun

    assert texts == [f"line {n}" for n in range(1, 20)]
    assert others / 19 < first / 3


def test_failures_keep_no_key():
    messages = broken_messages()
    before = set(crypto._derived._kept)

    for message in messages.values():
        with pytest.raises(Undecryptable):
            decrypt(message, SECRET)

    assert set(crypto._derived._kept) == before


def test_keys_in_memory_do_not_name_their_secret():
    decrypt(encrypt("Hello.", SECRET), SECRET)

    assert SECRET not in repr(crypto._derived._kept)


def test_object_returns_as_it_was():
    obj = {"_id": "65f0000000000000000000a1", "message": "Hello.", "summary": "", "language": None, "startMs": 5}

    sealed = encrypt_object(obj, ["message", "summary", "language", "absent"], SECRET, hash="sha512")

    assert {name: sealed[name] for name in ("_id", "language", "startMs")} == {
        name: obj[name] for name in ("_id", "language", "startMs")
    }
    assert set(sealed) == set(obj)
    assert sealed["message"] != "Hello."
    assert len(base64.b64decode(sealed["summary"])) == 96
    assert decrypt_object(sealed, ["message", "summary", "language", "absent"], SECRET, hash="sha512") == obj


def test_object_is_copied_and_not_changed():
    obj = {"message": "Hello."}

    sealed = encrypt_object(obj, ["message"], SECRET)
    decrypt_object(sealed, ["message"], SECRET)

    assert obj == {"message": "Hello."}
    assert sealed["message"] != "Hello."


def test_object_that_says_so_is_encrypted_afterwards():
    sealed = encrypt_object({"message": "Hello.", "isEncrypted": False}, ["message"], SECRET)

    assert sealed["isEncrypted"] is True
    assert decrypt_object(sealed, ["message"], SECRET)["message"] == "Hello."


def test_object_that_is_not_encrypted_stays_as_it_is():
    obj = {"message": "Hello.", "isEncrypted": False}

    assert decrypt_object(obj, ["message"], SECRET) == obj


@pytest.mark.parametrize("value", ["Hello.", "", "A" * 128, 7, ["list"]])
@pytest.mark.parametrize("mark", [{"isEncrypted": True}, {}])
def test_object_that_does_not_decrypt_is_an_error(value, mark):
    with pytest.raises(Undecryptable):
        decrypt_object({"message": value, **mark}, ["message"], SECRET)


def test_object_field_that_is_no_text_is_not_encrypted():
    with pytest.raises(TypeError, match="startMs"):
        encrypt_object({"startMs": 5}, ["startMs"], SECRET)


def test_ciphertext_is_recognised_and_decrypted():
    assert classify(encrypt("Hello.", SECRET), SECRET) == "Hello."
    assert classify(gcm("Hello.", SECRET, os.urandom(64), os.urandom(16)), SECRET) == "Hello."


def test_ciphertext_under_any_of_the_secrets_is_decrypted():
    legacy = gcm("Hello.", OTHER_SECRET, os.urandom(64), os.urandom(16))

    assert classify(encrypt("Hello.", OTHER_SECRET), SECRET, OTHER_SECRET) == "Hello."
    assert classify(legacy, SECRET, OTHER_SECRET) == "Hello."


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        "",
        "A" * 124,  # 93 bytes: shorter than any message
        base64.b64encode(bytes(95)).decode(),
        base64.b64encode(bytes(97)).decode(),  # no CBC message has this length, and it is no GCM message
        base64.b64encode(bytes(96)).decode() + " ",
        base64.b64encode(bytes(96)).decode()[:64] + "\n" + base64.b64encode(bytes(96)).decode()[64:],
        "-_" * 64,
        "Здравствуйте, коллеги " * 20,
    ],
)
def test_all_else_is_text(text):
    assert classify(text, SECRET) == text


@pytest.mark.parametrize("size", [96, 112, 1600])
def test_likely_ciphertext_that_does_not_decrypt_is_refused(size):
    with pytest.raises(Undecryptable):
        classify(base64.b64encode(os.urandom(size)).decode(), SECRET)


def test_ciphertext_under_a_wrong_secret_is_never_text():
    with pytest.raises(Undecryptable):
        classify(encrypt("Hello.", OTHER_SECRET), SECRET)


@pytest.mark.parametrize("message", ["Hello.", "", base64.b64encode(bytes(97)).decode()])
def test_claimed_ciphertext_that_does_not_decrypt_is_refused(message):
    with pytest.raises(Undecryptable):
        classify(message, SECRET, is_encrypted=True)


def test_claim_decides():
    message = encrypt("Hello.", SECRET)

    assert classify(message, SECRET, is_encrypted=True) == "Hello."
    assert classify(message, SECRET, is_encrypted=False) == message


def test_form_at_rest_is_handed_on():
    assert crypto.encrypt_field is at_rest.encrypt_field
    assert crypto.decrypt_field is at_rest.decrypt_field
    assert crypto.FieldCipher is at_rest.FieldCipher
    assert all(hasattr(crypto, name) for name in crypto.__all__)


def test_module_needs_no_django():
    script = "import sys, transcripts.crypto; print([name for name in sys.modules if name.startswith('django')])"

    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n"
