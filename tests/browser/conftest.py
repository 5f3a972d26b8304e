"""One real Chromium and one running system with the demo for all browser tests."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import LEFT_OUT, find_or_install, flags
from tests.browser.faults import Faults
from tests.browser.pages import expect_to_complete, sign_in_to_demo
from tests.system.people import make_administrator, register
from tests.system.processes import RunningSystem, serving

# Two busy cores may take their time; a test that passes does not wait for this long.
PATIENCE_MS = 30_000
SIZE = {"width": 1280, "height": 860}
HERE = Path(__file__).parent

NewPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the newcomer come first here: the demo is recognised only once."""
    here = [index for index, item in enumerate(items) if item.path.is_relative_to(HERE)]
    for index in here:
        if items[index].name == "test_newcomer_watches_the_demo_become_minutes":
            items.insert(here[0], items.pop(index))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if any(LEFT_OUT in str(report.longrepr) for report in terminalreporter.getreports("skipped")):
        terminalreporter.write_line(LEFT_OUT)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = find_or_install()
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(LEFT_OUT)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags())
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def system(chromium) -> Iterator[RunningSystem]:
    """A new system with the demo. Its worker stands still until `worker_goes_on`, so that nobody comes too late to
    see the progress."""
    with serving(None, "--demo") as running:
        signal_worker(running, signal.SIGSTOP)
        try:
            yield running
        finally:
            signal_worker(running, signal.SIGCONT)


def signal_worker(running: RunningSystem, number: signal.Signals) -> None:
    worker = psutil.Process(running.pid("worker"))
    for process in (worker, *worker.children(recursive=True)):
        process.send_signal(number)


@pytest.fixture
def worker_goes_on(system) -> Callable[[], None]:
    return lambda: signal_worker(system, signal.SIGCONT)


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What went wrong on the pages of a test; the test may name what it expects."""
    faults = Faults()
    yield faults
    assert faults.found == []


@pytest.fixture
def new_page(chromium, system, faults) -> Iterator[NewPage]:
    """Open a page as somebody new; the arguments are those of a Playwright context."""
    contexts = []

    def open_page(**options: Any) -> Page:
        given = {"base_url": system.base_url, "viewport": SIZE, "locale": "en-GB", **options}
        context = chromium.new_context(**given)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        faults.watch(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def demo_sign_in(chromium, system) -> Any:
    """The cookies of the demo's user."""
    context = chromium.new_context(base_url=system.base_url)
    context.set_default_timeout(PATIENCE_MS)
    sign_in_to_demo(context.new_page())
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="package")
def demo_meeting(chromium, system, demo_sign_in) -> str:
    """The path of the demo's meeting, when everything of it is there."""
    signal_worker(system, signal.SIGCONT)
    context = chromium.new_context(base_url=system.base_url, storage_state=demo_sign_in)
    page = context.new_page()
    page.goto("/app/")
    path = page.get_by_role("link", name="Planning the new office").get_attribute("href")
    page.goto(path)
    expect_to_complete(page)
    context.close()
    return path


@pytest.fixture
def demo_page(new_page, demo_sign_in, demo_meeting) -> Page:
    """A page of the demo's user."""
    return new_page(storage_state=demo_sign_in)


@pytest.fixture
def meeting_page(demo_page, demo_meeting) -> Page:
    demo_page.goto(demo_meeting)
    return demo_page


@pytest.fixture(scope="package")
def stranger(system):
    return register(system, "stranger")


@pytest.fixture(scope="package")
def administrator(system):
    return make_administrator(system)
