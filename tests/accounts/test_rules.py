"""Who may do what with accounts."""

from contextlib import nullcontext

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import rules
from accounts.demo import DEMO_EMAIL
from accounts.exceptions import FeatureNotInPlan, NotAuthenticated, NotPermitted, RegistrationClosed
from accounts.models import User

PEOPLE = {
    "nobody": AnonymousUser(),
    "user": User(),
    "other": User(),
    "disabled": User(is_active=False),
    "clerk": User(is_staff=True),
    "disabled clerk": User(is_staff=True, is_active=False),
    "chief": User(is_staff=True, is_superuser=True),
}


@pytest.mark.parametrize(
    ("who", "is_reader", "is_administrator", "appoints"),
    [
        ("nobody", False, False, False),
        ("user", True, False, False),
        ("disabled", False, False, False),
        ("clerk", False, True, False),
        ("disabled clerk", False, False, False),
        ("chief", False, True, True),
    ],
)
def test_kinds_of_accounts(who, is_reader, is_administrator, appoints):
    person = PEOPLE[who]

    answers = (
        rules.is_reader_account(person),
        rules.is_administrator(person),
        rules.can_appoint_administrators(person),
    )

    assert answers == (is_reader, is_administrator, appoints)


@pytest.mark.parametrize(
    ("who", "whom", "administers", "sets_active", "ends_sessions"),
    [
        ("nobody", "user", False, False, False),
        ("user", "other", False, False, False),
        ("user", "user", False, False, True),
        ("user", "clerk", False, False, False),
        ("disabled clerk", "user", False, False, False),
        ("clerk", "user", True, True, True),
        ("clerk", "clerk", False, False, True),
        ("clerk", "chief", False, False, False),
        ("chief", "user", True, True, True),
        ("chief", "clerk", True, True, True),
        ("chief", "chief", True, False, True),
    ],
)
def test_who_looks_after_whom(who, whom, administers, sets_active, ends_sessions):
    person, other = PEOPLE[who], PEOPLE[whom]

    assert allowed(rules.can_administer, rules.check_administer, person, other) == administers
    assert allowed(rules.can_end_sessions, rules.check_end_sessions, person, other) == ends_sessions
    with nullcontext() if sets_active else pytest.raises(NotPermitted):
        rules.check_set_active(person, other)


@pytest.mark.parametrize(("who", "appoints"), [("clerk", False), ("chief", True)])
def test_check_of_appointing_agrees_with_its_question(who, appoints):
    question, check = rules.can_appoint_administrators, rules.check_appoint_administrators

    assert allowed(question, check, PEOPLE[who]) == appoints


def test_registration_is_a_setting(settings):
    settings.REGISTRATION_OPEN = True
    rules.check_register()
    settings.REGISTRATION_OPEN = False

    with pytest.raises(RegistrationClosed):
        rules.check_register()


@pytest.mark.parametrize(
    ("user", "demo", "may"),
    [
        (User(), False, True),
        (User(is_active=False), False, False),
        (User(email=DEMO_EMAIL), False, False),
        (User(email=DEMO_EMAIL), True, True),
        (User(email=DEMO_EMAIL, is_active=False), True, False),
    ],
)
def test_who_may_sign_in(settings, user, demo, may):
    settings.DEMO = demo

    assert rules.may_sign_in(user) == may


def allowed(question, check, *people) -> bool:
    """Ask a rule both ways, and insist that its twins agree."""
    answer = question(*people)
    if answer:
        check(*people)
    else:
        with pytest.raises(NotPermitted):
            check(*people)
    return answer


def test_somebody_is_signed_in_or_refused(owner):
    assert rules.check_signed_in(owner) == owner
    with pytest.raises(NotAuthenticated):
        rules.check_signed_in(AnonymousUser())


def test_feature_is_that_of_the_hosts_plan(owner):
    rules.check_feature(owner, "captions")
    owner.plan = "essential"

    with pytest.raises(FeatureNotInPlan) as refused:
        rules.check_feature(owner, "captions")

    assert (refused.value.code, refused.value.facts) == ("feature_not_in_plan", {"feature": ["captions"]})
