// Five calls with a client whose types come from the schema of the running server: node main.js URL EMAIL PASSWORD
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const [baseUrl, userName, password] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl });

function must<T>(answer: { data?: T; error?: { code: string; message: string } }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

const { token, user } = must(await client.POST("/auth/login", { body: { userName, password } })).data;
const headers = { Authorization: `Bearer ${token}` };
const room = must(
  await client.POST("/room/create", { headers, body: { name: "Typed", type: "conference" } }),
).data;
const meeting = must(
  await client.POST("/meetings/create", {
    headers,
    body: { title: "Typed meeting", hostId: user._id, transcriptEnabled: true, roomId: room.id },
  }),
).data;
must(
  await client.POST("/send-transcript", {
    headers,
    body: { meetingId: meeting._id, userName: user.fName, message: "Good morning everyone." },
  }),
);
const transcript = must(
  await client.GET("/view-transcript/{meeting_id}", { headers, params: { path: { meeting_id: meeting._id } } }),
);
// It may be asked for as plain text too.
const lines = typeof transcript === "string" ? [] : transcript.data;
console.log(JSON.stringify({ room: room.name, meeting: meeting.title, said: lines.map((line) => line.message) }));
