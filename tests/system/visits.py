"""Going through every door of a running system as somebody: all paths that Django resolves, and the admin's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
from django.contrib import admin
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver
from psycopg import sql

from config.pending import Pending
from config.routing import LARGE_BODIES
from tests.factories import PASSWORD
from tests.system.people import database
from tests.system.processes import RunningSystem

# How each named path outside the admin is filled in. A name that is missing here fails the test that compares.
PATHS = {
    "landing": "/",
    "health_live": "/health/live",
    "health_ready": "/health/ready",
    "sign_in": "/accounts/sign-in",
    "sign_out": "/accounts/sign-out",
    "register": "/accounts/register",
    "password_change": "/accounts/password",
    "password_reset": "/accounts/password/reset",
    "password_reset_sent": "/accounts/password/reset/sent",
    "password_reset_confirm": "/accounts/password/reset/{host}/token",
    "account": "/app/account",
    "account_end_others": "/app/account/sign-ins/end",
    "account_end": "/app/account/sign-ins/{host}/end",
    "api_register": "/auth/register",
    "api_login": "/auth/login",
    "api_refresh": "/auth/refresh",
    "api_logout": "/auth/logout",
    "api_me": "/auth/me",
    "api_password_change": "/auth/password/change",
    "api_password_reset": "/auth/password/reset",
    "api_password_reset_confirm": "/auth/password/reset/confirm",
    "meeting-create": "/meetings/create",
    "meeting-update": "/meetings/update/{meeting}",
    "meeting-list": "/meetings/list/{host}",
    "meeting-one": "/meetings/{meeting}",
    "meeting-end": "/meetings/{meeting}/end",
    "meeting-access": "/meetings/{meeting}/access",
    "meeting-consent": "/meetings/{meeting}/consent",
    "meetings": "/app/meetings",
    "meeting_new": "/app/meetings/new",
    "meeting_settings": "/m/{meeting}/settings",
    "meeting_end": "/m/{meeting}/end",
    "meeting_delete": "/m/{meeting}/delete",
    "meeting_access": "/m/{meeting}/access",
    "meeting_access_take": "/m/{meeting}/access/{host}/take",
    "report-total": "/reporting/total-sessions-for-user",
    "report-by-day": "/reporting/total-sessions-aggregation-for-user",
    "report-by-type": "/reporting/total-sessions-statistics-for-user",
    "report-by-place": "/reporting/total-sessions-by-location-for-user",
    "report-people-by-city": "/reporting/total-sessions-and-participants-count-by-location-for-user",
    "recording-start": "/recording/start",
    "recording-stop": "/recording/stop",
    "recording-list": "/recordings/list",
    "room-create": "/room/create",
    "room-list": "/room/list",
    "room-detail": "/room/{room}",
    "room-token": "/room/{room}/token",
    "room-members": "/room/{room}/members",
    "room-member": "/room/{room}/members/{host}",
    "room-invites": "/room/{room}/invites",
    "room-invite": "/room/{room}/invites/{host}",
    "room-lobby": "/room/{room}/lobby",
    "room-lobby-ticket": "/room/{room}/lobby/{host}",
    "room-upload": "/room/{room}/upload",
    "room-files": "/room/{room}/files",
    "room-file": "/room/{room}/files/{file}",
    "room-document": "/documents/{room}/{file}",
    "rooms": "/app/rooms",
    "room": "/app/rooms/{room}",
    "room_lobby": "/app/rooms/{room}/lobby",
    "room_change": "/app/rooms/{room}/change",
    "room_delete": "/app/rooms/{room}/delete",
    "room_appoint": "/app/rooms/{room}/members",
    "room_dismiss": "/app/rooms/{room}/members/{host}/dismiss",
    "room_invite": "/app/rooms/{room}/invites",
    "room_revoke": "/app/rooms/{room}/invites/{host}/revoke",
    "room_decide": "/app/rooms/{room}/lobby/{host}",
    "room_file_upload": "/app/rooms/{room}/files",
    "room_file_delete": "/app/rooms/{room}/files/{host}/delete",
    "door": "/r/{room}",
    "import": "/app/import",
    "meeting-import": "/meetings/import",
    "schema": "/api/schema",
    "docs": "/api/docs",
    "api_webhooks": "/webhooks",
    "api_webhook": "/webhooks/{host}",
    "api_webhook_secret": "/webhooks/{host}/secret",
    "api_webhook_test": "/webhooks/{host}/test",
    "api_webhook_events": "/webhooks/{host}/events",
    "api_webhook_deliveries": "/webhooks/{host}/deliveries",
    "api_webhook_replay": "/webhooks/{host}/deliveries/{host}/replay",
    "webhooks": "/app/webhooks",
    "webhook": "/app/webhooks/{host}",
    "webhook_secret": "/app/webhooks/{host}/secret",
    "webhook_replay": "/app/webhooks/{host}/deliveries/{host}/replay",
    "webhook_act": "/app/webhooks/{host}/pause",
    "send-transcript": "/send-transcript",
    "send-transcript-batch": "/send-transcript/batch",
    "view-transcript": "/view-transcript/{meeting}",
    "generate-summary": "/transcription/generate-summary/{meeting}",
    "meeting-summary": "/meeting/{meeting}/summary",
    "home": "/app/",
    "meeting": "/m/{meeting}",
    "meeting_progress": "/m/{meeting}/progress",
    "meeting_notes": "/m/{meeting}/notes",
    "meeting_export": "/m/{meeting}/export",
    "meeting_audio": "/m/{meeting}/audio",
}
# The same for what is answered beside Django, and for words after the question mark that change the answer.
BESIDE = {
    "meeting-import": "/meetings/import",
    "meeting-audio": "/m/{meeting}/audio",
    "room-upload": "/room/{room}/upload",
    "room-document": "/documents/{room}/{file}",
}
MORE = [
    "/m/{meeting}/export?format=json",
    "/m/{meeting}/export?format=txt",
    "/view-transcript/{meeting}?format=txt",
    "/admin/autocomplete/?app_label=meetings&model_name=meeting&field_name=host&term=a",
    "/admin/meetings/meeting/?lines__message__isnull=False",
    "/admin/meetings/meeting/?notes__body__isnull=False&_popup=1",
]
# What is said in meetings and kept in rooms, and who may have it: the host and those who took part.
CONTENT = {
    "room-files": "api",
    "room-file": "api",
    "room-document": "api",
    "room": "page",
    "view-transcript": "api",
    "meeting-summary": "api",
    "meeting": "page",
    "meeting_progress": "page",
    "meeting_export": "page",
    "meeting_audio": "api",
}
# These end the visit.
LAST = ["/app/account/sign-ins/end", "/accounts/sign-out", "/admin/logout/", "/auth/logout"]


@dataclass
class Visitor:
    """Somebody who comes by page session and by access token, or as nobody."""

    base_url: str
    headers: dict[str, str] = field(default_factory=dict)
    pages: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.pages = httpx.Client(base_url=self.base_url, timeout=30)

    def sign_in(self, email: str) -> "Visitor":
        self.pages.get("/accounts/sign-in")
        form = {"username": email, "password": PASSWORD}
        answer = self.post("/accounts/sign-in", form)
        assert answer.status_code == 302, answer.text
        return self

    def post(self, path: str, form: dict) -> httpx.Response:
        token = self.pages.cookies.get("csrftoken", "")
        headers = {"X-CSRFToken": token, "Origin": self.base_url}
        return self.pages.post(path, data=form, headers=headers)

    def ask(self, path: str) -> Iterator[httpx.Response]:
        """Ask in every way that may give an answer."""
        yield self.pages.get(path)
        yield self.pages.get(path, headers={"Accept": "text/html"})
        yield self.pages.get(path, headers={"Accept": "text/html", "HX-Request": "true"})
        yield self.post(path, {})
        with httpx.Client(base_url=self.base_url, headers=self.headers, timeout=30) as api:
            yield api.get(path)
            yield api.get(path, headers={"Range": "bytes=0-99"})
            yield api.head(path)
            yield api.post(path, json={})
            yield api.patch(path, json={})


def named_patterns() -> set[str]:
    """List the names of all paths outside the admin."""
    return {name for name in _names(get_resolver().url_patterns, "") if not name.startswith("admin:")}


def beside_names() -> set[str]:
    return {name for _, _, name, _ in LARGE_BODIES}


def _names(patterns: list[URLPattern | URLResolver], namespace: str) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif getattr(pattern.callback, "cls", None) is not Pending:
            yield f"{namespace}{pattern.name or pattern.pattern}"


def admin_paths(system: RunningSystem) -> list[str]:
    """Fill in every path of the admin: each model with each of its rows."""
    paths = {"/admin/", "/admin/search/?s=a"}
    rows = _rows(system)
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and resolver.namespace == "admin":
            for pattern in _flat(resolver.url_patterns, "/admin/"):
                paths |= _filled(pattern, rows)
    return sorted(paths)


def _flat(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _flat(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern)


def _filled(pattern: str, rows: dict[str, list[str]]) -> set[str]:
    if "^(?P<app_label>" in pattern:
        return {f"/admin/{model.split('/')[0]}/" for model in rows}
    if "(?P<url>" in pattern:
        return set()
    model = re.match(r"/admin/(\w+/\w+)/", pattern)
    if "<path:object_id>" in pattern and model:
        return {pattern.replace("<path:object_id>", pk) for pk in [*rows.get(model[1], [])[:5], "0" * 24]}
    return {re.sub(r"<[^>]+>", "1", pattern)}


def _rows(system: RunningSystem) -> dict[str, list[str]]:
    with database(system.data_dir) as connection:
        return {
            f"{model._meta.app_label}/{model._meta.model_name}": [
                str(row[0]) for row in connection.execute(_ids_of(model)).fetchall()
            ]
            for model in admin.site._registry
        }


def _ids_of(model: type[Model]) -> sql.Composed:
    return sql.SQL("SELECT id FROM {}").format(sql.Identifier(model._meta.db_table))


def admin_actions(visitor: Visitor, email: str, system: RunningSystem) -> Iterator[tuple[str, str, httpx.Response]]:
    """Do every action of every list of the admin to all its rows; give list, action and the page that says it."""
    for model, pks in _rows(system).items():
        path = f"/admin/{model}/"
        # Some actions end the sign-ins of all, that of who does them included.
        page = visitor.sign_in(email).pages.get(path)
        for action in sorted(set(re.findall(r'<option value="(\w+)"', page.text))):
            form = {"action": action, "_selected_action": pks, "index": "0", "select_across": "0"}
            yield path, action, visitor.sign_in(email).post(path, form)
            yield path, action, visitor.sign_in(email).pages.get(path)
