"""What the description of the account calls shows: bodies and answers of one person."""

from typing import Any

REGISTER = {
    "email": "anna@example.com",
    "fName": "Anna",
    "lName": "Example",
    "phoneNumber": "12025550123",
    "country": "Pakistan",
    "password": "AB1239001",
}
LOGIN = {"userName": "anna@example.com", "password": "AB1239001"}
REFRESH = {"refreshToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0eXAiOiJyZWZyZXNoIn0.c2lnbmF0dXJl"}
PROFILE_CHANGES = {"country": "PK", "language": "en", "username": "anna.example"}
PASSWORD_CHANGE = {"oldPassword": "AB1239001", "newPassword": "three voices, two minutes"}
RESET = {"email": "anna@example.com"}
RESET_CONFIRM = {
    "uid": "NjhhZmVhNWY4ZWQ5NWZhZThmN2Y2ZDg2",
    "token": "d2f7kp-0c9b8a7d6e5f4a3b2c1d0e9f8a7b6c5d",
    "newPassword": "three voices, two minutes",
}

REGISTERED: dict[str, Any] = {
    "fName": "Anna",
    "lName": "Example",
    "email": "anna@example.com",
    "_id": "68afea5f8ed95fae8f7f6d86",
}
SIGNED_IN = {**REGISTERED, "username": "anna", "roles": ["user"], "plan": "professional"}
PROFILE = {
    **SIGNED_IN,
    "phoneNumber": "12025550123",
    "country": "Pakistan",
    "countryCode": "PK",
    "language": "en",
    "features": ["captions", "transcripts", "summaries"],
}
TOKENS = {
    "token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0eXAiOiJhY2Nlc3MifQ.c2lnbmF0dXJl",
    "refreshToken": REFRESH["refreshToken"],
    "expiresIn": 43200,
}
