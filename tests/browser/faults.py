"""What goes wrong on a page while a test uses it, and the little of it that is expected."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request, Response

REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (\d+) ")
# What Chromium itself gives up: its first request for sound once it asks for a range, and all that a page
# still waits for when it is left. A server that breaks off is told apart by another word.
GIVEN_UP = "net::ERR_ABORTED"


class Faults:
    """Collects errors of the console, of scripts and of requests."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._answers: set[tuple[int, str]] = set()
        self._aborts: set[str] = set()

    def expect_answer(self, status: int, path: str) -> None:
        self._answers.add((status, path))

    def expect_abort(self, path: str) -> None:
        self._aborts.add(path)

    def watch(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", self._on_script_error)
        page.on("requestfailed", self._on_failed_request)
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        path = urlsplit(message.location["url"]).path
        refused = REFUSED.match(message.text)
        if refused is None or (int(refused[1]), path) not in self._answers:
            self.found.append(f"console: {message.text} ({path})")

    def _on_script_error(self, error: Error) -> None:
        self.found.append(f"script: {error}")

    def _on_failed_request(self, request: Request) -> None:
        path = urlsplit(request.url).path
        is_given_up = request.failure == GIVEN_UP and (request.method == "GET" or path in self._aborts)
        if not is_given_up:
            self.found.append(f"request: {request.method} {path} {request.failure}")

    def _on_response(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if response.status >= 400 and (response.status, path) not in self._answers:
            self.found.append(f"answer: {response.status} {path}")
