"""Rows of the audit log go when their time is over, and what is left is still proved."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent
from config import housekeeping
from config.lib.audit import Report


@pytest.fixture(autouse=True)
def _thirty_days(settings):
    settings.AUDIT_RETENTION_DAYS = 30


def record(count, *, days_ago=0):
    """Insert sealed rows of so many days ago."""
    at = timezone.now() - timedelta(days=days_ago)
    for number in range(count):
        AuditEvent.objects.create(action="GET", outcome="ok", resource={"n": number}, at=at)
    audit.seal_committed()


def findings():
    report, bad_lines = audit.verify()
    assert bad_lines == []
    return report


@pytest.mark.django_db
def test_old_rows_are_removed_and_the_rest_is_proved():
    record(3, days_ago=31)
    record(2, days_ago=29)
    audit.write_head()

    assert (audit.trim(), audit.trim()) == (3, 0)

    assert list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True)) == [4, 5]
    assert findings() == Report(rows=2, trimmed=3)


@pytest.mark.django_db
def test_chain_goes_on_after_a_trim():
    record(3, days_ago=31)
    audit.trim()
    record(2)

    assert audit.trim() == 1

    assert findings() == Report(rows=2, trimmed=3)


@pytest.mark.django_db
def test_last_row_stays_for_the_next_to_be_chained_to():
    record(3, days_ago=31)

    assert audit.trim() == 2

    record(1)
    assert findings() == Report(rows=2, trimmed=2)


@pytest.mark.django_db
def test_row_that_is_not_sealed_stays():
    AuditEvent.objects.create(action="GET", outcome="ok", at=timezone.now() - timedelta(days=99))

    assert audit.trim() == 0
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db
def test_without_a_retention_nothing_is_removed(settings):
    settings.AUDIT_RETENTION_DAYS = 0
    record(3, days_ago=9999)

    assert audit.trim() == 0
    assert AuditEvent.objects.count() == 3


@pytest.mark.django_db
def test_row_that_was_made_to_look_old_stays(caplog):
    record(4, days_ago=1)
    AuditEvent.objects.filter(seq__lte=2).update(at=timezone.now() - timedelta(days=99))

    assert audit.trim() == 0

    assert findings() == Report(rows=4, edits=[1, 2])
    assert "rows of the audit log are not what was sealed, and stay" in caplog.text


@pytest.mark.django_db
def test_removal_by_hand_is_a_gap_however_much_was_trimmed():
    record(4, days_ago=31)
    record(3)
    audit.trim()

    AuditEvent.objects.filter(seq=5).delete()

    assert findings() == Report(rows=2, gaps=[(5, 5)], trimmed=4)


@pytest.mark.django_db
@pytest.mark.parametrize("damage", ["absent", "forged"])
def test_trim_that_is_not_signed_shows_as_a_gap(settings, damage):
    record(3, days_ago=31)
    record(2)
    audit.trim()
    said = settings.AUDIT_HEADS.read_text()
    settings.AUDIT_HEADS.write_text("" if damage == "absent" else said.replace("trim1 3", "trim1 2"))

    report, bad_lines = audit.verify()

    assert report == Report(rows=2, gaps=[(1, 3)])
    assert bad_lines == ([] if damage == "absent" else [1])


@pytest.mark.django_db
def test_kill_between_signing_and_removing_changes_nothing():
    record(3, days_ago=31)
    record(2)
    with transaction.atomic():
        audit.trim()
        transaction.set_rollback(True)

    assert AuditEvent.objects.count() == 5
    assert findings() == Report(rows=5)
    assert audit.trim() == 3


@pytest.mark.django_db(transaction=True)
def test_trim_waits_for_its_turn_while_the_sealer_works():
    record(3, days_ago=31)
    counts = []

    def trim():
        counts.append(audit.trim())
        connection.close()

    with transaction.atomic():
        audit.seal_committed()
        thread = threading.Thread(target=trim)
        thread.start()
        thread.join()

    assert counts == [0]
    assert audit.trim() == 2


@pytest.mark.django_db
def test_command_says_what_was_removed(capsys):
    record(3, days_ago=31)
    record(2)
    audit.trim()

    call_command("verify_audit")

    assert capsys.readouterr().out == "2 sealed rows checked\nrows 1 to 3 were removed after their time\nno finding\n"


def test_worker_trims():
    assert housekeeping.DUTIES[audit.trim] == 3600
