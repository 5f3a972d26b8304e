// One socket.io-client, led by lines of JSON: node client.js URL PATH TOKEN TRANSPORTS ORIGIN
//
// In: {emit: [name, ...arguments], ack: number?} or {disconnect: true}; out: {event: [name, ...arguments]},
// {ack: number, said: [...]}, {connected: transport}, {refused: message, data} and {disconnected: reason}.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, path, token, transports, origin] = process.argv.slice(2);
const tell = (told) => console.log(JSON.stringify(told));
const socket = io(url, {
  path,
  auth: { token },
  ...(transports && { transports: transports.split(",") }),
  ...(origin && { extraHeaders: { origin } }),
  reconnection: false,
});

const transport = () => socket.io.engine.transport.name;
socket.on("connect", () => {
  tell({ connected: transport() });
  socket.io.engine.on("upgrade", () => tell({ upgraded: transport() }));
});
socket.on("connect_error", (error) => {
  tell({ refused: error.message, data: error.data });
  process.exit();
});
socket.on("disconnect", (reason) => tell({ disconnected: reason }));
socket.onAny((...event) => tell({ event }));

createInterface({ input: process.stdin }).on("line", (line) => {
  const { emit, ack, disconnect } = JSON.parse(line);
  if (disconnect) socket.disconnect();
  else if (ack === undefined) socket.emit(...emit);
  else socket.emit(...emit, (...said) => tell({ ack, said }));
});
