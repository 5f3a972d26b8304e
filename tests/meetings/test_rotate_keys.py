"""`manage.py rotate_keys`."""

from base64 import urlsafe_b64encode
from io import StringIO
from os import urandom

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_line, make_meeting
from transcripts import reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(owner):
    made = make_meeting(owner)
    make_line(made, 0, 0, "Good morning")
    return made


def test_lines_are_readable_with_the_new_key_alone(meeting, settings):
    new = urlsafe_b64encode(urandom(32)).decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]

    call_command("rotate_keys", stdout=StringIO())

    settings.ENCRYPTION_KEYS = [new]
    assert [line.message for line in reading.lines_of(meeting.pk)] == ["Good morning"]


def test_key_that_nothing_opens_is_named_and_left(meeting, settings):
    settings.ENCRYPTION_KEYS = [urlsafe_b64encode(urandom(32)).decode()]

    with pytest.raises(CommandError, match=meeting.pk):
        call_command("rotate_keys", stdout=StringIO())
