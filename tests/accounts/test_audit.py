"""Sealing, heads and verification of the audit log."""

import threading

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts import audit
from accounts.models import AuditEvent
from config.lib.audit import Report


def record(count, *, by=None):
    for number in range(count):
        audit.record("GET", by=by, resource={"meetingId": f"{number:024x}", "n": number}, address="127.0.0.1")


def findings():
    report, bad_lines = audit.verify()
    return report, bad_lines


@pytest.mark.django_db
def test_sealing_chains_rows_by_id_and_only_once(owner):
    record(3, by=owner)

    assert [audit.seal_committed(limit=2), audit.seal_committed(limit=2), audit.seal_committed()] == [2, 1, 0]

    assert list(AuditEvent.objects.order_by("id").values_list("seq", flat=True)) == [1, 2, 3]
    assert findings() == (Report(rows=3), [])


@pytest.mark.django_db
def test_row_that_commits_late_takes_a_later_place(owner):
    record(2)
    late = AuditEvent(id="0" * 24, action="GET", outcome="ok")
    audit.seal_committed()

    late.save()
    audit.seal_committed()

    late.refresh_from_db()
    assert late.seq == 3
    assert findings() == (Report(rows=3), [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"action": "DELETE"},
        {"user_id": "f" * 24},
        {"user_id": None},
        {"resource": {}},
        {"outcome": "refused"},
        {"address": ""},
        {"at": "2020-01-01T00:00:00Z"},
    ],
)
def test_edited_row_is_found(owner, change):
    record(3, by=owner)
    audit.seal_committed()

    AuditEvent.objects.filter(seq=2).update(**change)

    assert findings() == (Report(rows=3, edits=[2]), [])


@pytest.mark.django_db
def test_made_up_seal_is_found():
    record(2)
    audit.seal_committed()

    AuditEvent.objects.filter(seq=2).update(mac="no hex at all")

    assert findings() == (Report(rows=2, edits=[2]), [])


@pytest.mark.django_db
def test_missing_row_is_found():
    record(3)
    audit.seal_committed()

    AuditEvent.objects.filter(seq=2).delete()

    assert findings() == (Report(rows=2, gaps=[(2, 2)]), [])


@pytest.mark.django_db
def test_cut_tail_is_found_by_the_head():
    record(3)
    audit.seal_committed()
    audit.write_head()

    AuditEvent.objects.filter(seq__gt=1).delete()

    assert findings() == (Report(rows=1, cut=(2, 3)), [])


@pytest.mark.django_db
def test_tail_sealed_anew_is_found_by_the_head():
    record(2)
    audit.seal_committed()
    audit.write_head()
    AuditEvent.objects.filter(seq=2).delete()

    record(1)
    audit.seal_committed()

    assert findings() == (Report(rows=2, rewrites=[2]), [])


@pytest.mark.django_db
def test_changed_heads_file_is_found(settings):
    record(1)
    audit.seal_committed()
    audit.write_head()

    settings.AUDIT_HEADS.write_text(settings.AUDIT_HEADS.read_text().replace("head1 1", "head1 9"))

    assert findings() == (Report(rows=1), [1])


@pytest.mark.django_db
def test_no_head_is_written_before_anything_is_sealed(settings):
    record(1)

    audit.write_head()

    assert not settings.AUDIT_HEADS.exists()


@pytest.mark.django_db
def test_address_of_any_length_is_recorded(api, owner):
    answer = api.post("/auth/login", {"userName": "owner", "password": "wrong"}, format="json", REMOTE_ADDR="1" * 1000)

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
    assert AuditEvent.objects.get().address == "1" * 64


@pytest.mark.django_db
def test_row_is_gone_with_the_act_that_failed():
    with transaction.atomic():
        record(1)
        transaction.set_rollback(True)

    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_second_sealer_does_nothing_while_the_first_works():
    record(1)
    counts = []

    def seal():
        counts.append(audit.seal_committed())
        connection.close()

    with transaction.atomic():
        counts.append(audit.seal_committed())
        thread = threading.Thread(target=seal)
        thread.start()
        thread.join()

    assert counts == [1, 0]
    assert findings() == (Report(rows=1), [])


@pytest.mark.django_db(transaction=True)
def test_sealers_and_writers_at_once_make_one_whole_chain():
    def write():
        record(20)
        connection.close()

    def seal():
        for _ in range(20):
            audit.seal_committed(limit=7)
        connection.close()

    threads = [threading.Thread(target=task) for task in (write, seal, write, seal)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while audit.seal_committed():
        pass

    assert findings() == (Report(rows=40), [])


@pytest.mark.django_db
def test_command_says_that_all_is_well(capsys):
    record(2)
    audit.seal_committed()
    audit.write_head()

    call_command("verify_audit")

    assert capsys.readouterr().out == "2 sealed rows checked\nno finding\n"


@pytest.mark.django_db
def test_command_names_every_finding_and_fails(capsys, settings):
    record(6)
    audit.seal_committed()
    audit.write_head()
    AuditEvent.objects.filter(seq=2).update(action="DELETE")
    AuditEvent.objects.filter(seq__in=[4, 6]).delete()
    with settings.AUDIT_HEADS.open("a") as file:
        file.write("nonsense\n")

    with pytest.raises(SystemExit) as end:
        call_command("verify_audit")

    assert end.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        "4 sealed rows checked",
        "edit: row 2 is not what was sealed",
        "gap: rows 4 to 4 are missing",
        "cut: rows 6 to 6 are missing at the end",
        "heads: line 2 of the heads file is no signed head",
    ]
