"""What Redis keeps of a whiteboard, written in one step with what is told of it: the newest stage, and after it the
strokes."""

from dataclasses import dataclass
from typing import Literal

from rooms.realtime.scripts import EPOCH, ONCE, REPLAY_SECONDS, TELL, WRITE

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
    """What an event does to the whiteboard of its room."""

    act: Literal["draw", "undo", "stage", "clear"]
    person: str = ""
    # Which one is drawn or undone; empty: the newest of the person.
    stroke: str = ""
    is_last: bool = False


# As SAY, for events that change a whiteboard. KEYS: meta, seats, state, log, ref, board, stage, strokes, order, open.
# ARGV: as SAY's first six, then what is done, by whom, to which stroke, whether that ends with it, the sealed stage,
# and the writes. `board` lists what was drawn, each with the id of its stroke before it; `strokes` says whose each is,
# and `order` which came first; of `open` strokes the end is to come.
# Answers as SAY, and how it went: `full` where a stage is wanted, `not_theirs` where nothing was said.
DRAW = (
    EPOCH
    + WRITE
    + ONCE
    + f"""
local act, person, stroke, message = ARGV[7], ARGV[8], ARGV[9], ARGV[3]
local outcome = ''
local function keep(id)
  local entry = id .. '{MARK}' .. message
  redis.call('RPUSH', KEYS[6], entry)
  local bytes = redis.call('HINCRBY', KEYS[1], 'board', #entry)
  while true do
    local head = redis.call('LINDEX', KEYS[6], 0)
    local of = head and string.match(head, '^[^{MARK}]*')
    local is_forgotten = of and of ~= '' and redis.call('HEXISTS', KEYS[8], of) == 0
    if not head or (bytes <= {MAX_BYTES} and not is_forgotten) then break end
    redis.call('LPOP', KEYS[6])
    bytes = redis.call('HINCRBY', KEYS[1], 'board', -#head)
  end
  return bytes
end
local function keep_only(is_kept)
  local entries, bytes, dropped = redis.call('LRANGE', KEYS[6], 0, -1), 0, 0
  redis.call('DEL', KEYS[6])
  for _, entry in ipairs(entries) do
    if is_kept(string.match(entry, '^[^{MARK}]*')) then
      redis.call('RPUSH', KEYS[6], entry)
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
if act == 'draw' then
  local owner = redis.call('HGET', KEYS[8], stroke)
  if owner and owner ~= person then return {{epoch, 0, 0, 'not_theirs'}} end
  if not owner then
    redis.call('HSET', KEYS[8], stroke, person)
    if redis.call('RPUSH', KEYS[9], stroke) > {MAX_STROKES} then
      redis.call('HDEL', KEYS[8], redis.call('LPOP', KEYS[9]))
    end
  end
  redis.call(ARGV[10] == '1' and 'SREM' or 'SADD', KEYS[10], stroke)
  local bytes = keep(stroke)
  if not owner and (redis.call('HINCRBY', KEYS[1], 'strokes', 1) >= {MANY_STROKES} or bytes >= {MANY_BYTES})
  then outcome = 'full' end
elseif act == 'undo' then
  local ids = stroke == '' and redis.call('LRANGE', KEYS[9], 0, -1) or {{stroke}}
  stroke = ''
  for i = #ids, 1, -1 do
    if redis.call('HGET', KEYS[8], ids[i]) == person then stroke = ids[i] break end
  end
  if stroke == '' then return {{epoch, 0, 0, 'not_theirs'}} end
  redis.call('HDEL', KEYS[8], stroke)
  redis.call('LREM', KEYS[9], -1, stroke)
  redis.call('SREM', KEYS[10], stroke)
  message = string.sub(message, 1, -3) .. ',"strokeId":' .. cjson.encode(stroke) .. '}}}}'
  if keep_only(function(id) return id ~= stroke end) == 0 then keep('') end
elseif act == 'stage' then
  keep_only(function(id) return id ~= '' and redis.call('SISMEMBER', KEYS[10], id) == 1 end)
  redis.call('DEL', KEYS[10])
  redis.call('HSET', KEYS[1], 'strokes', 0)
  redis.call('SET', KEYS[7], ARGV[11])
  forget_stage()
elseif act == 'clear' then
  redis.call('DEL', KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10])
  redis.call('HSET', KEYS[1], 'board', 0, 'strokes', 0)
  forget_stage()
end
for i = 6, 10 do redis.call('EXPIRE', KEYS[i], {2 * REPLAY_SECONDS}) end
write({{unpack(ARGV, 12)}})
"""
    + TELL
    + """
if act == 'stage' and number > 0 then redis.call('HSET', KEYS[1], 'stage', number) end
return {epoch, number, 1, outcome}
"""
)
