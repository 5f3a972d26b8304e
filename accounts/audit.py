"""The audit log: rows are inserted with the act that they speak of, and chained afterwards by one sealer."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.utils import timezone

from accounts import trail
from accounts.enums import Outcome
from accounts.models import ADDRESS_LENGTH, AuditEvent, User
from config.lib import audit as chain

# The advisory lock of the sealer; any number that no other lock of ours has.
SEALER_LOCK = 7_230_001


def record(
    action: str,
    *,
    by: User | AnonymousUser | None,
    resource: Mapping[str, object],
    outcome: str = Outcome.OK,
    address: str = "",
) -> None:
    """Insert an audit row in the caller's transaction, so that neither the act nor its trace is kept alone.

    Unless told otherwise it is from the address of the request that is being answered. An address may be of any length:
    it is cut, since the act must not fail for it. Where AUDIT_LEVEL is `changes`, who read what is not kept.
    """
    request = trail.current()
    request.is_told = request.is_told or outcome != Outcome.OK
    if settings.AUDIT_LEVEL == "changes" and (action, outcome) == ("GET", Outcome.OK):
        return
    AuditEvent.objects.create(
        user_id=by.pk if by else None,
        action=action,
        resource=dict(resource),
        outcome=outcome,
        address=(address or request.address)[:ADDRESS_LENGTH],
    )


@transaction.atomic
def seal_committed(limit: int = 500) -> int:
    """Chain committed rows that are not sealed yet; say how many.

    One sealer at a time: where another holds the lock this does nothing. A row that commits late simply takes a later
    place than its id suggests.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        if cursor.fetchone() != (True,):
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


def verify() -> tuple[chain.Report, list[int]]:
    """Check the whole chain against its heads; give the report and the numbers of lines that are no heads."""
    heads, bad_lines = chain.read_heads(_heads_path(), _key())
    return chain.verify(_sealed_rows(), heads, _key()), bad_lines


def _last() -> tuple[int, bytes]:
    last = AuditEvent.objects.exclude(seq=None).order_by("-seq").first()
    return (last.seq or 0, _seal_of(last)) if last else (chain.FIRST_SEQ - 1, chain.GENESIS)


def _sealed_rows() -> Iterator[chain.SealedRow]:
    for row in AuditEvent.objects.exclude(seq=None).order_by("seq").iterator(chunk_size=2000):
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
