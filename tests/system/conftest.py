"""Who is in rooms of a running system that has two web processes; files may have a system of their own instead."""

import pytest

from tests.system.people import register
from tests.system.processes import second_web, serving


@pytest.fixture(scope="module")
def system():
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def other_web(system):
    with second_web(system) as base_url:
        yield base_url


@pytest.fixture(scope="module")
def host(system):
    return register(system, "host")


@pytest.fixture(scope="module")
def guest(system):
    return register(system, "guest")


@pytest.fixture(scope="module")
def third(system):
    return register(system, "third")
