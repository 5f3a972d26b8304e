"""The page about webhooks says what the code does."""

import re
import time

import pytest

from docs import generate
from integrations.webhooks import protocol

SAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)
IMPORTS = "import base64, hashlib, hmac, time\nfrom collections.abc import Mapping\n"


def test_events_of_the_page_are_those_of_the_code():
    assert generate.WEBHOOKS.read_text() == generate.write_webhooks()


@pytest.mark.parametrize(("body", "age", "wanted"), [(b"{}", 0, True), (b"{ }", 0, False), (b"{}", 400, False)])
def test_sample_of_the_page_verifies(body, age, wanted):
    names = {}
    exec(IMPORTS + SAMPLE.search(generate.WEBHOOKS.read_text())[1], names)  # noqa: S102 - our own page
    secret, other = protocol.new_secret(), protocol.new_secret()
    sent_at = int(time.time()) - age

    headers = protocol.headers([other, secret], message_id="1", timestamp=sent_at, body=b"{}")

    assert names["is_genuine"](secret, headers, body) is wanted
