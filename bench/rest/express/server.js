// The list of meetings by Express and pg, doing what ours does: the token, its sign-in, two counters, one page.
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import jwt from 'jsonwebtoken'
import pg from 'pg'
import { RedisStore } from 'rate-limit-redis'
import { createClient } from 'redis'

const { JWT_KEY, REDIS_SOCKET, PORT, PUBLIC_URL } = process.env
const AUDIENCE = { algorithms: ['HS256'], audience: 'tertulia:access', issuer: 'tertulia' }
const SESSION = `
  SELECT u.id, u.is_active, u.is_staff, u.rates
  FROM accounts_loginsession s JOIN accounts_user u ON u.id = s.user_id
  WHERE s.id = $1 AND s.ended_at IS NULL`
const MEETINGS = `
  SELECT m.id AS "_id", m.title, m.host_id AS "hostId", m.room_id AS "roomId",
    m.transcript_enabled AS "transcriptEnabled", m.summary_generated AS "summaryGenerated",
    m.recording_ids AS "recordingIds", m.created_at AS "createdAt", m.started_at AS "startedAt",
    m.ended_at AS "endedAt",
    (SELECT count(*)::int FROM meetings_participant p WHERE p.meeting_id = m.id) AS "participantsCount"
  FROM meetings_meeting m
  WHERE m.host_id = $1 AND ($2::text IS NULL OR m.id < $2)
  ORDER BY m.id DESC LIMIT $3`

const pool = new pg.Pool()
const redis = createClient({ socket: { path: REDIS_SOCKET } })
await redis.connect()

function refuse(response, status, code) {
  response.status(status).json({ success: false, message: code, code })
}

function log(request, response, next) {
  const began = performance.now()
  response.on('finish', () => {
    const took = (performance.now() - began).toFixed(0)
    process.stderr.write(`${new Date().toISOString()} ${request.method} list ${response.statusCode} ${took} ms\n`)
  })
  next()
}

async function authenticate(request, response, next) {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ')
  let claims
  try {
    claims = jwt.verify(token, JWT_KEY, AUDIENCE)
  } catch {
    return refuse(response, 401, 'not_authenticated')
  }
  if (scheme !== 'Bearer' || claims.typ !== 'access') return refuse(response, 401, 'not_authenticated')
  const { rows } = await pool.query(SESSION, [claims.sid])
  if (!rows[0]?.is_active) return refuse(response, 401, 'not_authenticated')
  request.user = rows[0]
  next()
}

function limited(kind, keyGenerator) {
  return rateLimit({
    windowMs: 60_000,
    limit: 100_000_000,
    standardHeaders: false,
    legacyHeaders: false,
    keyGenerator,
    handler: (_, response) => refuse(response, 429, 'rate_limited'),
    store: new RedisStore({ prefix: `express:${kind}:`, sendCommand: (...args) => redis.sendCommand(args) }),
  })
}

async function list(request, response) {
  if (request.params.userId !== request.user.id) return refuse(response, 403, 'not_allowed')
  const limit = Number(request.query.limit)
  const { rows } = await pool.query(MEETINGS, [request.user.id, request.query.cursor ?? null, limit + 1])
  const page = rows.slice(0, limit)
  if (rows.length > limit) {
    const query = new URLSearchParams({ limit, cursor: page[limit - 1]._id })
    response.set('Link', `<${PUBLIC_URL}${request.path}?${query}>; rel="next"`)
  }
  response.json({ data: page })
}

const app = express()
// Ours has neither, so it must not pay for them.
app.disable('etag')
app.disable('x-powered-by')
app.use(log)
app.get(
  '/meetings/list/:userId',
  authenticate,
  limited('user', (request) => request.user.id),
  limited('address', (request) => request.socket.remoteAddress),
  list,
)
app.listen(Number(PORT), '127.0.0.1')
