"""What settings make of the environment."""

import os
import subprocess
import sys

from tests.system.processes import ROOT


def test_address_of_our_own_ends_without_a_slash():
    script = "from django.conf import settings; print(settings.PUBLIC_URL, settings.ALLOWED_ORIGINS[0])"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PUBLIC_URL": "https://meet.example.org/"}

    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert run.stdout == "https://meet.example.org https://meet.example.org\n"
