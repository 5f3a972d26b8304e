"""The audit log: rows are inserted with the act that they speak of, and chained afterwards by one sealer."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models, transaction
from django.utils import timezone

from accounts import trail
from accounts.enums import Outcome
from accounts.models import ADDRESS_LENGTH, AuditEvent, User
from config.lib import audit as chain
from config.lib.streaming import in_parts
from config.lib.times import iso

log = logging.getLogger("tertulia.audit")

# The advisory lock of the sealer; any number that no other lock of ours has.
SEALER_LOCK = 7_230_001
# What is asked for within this time of the first is the same reading.
ONCE = timedelta(minutes=10)


def record(
    action: str,
    *,
    by: User | AnonymousUser | None,
    resource: Mapping[str, object],
    outcome: str = Outcome.OK,
    address: str = "",
) -> None:
    """Insert an audit row, as `record_each`."""
    record_each(action, by=by, resources=[resource], outcome=outcome, address=address)


def record_each(
    action: str,
    *,
    by: User | AnonymousUser | None,
    resources: Iterable[Mapping[str, object]],
    outcome: str = Outcome.OK,
    address: str = "",
) -> None:
    """Insert audit rows in the caller's transaction, so that neither the act nor its trace is kept alone.

    Unless told otherwise it is from the address of the request that is being answered. An address may be of any length:
    it is cut, since the act must not fail for it. Where AUDIT_LEVEL is `changes`, who read what is not kept.
    """
    request = trail.current()
    request.is_told = request.is_told or outcome != Outcome.OK
    if settings.AUDIT_LEVEL == "changes" and (action, outcome) == ("GET", Outcome.OK):
        return
    AuditEvent.objects.bulk_create(
        AuditEvent(
            user_id=by.pk if by else None,
            action=action,
            resource=dict(resource),
            outcome=outcome,
            address=(address or request.address)[:ADDRESS_LENGTH],
        )
        for resource in resources
    )


@transaction.atomic
def record_once(action: str, *, by: User, resource: Mapping[str, object]) -> None:
    """Insert an audit row unless the same is in the log already: a file is asked for in many pieces, any of which may
    be the first."""
    said = AuditEvent.objects.filter(user_id=by.pk, at__gt=timezone.now() - ONCE, action=action, resource=resource)
    if not said.exists():
        record(action, by=by, resource=resource)


@transaction.atomic
def seal_committed(limit: int = 500) -> int:
    """Chain committed rows that are not sealed yet; say how many.

    One sealer at a time: where another holds the lock this does nothing. A row that commits late simply takes a later
    place than its id suggests.
    """
    if not _is_sealer():
        return 0
    rows = list(AuditEvent.objects.filter(seq=None).order_by("id")[:limit])
    seq, mac = _last()
    for row in rows:
        seq += 1
        mac = chain.seal(mac, seq, _content(row), _key())
        row.seq, row.mac = seq, mac.hex()
    AuditEvent.objects.bulk_update(rows, ["seq", "mac"])
    return len(rows)


def write_head() -> None:
    """Sign the end of the chain and add it to the file outside the database, unless nothing is sealed yet."""
    seq, mac = _last()
    if seq < chain.FIRST_SEQ:
        return
    path = _heads_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    chain.append_head(path, chain.sign_head(chain.Head(seq, mac), timezone.now(), _key()))


@transaction.atomic
def trim() -> int:
    """Remove rows older than AUDIT_RETENTION_DAYS, and sign after which row the chain begins now; say how many.

    Only rows that are what was sealed, so that nobody has rows removed by making them look old. The last one stays: the
    next is chained to it. A kill between signing and removing changes nothing.
    """
    if not settings.AUDIT_RETENTION_DAYS or not _is_sealer():
        return 0
    since = timezone.now() - timedelta(days=settings.AUDIT_RETENTION_DAYS)
    sealed = AuditEvent.objects.exclude(seq=None).order_by("seq")
    kept = sealed.filter(at__gte=since).first() or sealed.last()
    over = sealed.filter(seq__lt=kept.seq) if kept else sealed.none()
    last = over.last()
    if last is None or not _is_proved(over, last):
        return 0
    trimmed = chain.Head(last.seq or 0, _seal_of(last), is_trim=True)
    chain.append_head(_heads_path(), chain.sign_head(trimmed, timezone.now(), _key()))
    removed, _ = over.order_by().delete()
    return removed


def _is_proved(rows: models.QuerySet[AuditEvent], last: AuditEvent) -> bool:
    heads, _ = chain.read_heads(_heads_path(), _key())
    # A trim tells of the row after it too, which is not among these where a kill left it undone.
    earlier = [head for head in heads if head.seq + head.is_trim <= (last.seq or 0)]
    if chain.verify(_sealed(rows), earlier, _key()).is_sound:
        return True
    log.error("rows of the audit log are not what was sealed, and stay: run verify_audit")
    return False


def exported(row: AuditEvent) -> dict[str, Any]:
    """Give an event as it leaves the system."""
    return {
        "id": row.id,
        "userId": row.user_id,
        "action": row.action,
        "resource": row.resource,
        "timestamp": iso(row.at),
        "address": row.address,
        "outcome": row.outcome,
    }


def export(rows: models.QuerySet[AuditEvent], *, by: User | None) -> Iterator[bytes]:
    """Record that the log is taken out, by nobody where it is from the shell, and give its lines."""
    record("EXPORT", by=by, resource={"content": "audit"})
    return json_lines(rows)


def json_lines(rows: models.QuerySet[AuditEvent]) -> Iterator[bytes]:
    """Write events as lines of JSON, the oldest first, in constant memory."""
    for row in in_parts(rows, "pk"):
        yield orjson.dumps(exported(row), option=orjson.OPT_APPEND_NEWLINE)


def verify() -> tuple[chain.Report, list[int]]:
    """Check the whole chain against its heads; give the report and the numbers of lines that are no heads."""
    heads, bad_lines = chain.read_heads(_heads_path(), _key())
    rows = AuditEvent.objects.exclude(seq=None).order_by("seq")
    return chain.verify(_sealed(rows), heads, _key()), bad_lines


def _is_sealer() -> bool:
    """Take the sealer's lock to the end of the transaction, unless another holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        return bool(cursor.fetchone() == (True,))


def _last() -> tuple[int, bytes]:
    last = AuditEvent.objects.exclude(seq=None).order_by("-seq").first()
    return (last.seq or 0, _seal_of(last)) if last else (chain.FIRST_SEQ - 1, chain.GENESIS)


def _sealed(rows: models.QuerySet[AuditEvent]) -> Iterator[chain.SealedRow]:
    for row in rows.iterator(chunk_size=2000):
        yield chain.SealedRow(row.seq or 0, _content(row), _seal_of(row))


def _seal_of(row: AuditEvent) -> bytes:
    """Read the stored seal; one that is no hex was edited, and matches nothing."""
    try:
        return bytes.fromhex(row.mac or "")
    except ValueError:
        return b""


def _content(row: AuditEvent) -> dict[str, Any]:
    return {
        "id": row.id,
        "user_id": row.user_id,
        "action": row.action,
        "resource": row.resource,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "address": row.address,
        "outcome": row.outcome,
    }


def _key() -> bytes:
    return settings.AUDIT_KEY.encode()


def _heads_path() -> Path:
    return Path(settings.AUDIT_HEADS)
