"""`GET` and `PUT /meetings/:meetingId/access`."""

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, User
from meetings import access, actions, rules
from meetings.enums import ALL_RIGHTS, COHOST_RIGHTS
from meetings.exceptions import RightNotHeld
from meetings.models import AccessGrant, Participant
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def put(api, meeting):
    def send(who, *entries):
        api.force_authenticate(who)
        return api.put(f"/meetings/{meeting.pk}/access", list(entries), format="json")

    return send


@pytest.fixture
def given(meeting):
    """Read what was given to whom."""

    def read() -> dict[str, list[str]]:
        rows = AccessGrant.objects.filter(meeting=meeting, is_cohost=False).select_related("user")
        return {row.user.username: row.rights for row in rows}

    return read


@pytest.fixture
def grantor(meeting, owner, person) -> User:
    """Somebody who may view and give."""
    access.give(meeting=meeting, gift=gift(person("granted"), "view", "grant"), by=owner)
    return person("granted")


def gift(user, *rights) -> access.Gift:
    return access.Gift(user.email, frozenset(rights))


def entry_of(user, why, rights, granted_by=None, *, by_id=False):
    return {
        "userId": user.pk,
        "name": user.full_name,
        "email": "" if by_id else user.email,
        "rights": list(rights),
        "why": why,
        "grantedBy": granted_by,
    }


def test_everybody_who_may_read_is_there_with_the_reason(api, owner, meeting, person):
    # Twice in the meeting, as somebody whose connection broke.
    Participant.objects.create(meeting=meeting, user=person("participant"), name="Again", position=1)
    Participant.objects.create(meeting=meeting, user=owner, name="Owner", position=2)
    Participant.objects.create(meeting=meeting, name="A guest", position=3)
    api.force_authenticate(owner)

    answer = api.get(f"/meetings/{meeting.pk}/access")

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "data": [
                entry_of(owner, "host", ALL_RIGHTS),
                entry_of(person("cohost"), "cohost", COHOST_RIGHTS, by_id=True),
                entry_of(person("participant"), "participant", ["view", "export"]),
                entry_of(person("granted"), "granted", ["view"], owner.pk),
            ],
            "message": "Access retrieved successfully",
        },
    )


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("host", 200),
        ("cohost", 403),
        ("participant", 403),
        ("invited", 403),
        ("granted", 403),
        ("roommate", 403),
        ("stranger", 404),
        ("administrator", 403),
    ],
)
def test_access_is_for_who_may_give_rights(api, put, given, stranger, administrator, meeting, person, who, status):
    api.force_authenticate(person(who))

    statuses = {api.get(f"/meetings/{meeting.pk}/access").status_code, put(person(who)).status_code}

    assert statuses == {status}
    assert given() == ({} if status == 200 else {"granted": ["view"]})


def test_nobody_signed_in_is_refused(api, meeting):
    answers = [api.get(f"/meetings/{meeting.pk}/access"), api.put(f"/meetings/{meeting.pk}/access", [], format="json")]

    assert [answer.status_code for answer in answers] == [401, 401]


def test_put_replaces_what_was_given_and_nothing_else(put, given, owner, meeting, person):
    one, other = make_user("one"), make_user("other")

    answer = put(
        owner,
        {"userId": one.pk, "rights": ["edit", "view", "view"]},
        {"email": " OTHER@example.com".strip(), "rights": ["manage"]},
        {"userId": one.pk, "rights": ["export"]},
    )

    assert answer.status_code == 200
    assert answer.json()["data"] == [
        entry_of(owner, "host", ALL_RIGHTS),
        entry_of(person("cohost"), "cohost", COHOST_RIGHTS, by_id=True),
        entry_of(person("participant"), "participant", ["view", "export"]),
        entry_of(one, "granted", ["view", "export", "edit"], owner.pk, by_id=True),
        entry_of(other, "granted", ALL_RIGHTS, owner.pk),
    ]
    assert given() == {"one": ["view", "export", "edit"], "other": list(ALL_RIGHTS)}
    assert rules.rights_of(person("granted"), meeting) == frozenset()
    told = {(row.resource["userId"], *row.resource["rights"]) for row in AuditEvent.objects.filter(action="GRANT")}
    assert told == {(person("granted").pk,), (one.pk, "view", "export", "edit"), (other.pk, *ALL_RIGHTS)}


def test_cohosts_and_participants_may_be_given_more_than_they_have(put, owner, meeting, person):
    for who in ("cohost", "participant"):
        answer = put(owner, {"userId": person(who).pk, "rights": ["delete"]})

        assert answer.status_code == 200
        assert "delete" in rules.rights_of(person(who), meeting)
    put(owner)

    assert rules.rights_of(person("cohost"), meeting) == set(COHOST_RIGHTS)
    assert rules.rights_of(person("participant"), meeting) == {"view", "export"}


@pytest.mark.parametrize(
    "more",
    [
        {"rights": ["edit"]},
        {"rights": ["view", "export"]},
        {"rights": ["manage"]},
    ],
)
def test_grantor_gives_only_what_they_hold(put, given, grantor, stranger, more):
    kept = {"userId": grantor.pk, "rights": ["view", "grant"]}

    refused = put(grantor, kept, {"userId": stranger.pk, **more})
    own = put(grantor, {"userId": grantor.pk, "rights": ["view", "grant", *more["rights"]]})
    allowed = put(grantor, kept, {"userId": stranger.pk, "rights": ["view"]})

    assert [(one.status_code, one.json()["code"]) for one in (refused, own)] == [(403, "right_not_held")] * 2
    assert allowed.status_code == 200
    assert given() == {"granted": ["view", "grant"], "stranger": ["view"]}


@pytest.mark.parametrize("left", [[], ["view"]])
def test_grantor_takes_only_what_they_hold(put, given, owner, meeting, grantor, stranger, left):
    access.give(meeting=meeting, gift=gift(stranger, "view", "edit"), by=owner)
    entries = [{"userId": stranger.pk, "rights": left}] if left else []

    refused = put(grantor, {"userId": grantor.pk, "rights": ["view", "grant"]}, *entries)
    allowed = put(grantor, {"userId": stranger.pk, "rights": ["edit"]})

    assert (refused.status_code, refused.json()["code"]) == (403, "right_not_held")
    # Also what is one's own: nobody else is asked.
    assert allowed.status_code == 200
    assert given() == {"stranger": ["edit"]}


def test_refused_list_changes_nothing(put, given, grantor, stranger, person):
    refused = put(
        grantor,
        {"userId": stranger.pk, "rights": ["view"]},
        {"userId": person("invited").pk, "rights": ["delete"]},
    )

    assert refused.status_code == 403
    assert given() == {"granted": ["view", "grant"]}


def test_rights_of_the_host_are_nobodys_to_change(put, given, owner, grantor):
    for who in (owner, grantor):
        answer = put(
            who, {"userId": grantor.pk, "rights": ["view", "grant"]}, {"email": owner.email, "rights": ["view"]}
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "has_own_rights")
    assert given() == {"granted": ["view", "grant"]}


@pytest.mark.parametrize("who", ["administrator", "closed", "nobody"])
@pytest.mark.parametrize("by", ["userId", "email"])
def test_accounts_that_may_read_nothing_are_given_nothing(put, given, owner, administrator, who, by):
    closed = make_user("closed", is_active=False)
    named = {
        "administrator": {"userId": administrator.pk, "email": administrator.email},
        "closed": {"userId": closed.pk, "email": closed.email},
        "nobody": {"userId": "0" * 24, "email": "nobody@example.com"},
    }[who]

    answer = put(owner, {by: named[by], "rights": ["view"]})

    assert (answer.status_code, answer.json()) == (
        404,
        {
            "success": False,
            "message": "There is no such account of a user.",
            "code": "account_not_found",
        },
    )
    assert given() == {"granted": ["view"]}


def test_who_becomes_an_administrator_reads_no_more(api, owner, meeting, person):
    User.objects.filter(username__in=["granted", "cohost", "participant"]).update(is_staff=True)
    api.force_authenticate(owner)

    listed = api.get(f"/meetings/{meeting.pk}/access").json()["data"]

    assert [entry["why"] for entry in listed] == ["host"]
    assert rules.rights_of(person("granted"), meeting) == frozenset()


def test_what_accounts_that_may_nothing_were_given_goes_with_the_next_list(put, given, grantor, meeting, owner):
    for name, flag in (("closed", {"is_active": False}), ("promoted", {"is_staff": True})):
        access.give(meeting=meeting, gift=gift(make_user(name), "view", "edit"), by=owner)
        User.objects.filter(username=name).update(**flag)

    # Also by somebody who has not all of these rights, and does not see them.
    answer = put(grantor, {"userId": grantor.pk, "rights": ["view", "grant"]})

    assert (answer.status_code, given()) == (200, {"granted": ["view", "grant"]})


def test_email_is_shown_of_those_who_were_named_by_it(put, owner):
    make_user("one")
    by_id, by_email = {"userId": User.objects.get(username="one").pk}, {"email": "One@example.com"}

    shown = [
        put(owner, {**name, "rights": rights}).json()["data"][-1]["email"]
        for name, rights in ((by_id, ["view"]), (by_email, ["edit"]), (by_id, ["export"]))
    ]

    assert shown == ["", "one@example.com", "one@example.com"]


def test_names_of_nobody_are_counted_and_after_too_many_none_is_looked_up(put, given, owner, stranger, settings):
    settings.RATES = {**settings.RATES, "RATE_UNKNOWN_NAME": "2/h"}
    names = ["nobody@example.com", stranger.email, "nobody@example.com", "nobody@example.com", stranger.email]

    statuses = [put(owner, {"email": name, "rights": ["view"]}).status_code for name in names]

    assert statuses == [404, 200, 404, 429, 429]
    assert given() == {"stranger": ["view"]}


def test_list_of_any_length_takes_as_many_queries(put, owner):
    people = [make_user(f"person{number}") for number in range(8)]
    put(owner)
    counts = []

    for count in (1, 4, 8):
        with CaptureQueriesContext(connection) as queries:
            put(owner, *({"userId": user.pk, "rights": ["view", "edit"]} for user in people[:count]))
        counts.append(len(queries))

    assert counts == [counts[0]] * 3


def test_rights_of_a_cohost_are_taken_once_the_meeting_is_over(put, owner, meeting, person):
    cohost = person("cohost")
    nothing = {"userId": cohost.pk, "rights": []}

    before = put(owner, nothing).status_code, rules.rights_of(cohost, meeting)
    actions.end(meeting=meeting, by=owner)
    unnamed = put(owner).status_code, rules.rights_of(cohost, meeting)
    after = put(owner, nothing).status_code, rules.rights_of(cohost, meeting)

    assert [before, unnamed, after] == [(200, {*COHOST_RIGHTS}), (200, {*COHOST_RIGHTS}), (200, frozenset())]
    meeting.refresh_from_db()
    assert not rules.is_manager(cohost, meeting)
    assert AuditEvent.objects.filter(action="GRANT").latest("pk").resource == {
        "meetingId": meeting.pk,
        "userId": cohost.pk,
        "rights": [],
    }


def test_grantor_takes_of_a_cohost_only_what_they_hold(put, owner, meeting, grantor, person):
    actions.end(meeting=meeting, by=owner)
    own = {"userId": grantor.pk, "rights": ["view", "grant"]}

    refused = put(grantor, own, {"userId": person("cohost").pk, "rights": []})
    access.give(meeting=meeting, gift=gift(grantor, "grant", *COHOST_RIGHTS), by=owner)
    allowed = put(grantor, {**own, "rights": ["grant", *COHOST_RIGHTS]}, {"userId": person("cohost").pk, "rights": []})
    of_the_host = put(grantor, {**own, "rights": ["grant", *COHOST_RIGHTS]}, {"userId": owner.pk, "rights": []})

    assert [refused.status_code, allowed.status_code, of_the_host.status_code] == [403, 200, 200]
    assert rules.rights_of(person("cohost"), meeting) == frozenset()
    assert rules.rights_of(owner, meeting) == {*ALL_RIGHTS}


@pytest.mark.parametrize(
    "body",
    [
        {},
        None,
        "all",
        [[]],
        [{"rights": ["view"]}],
        [{"userId": "0" * 24, "email": "a@example.com", "rights": ["view"]}],
        [{"userId": "0" * 24}],
        [{"userId": "0" * 24, "rights": ["own"]}],
        [{"userId": "somebody", "rights": ["view"]}],
        [{"email": "somebody", "rights": ["view"]}],
        [{"email": "a@example.com", "rights": ["view"]}] * 501,
    ],
)
def test_body_that_is_no_list_of_rights_is_refused(api, given, owner, meeting, body):
    api.force_authenticate(owner)

    answer = api.put(f"/meetings/{meeting.pk}/access", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert given() == {"granted": ["view"]}


@pytest.mark.django_db(transaction=True)
def test_who_loses_the_right_to_give_gives_nothing_any_more(meeting, owner, grantor, stranger):
    """Two changes at once: whichever is first, the second sees it whole."""
    together, ends = threading.Barrier(2), []

    def take():
        together.wait()
        access.give(meeting=meeting, gift=gift(grantor), by=owner)
        connection.close()

    def give():
        together.wait()
        try:
            access.give(meeting=meeting, gift=gift(stranger, "view"), by=grantor)
            ends.append("given")
        except RightNotHeld:
            ends.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=take), threading.Thread(target=give)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    rows = list(AccessGrant.objects.filter(is_cohost=False).values_list("user__username", flat=True))
    assert rows == (["stranger"] if ends == ["given"] else [])
