"""Mail that cannot be sent, and where mail lies while no server is named."""

import logging
import os
import socketserver
import stat
import threading

import pytest
from django.core import mail as django_mail
from django.core.mail import get_connection

from accounts import mail

SMTP = "django.core.mail.backends.smtp.EmailBackend"
OUTBOX = "accounts.outbox.EmailBackend"


class RefusingServer(socketserver.StreamRequestHandler):
    """A mail server that repeats the address that it refuses."""

    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            answer = b"550 no " + line.strip() if line.upper().startswith(b"RCPT") else b"250 fine"
            self.wfile.write(answer + b"\r\n")
            if line.upper().startswith(b"QUIT"):
                return


@pytest.fixture
def refusing(settings):
    """Settings of a mail server that takes nothing."""
    with socketserver.TCPServer(("127.0.0.1", 0), RefusingServer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.EMAIL_BACKEND, settings.EMAIL_USE_TLS = SMTP, False
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield
        server.shutdown()
        thread.join()


def ask_for_link(api, email):
    answer = api.post("/auth/password/reset", {"email": email}, format="json")
    return answer.status_code, answer.content


@pytest.mark.django_db
@pytest.mark.usefixtures("refusing")
def test_refused_mail_tells_nobody_that_there_is_an_account(api, owner, caplog, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        known, unknown = ask_for_link(api, owner.email), ask_for_link(api, "nobody@example.com")

    assert (known, unknown) == ((204, b""), (204, b""))
    assert [record for record in caplog.record_tuples if record[0] == "tertulia.mail"] == [
        (
            "tertulia.mail",
            logging.WARNING,
            f"the mail with a reset link for user {owner.pk} was not sent: SMTPRecipientsRefused",
        )
    ]
    assert owner.email not in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["127.0.0.1", "x" * 70, ""])
def test_mail_server_that_is_not_there_is_only_logged(owner, settings, caplog, host):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, host, 1

    mail.send_password_reset(owner)

    assert [record.name for record in caplog.records] == ["tertulia.mail"]


@pytest.mark.django_db
def test_folder_that_is_none_is_only_logged(owner, settings, tmp_path, caplog):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = OUTBOX, tmp_path / "outbox"
    settings.EMAIL_FILE_PATH.write_text("a file")

    mail.send_password_reset(owner)

    assert [record.name for record in caplog.records] == ["tertulia.mail"]


def test_mail_server_is_not_waited_for_without_end():
    assert get_connection(SMTP).timeout == 10


@pytest.mark.django_db
def test_outbox_is_closed_to_other_accounts(owner, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = OUTBOX, tmp_path / "outbox"
    before = os.umask(0o022)

    try:
        mail.send_password_reset(owner)
    finally:
        os.umask(before)

    assert stat.S_IMODE(settings.EMAIL_FILE_PATH.stat().st_mode) == 0o700
    (sent,) = settings.EMAIL_FILE_PATH.iterdir()
    assert owner.email in sent.read_text()
    assert django_mail.outbox == []
