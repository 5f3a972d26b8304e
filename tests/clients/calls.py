"""Five calls with a client that was made from the schema of the running server: python calls.py URL EMAIL PASSWORD.

The package `made` lies beside this file when it runs.
"""

import json
import sys

from made import AuthenticatedClient, Client
from made.api.accounts import login
from made.api.meetings import create_meeting
from made.api.rooms import create_room
from made.api.transcripts import send_transcript, view_transcript
from made.models import LoginRequest, NewMeetingRequest, RoomRequest, SendRequest, TypeEnum


def main(url: str, email: str, password: str) -> None:
    credentials = LoginRequest(user_name=email, password=password)
    signed_in = login.sync(client=Client(base_url=url), body=credentials).data
    client, person = AuthenticatedClient(base_url=url, token=signed_in.token), signed_in.user
    room = create_room.sync(client=client, body=RoomRequest(name="Typed", type_=TypeEnum.CONFERENCE)).data
    wanted = NewMeetingRequest(title="Typed meeting", host_id=person.field_id, transcript_enabled=True, room_id=room.id)
    meeting = create_meeting.sync(client=client, body=wanted).data
    line = SendRequest(meeting_id=meeting.field_id, user_name=person.f_name, message="Good morning everyone.")
    send_transcript.sync(client=client, body=line)
    lines = view_transcript.sync(meeting.field_id, client=client).data
    said = {"room": room.name, "meeting": meeting.title, "said": [line.message for line in lines]}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
