"""A meeting with what was said in it, for the tests of this app."""

import pytest

from meetings.models import Meeting
from tests.factories import make_line, make_meeting


@pytest.fixture
def meeting(owner) -> Meeting:
    """Anna's and Ben's meeting of three lines, stored out of order."""
    made = make_meeting(owner, title="Weekly planning")
    make_line(made, 1, 4000, "Thursday is the better day")
    make_line(made, 0, 0, "We decided to move the report to Thursday")
    make_line(made, 0, 9500, "I will send the report by Thursday")
    return made
