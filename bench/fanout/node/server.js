// The contenders on Node: `node server.js socket.io|ws`, on the port that PORT names.
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { Sender, WebSocket, WebSocketServer } from 'ws'

const TEXT = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }

// What every socket.io application does: one emit to a room.
function serveSocketIo(server) {
  new Server(server).on('connection', (socket) => {
    socket.on('room.join', ({ roomId }) => {
      socket.data.room = roomId
      socket.join(roomId)
      socket.emit('room_connected', { roomId })
    })
    socket.on('sendDrawingData', (body) => socket.to(socket.data.room).emit('sendDrawingData', body))
  })
}

// As fast as ws gets: a frame is made once and written to the socket of each member. The room is the path.
function serveWs(server) {
  const rooms = new Map()
  new WebSocketServer({ server }).on('connection', (socket, request) => {
    const room = rooms.get(request.url) ?? new Set()
    rooms.set(request.url, room.add(socket))
    socket.on('close', () => room.delete(socket))
    socket.on('error', () => socket.terminate())
    socket.on('message', (data) => {
      const frame = Buffer.concat(Sender.frame(data, TEXT))
      for (const member of room) {
        if (member !== socket && member.readyState === WebSocket.OPEN) member._socket.write(frame)
      }
    })
    socket.send('joined')
  })
}

const server = createServer()
if (process.argv[2] === 'ws') serveWs(server)
else serveSocketIo(server)
server.listen(Number(process.env.PORT), '127.0.0.1', 1024)
