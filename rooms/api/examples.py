"""What the OpenAPI document shows of rooms."""

from typing import Any

ROOM_ID = "68aff60d0d7bbb02c917906d"
USER_ID = "68de7a9d8f40ff41c940c7fb"
MOMENT = "2025-10-14T13:08:09.559Z"

ROOM: dict[str, Any] = {
    "id": ROOM_ID,
    "name": "Planning",
    "type": "conference",
    "p2p": True,
    "maxParticipants": 6,
    "isPrivate": False,
    "joinUrl": f"https://meet.example.com/r/{ROOM_ID}",
}
OWN_ROOM = {**ROOM, "ownerId": USER_ID, "role": "host", "createdAt": MOMENT}

MEMBERS = {
    "owner": {"userId": USER_ID, "name": "Anna Tester"},
    "members": [
        {
            "userId": "68de7a9d8f40ff41c940c7fc",
            "name": "Ben Tester",
            "role": "cohost",
            "since": MOMENT,
        }
    ],
}

INVITE = {
    "id": "68ee4b39b22d6134386fc5dc",
    "role": "participant",
    "createdAt": MOMENT,
    "expiresAt": "2025-10-21T13:08:09.559Z",
    "revokedAt": None,
}
SECRET = "3q2-7wAAAAAAAAAAAAAAAA"  # noqa: S105 - made up
NEW_INVITE = {**INVITE, "invite": SECRET, "joinUrl": f"{ROOM['joinUrl']}?invite={SECRET}"}

WAITER = {"ticketId": "68ee4b39b22d6134386fc5dd", "name": "Carl", "userId": None, "askedAt": MOMENT}
DECISION = {"ticketId": WAITER["ticketId"], "admitted": True}

ENTRY = {
    "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
    "expiresAt": "2025-10-15T01:08:09.000Z",
    "role": "participant",
    "wsUrl": f"wss://meet.example.com/ws/room/{ROOM_ID}",
    "socketIoPath": "/erizocontroller/socket.io",
    "iceServers": [],
    "features": ["enhanced_chat", "transcripts"],
}
LOBBY = {"lobby": True, "ticket": "3q2-7wAAAAAAAAAAAAAAAB"}

FILENAME = f"{ROOM_ID}_Report.docx"
UPLOADED = {
    "originalName": "Report.docx",
    "filename": FILENAME,
    "size": 27685,
    "roomId": ROOM_ID,
    "path": f"documents/{ROOM_ID}/{FILENAME}",
}
FILE = {
    "filename": FILENAME,
    "originalName": "Report.docx",
    "size": 27685,
    "uploadDate": "2025-08-28T09:32:48.745Z",
    "path": f"documents/{ROOM_ID}/{FILENAME}",
    "contentType": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "uploadedBy": USER_ID,
}
