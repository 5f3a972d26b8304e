"""What Redis keeps of a whiteboard, written in one step with what is told of it: the newest stage, and after it the
strokes."""

from dataclasses import dataclass
from typing import Literal

from rooms.realtime.scripts import EPOCH, ONCE, REF_SECONDS, REPLAY_SECONDS, TELL, WRITE

# So many strokes, or bytes of them, are kept after a stage: the oldest make room. From the second number on the owner
# is asked for a stage, so that it need not come to that.
MAX_STROKES = 2_000
MANY_STROKES = MAX_STROKES * 9 // 10
MAX_BYTES = 1024 * 1024
MANY_BYTES = MAX_BYTES * 9 // 10

# What is drawn, and told anew to whoever comes late.
DRAWING = frozenset({"sendDrawingData", "Un-do", "clear-whiteBoard"})

# Where the bytes begin that `draw` keeps: after the id of their stroke.
MARK = "|"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What an event does to the whiteboard of its room. Pieces of strokes are many: those of a moment are drawn
    together."""

    act: Literal["draw", "undo", "stage", "clear"]
    person: str = ""
    # Which one is drawn or undone; empty: the newest of the person.
    stroke: str = ""
    is_last: bool = False


# What is done to the list of what was drawn. KEYS: meta, seats, state, log, ref, board, stage, strokes, order, open.
# `board` lists what was drawn, each with the id of its stroke before it; `strokes` says whose each is, and `order`
# which came first; of `open` strokes the end is to come.
BOARD = f"""
local board, newest, strokes, order, open = unpack(KEYS, 6, 10)
local function keep(id, message)
  local entry = id .. '{MARK}' .. message
  redis.call('RPUSH', board, entry)
  return redis.call('HINCRBY', KEYS[1], 'board', #entry)
end
local function make_room(bytes)
  while true do
    local head = redis.call('LINDEX', board, 0)
    local of = head and string.match(head, '^[^{MARK}]*')
    local is_forgotten = of and of ~= '' and redis.call('HEXISTS', strokes, of) == 0
    if not head or (bytes <= {MAX_BYTES} and not is_forgotten) then break end
    redis.call('LPOP', board)
    bytes = redis.call('HINCRBY', KEYS[1], 'board', -#head)
  end
end
local function keep_longer()
  for i = 6, 10 do redis.call('EXPIRE', KEYS[i], {2 * REPLAY_SECONDS}) end
end
"""

# Draw pieces of strokes, and tell them as one. KEYS: as BOARD's, then for each piece that of its `ref`, or any.
# ARGV: new epoch, channel, then for each piece: its message, 1 if it has a `ref`, by whom, of which stroke, 1 if that
# ends with it.
# Answers the epoch and how it went with each piece: `full` where a stage is wanted, `not_theirs` and `again` where
# nothing was said.
STROKES = (
    EPOCH
    + BOARD
    + f"""
local outcomes, told, bytes = {{}}, {{}}, 0
local function draw(message, person, stroke, is_last)
  local owner = redis.call('HGET', strokes, stroke)
  if owner and owner ~= person then return 'not_theirs' end
  if not owner then
    redis.call('HSET', strokes, stroke, person)
    if redis.call('RPUSH', order, stroke) > {MAX_STROKES} then
      redis.call('HDEL', strokes, redis.call('LPOP', order))
    end
  end
  redis.call(is_last == '1' and 'SREM' or 'SADD', open, stroke)
  bytes = keep(stroke, message)
  told[#told + 1] = struct.pack('>I4', #message) .. message
  if not owner and (redis.call('HINCRBY', KEYS[1], 'strokes', 1) >= {MANY_STROKES} or bytes >= {MANY_BYTES})
  then return 'full' end
  return ''
end
for piece = 1, #KEYS - 10 do
  local message, has_ref, person, stroke, is_last = unpack(ARGV, 5 * piece - 2, 5 * piece + 2)
  local is_again = has_ref == '1' and not redis.call('SET', KEYS[10 + piece], 0, 'NX', 'EX', {REF_SECONDS})
  outcomes[piece] = is_again and 'again' or draw(message, person, stroke, is_last)
end
if #told > 0 then
  make_room(bytes)
  keep_longer()
  redis.call('EXPIRE', KEYS[1], {2 * REPLAY_SECONDS})
  redis.call('PUBLISH', ARGV[2], epoch .. ':+:' .. table.concat(told))
end
return {{epoch, unpack(outcomes)}}
"""
)

# As SAY, for events that change a whiteboard otherwise. KEYS: as BOARD's.
# ARGV: as SAY's first six, then what is done, by whom, to which stroke, the sealed stage, and the writes.
# Answers as SAY, and `not_theirs` where nothing was said.
DRAW = (
    EPOCH
    + BOARD
    + WRITE
    + ONCE
    + f"""
local act, person, stroke, message = ARGV[7], ARGV[8], ARGV[9], ARGV[3]
local function keep_only(is_kept)
  local entries, bytes, dropped = redis.call('LRANGE', board, 0, -1), 0, 0
  redis.call('DEL', board)
  for _, entry in ipairs(entries) do
    if is_kept(string.match(entry, '^[^{MARK}]*')) then
      redis.call('RPUSH', board, entry)
      bytes = bytes + #entry
    else dropped = dropped + 1 end
  end
  redis.call('HSET', KEYS[1], 'board', bytes)
  return dropped
end
local function forget_stage()
  local before = redis.call('HGET', KEYS[1], 'stage')
  if before then redis.call('XDEL', KEYS[4], before .. '-0') end
  redis.call('HDEL', KEYS[1], 'stage')
end
if act == 'undo' then
  local ids = stroke == '' and redis.call('LRANGE', order, 0, -1) or {{stroke}}
  stroke = ''
  for i = #ids, 1, -1 do
    if redis.call('HGET', strokes, ids[i]) == person then stroke = ids[i] break end
  end
  if stroke == '' then return {{epoch, 0, 0, 'not_theirs'}} end
  redis.call('HDEL', strokes, stroke)
  redis.call('LREM', order, -1, stroke)
  redis.call('SREM', open, stroke)
  message = string.sub(message, 1, -3) .. ',"strokeId":' .. cjson.encode(stroke) .. '}}}}'
  if keep_only(function(id) return id ~= stroke end) == 0 then make_room(keep('', message)) end
elseif act == 'stage' then
  keep_only(function(id) return id ~= '' and redis.call('SISMEMBER', open, id) == 1 end)
  redis.call('DEL', open)
  redis.call('HSET', KEYS[1], 'strokes', 0)
  redis.call('SET', newest, ARGV[10])
  forget_stage()
elseif act == 'clear' then
  redis.call('DEL', board, newest, strokes, order, open)
  redis.call('HSET', KEYS[1], 'board', 0, 'strokes', 0)
  forget_stage()
end
keep_longer()
write({{unpack(ARGV, 11)}})
"""
    + TELL
    + """
if act == 'stage' and number > 0 then redis.call('HSET', KEYS[1], 'stage', number) end
return {epoch, number, 1, ''}
"""
)
