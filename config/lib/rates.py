"""How a limit is written: a number of calls in a number of seconds, minutes, hours or days, as 10/m or 10/5m."""

import re

_FORM = re.compile(r"[0-9]{1,9}/([1-9][0-9]{0,4})?[smhd]")


def is_rate(text: object) -> bool:
    return isinstance(text, str) and _FORM.fullmatch(text) is not None
