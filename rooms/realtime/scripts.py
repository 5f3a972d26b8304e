"""What Redis does for a room in one step: numbering, storing and telling; seats that are taken and given up."""

# How long an event can be replayed, how long a `ref` stands for its event: seconds.
REPLAY_SECONDS = 24 * 3600
REF_SECONDS = 3600
# More than people say in a day; the stream stays bounded whatever they do.
MAX_KEPT = 20_000

# The epoch of a room begins when Redis knows nothing of it.
EPOCH = """
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch)
end
"""

# So long it is known what changed of what Redis forgot: until the processes that know the rest write that anew.
LOST_SECONDS = 60

# What is written to a seat are the fields that change, so that two who change it at once do not undo each other; one
# that was given up stays so, and one that was forgotten changes when it is restored. KEYS: meta, seats.
SEAT = f"""
local lost = KEYS[2] .. ':lost'
local function changed(text, changes)
  local seat = cjson.decode(text)
  for name, value in pairs(cjson.decode(changes)) do
    if name ~= 'since' then seat[name] = value end
  end
  return cjson.encode(seat)
end
local function change_seat(pid, changes)
  local text = redis.call('HGET', KEYS[2], pid)
  if text then return redis.call('HSET', KEYS[2], pid, changed(text, changes)) end
  redis.call('HSET', lost, pid, changed(redis.call('HGET', lost, pid) or '{{}}', changes))
  redis.call('EXPIRE', lost, {LOST_SECONDS})
end
"""

# KEYS: meta, seats, state. Tables are written before it is told, so that who reads them after hearing is never behind.
WRITE = (
    SEAT
    + f"""
local function remove(key, field)
  if field == '*' then redis.call('DEL', key) else redis.call('HDEL', key, field) end
  redis.call('HSET', key .. ':removed', field, '1')
  redis.call('EXPIRE', key .. ':removed', {LOST_SECONDS})
end
local function write(writes)
  for i = 1, #writes, 3 do
    local is_seat, field, value = writes[i] == 'seats', writes[i + 1], writes[i + 2]
    if value == '' then remove(is_seat and KEYS[2] or KEYS[3], field)
    elseif is_seat then change_seat(field, value)
    else redis.call('HSET', KEYS[3], field, value) end
  end
end
"""
)

# Who said the same before gets the same answer. KEYS[5] and ARGV[5]: see SAY.
ONCE = """
if ARGV[5] ~= '' then
  local said = redis.call('GET', KEYS[5])
  if said then return {epoch, tonumber(said), 0, ''} end
end
"""

# Number, store and tell what is the local `message`, as the arguments of SAY have it.
TELL = f"""
local function store(counter, log)
  local number = redis.call('HINCRBY', KEYS[1], counter, 1)
  redis.call('XADD', log, 'MAXLEN', '~', {MAX_KEPT}, number .. '-0', 'e', ARGV[4])
  redis.call('EXPIRE', log, {REPLAY_SECONDS})
  return number
end
local number, numbers = 0, ''
if ARGV[4] ~= '' and ARGV[6] == '' then
  number = store('seq', KEYS[4])
  numbers = tostring(number)
elseif ARGV[4] ~= '' then
  for person in string.gmatch(ARGV[6], '[^,]+') do
    local own = store('p:' .. person, KEYS[4] .. ':' .. person)
    if number == 0 then number = own else numbers = numbers .. ',' end
    numbers = numbers .. person .. '=' .. own
  end
end
redis.call('EXPIRE', KEYS[1], {2 * REPLAY_SECONDS})
if ARGV[5] ~= '' then redis.call('SET', KEYS[5], number, 'EX', {REF_SECONDS}) end
redis.call('PUBLISH', ARGV[2], epoch .. ':' .. numbers .. ':' .. message)
"""

# Say an event. KEYS: meta, seats, state, log, ref (or any, where ARGV[5] is empty).
# ARGV: new epoch, channel, message, what is stored (empty: nothing is), ref, the people for whom it is stored (empty:
# the room), writes as table, field, value, …
# Answers the epoch, the number (0 where it has none; of the first person where it is private), 1 if it is new, and
# nothing more to say.
SAY = (
    EPOCH
    + WRITE
    + ONCE
    + """
local message = ARGV[3]
write({unpack(ARGV, 7)})
"""
    + TELL
    + """
return {epoch, number, 1, ''}
"""
)

# Take a seat, or take it again, as it was but for who holds it. KEYS: meta, seats, state, people, drops, the seats of
# the process.
# ARGV: new epoch, channel, message, seat id, person, the seat, how many people the room takes (empty: any number), the
# seat's name in sets of all rooms.
# Answers the epoch, the person's number, and what has become of it: `full`, `new`, `again`.
SIT = (
    EPOCH
    + SEAT
    + """
local own = tonumber(redis.call('HGET', KEYS[1], 'p:' .. ARGV[5]) or 0)
local outcome = 'again'
if redis.call('HEXISTS', KEYS[2], ARGV[4]) == 0 then
  local is_here = redis.call('HEXISTS', KEYS[4], ARGV[5]) == 1
  if ARGV[7] ~= '' and not is_here and redis.call('HLEN', KEYS[4]) >= tonumber(ARGV[7])
  then return {epoch, own, 'full'} end
  redis.call('HINCRBY', KEYS[4], ARGV[5], 1)
  outcome = 'new'
end
if outcome == 'new' then redis.call('HSET', KEYS[2], ARGV[4], ARGV[6]) else change_seat(ARGV[4], ARGV[6]) end
redis.call('HSET', KEYS[3], 'seen:' .. ARGV[5], '1')
redis.call('ZREM', KEYS[5], ARGV[8])
redis.call('SADD', KEYS[6], ARGV[8])
redis.call('PUBLISH', ARGV[2], epoch .. '::' .. ARGV[3])
return {epoch, own, outcome}
"""
)

# Give up a seat. KEYS: meta, seats, state, people, drops, the seats of the process.
# ARGV: new epoch, channel, message, seat id, person, the seat's name in sets of all rooms, and, where it is given up
# for having dropped, the moment (epoch seconds) before which it must have.
# Answers whether it was to be had (1, or 0).
RISE = (
    EPOCH
    + """
if ARGV[7] ~= '' then
  local due = redis.call('ZSCORE', KEYS[5], ARGV[6])
  if not due or tonumber(due) > tonumber(ARGV[7]) then return 0 end
end
redis.call('ZREM', KEYS[5], ARGV[6])
redis.call('SREM', KEYS[6], ARGV[6])
if redis.call('HDEL', KEYS[2], ARGV[4]) == 0 then return 0 end
if redis.call('HINCRBY', KEYS[4], ARGV[5], -1) <= 0 then redis.call('HDEL', KEYS[4], ARGV[5]) end
redis.call('PUBLISH', ARGV[2], epoch .. '::' .. ARGV[3])
return 1
"""
)

# Note that the link of a seat broke, unless another connection has it by now. KEYS: seats, drops, the seats of the
# process.
# ARGV: seat id, the connection or the process that had it, the seat's name in sets of all rooms, when it is to be given
# up (epoch seconds), the process whose seats these are.
DROP = """
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text then return redis.call('ZREM', KEYS[2], ARGV[3]) end
local seat = cjson.decode(text)
if seat.holder ~= ARGV[2] and seat.process ~= ARGV[2] then
  if seat.process ~= ARGV[5] then redis.call('SREM', KEYS[3], ARGV[3]) end
  return 0
end
return redis.call('ZADD', KEYS[2], 'NX', ARGV[4], ARGV[3])
"""

# Say that a connected seat is held, whoever took its process for dead, and write what Redis has forgotten. KEYS: meta,
# seats, state, people, drops, the seats of the process.
# ARGV: new epoch, channel, message that has the room read again (empty: more is to come), seat id, person, the seat,
# its name in sets of all rooms, the epoch of which all this is known, then names and values of the state.
RESTORE = (
    EPOCH
    + SEAT
    + """
local text = redis.call('HGET', KEYS[2], ARGV[4])
if not text and epoch ~= ARGV[8] then
  redis.call('HSET', KEYS[2], ARGV[4], changed(ARGV[6], redis.call('HGET', lost, ARGV[4]) or '{}'))
  redis.call('HINCRBY', KEYS[4], ARGV[5], 1)
end
if not text and epoch == ARGV[8] then return 0 end
if not text or cjson.decode(text).holder == cjson.decode(ARGV[6]).holder then
  redis.call('SADD', KEYS[6], ARGV[7])
  redis.call('ZREM', KEYS[5], ARGV[7])
end
if epoch == ARGV[8] then return 0 end
local removed = KEYS[3] .. ':removed'
local are_all_removed = redis.call('HEXISTS', removed, '*') == 1
for i = 9, #ARGV, 2 do
  if not are_all_removed and redis.call('HEXISTS', removed, ARGV[i]) == 0
  then redis.call('HSETNX', KEYS[3], ARGV[i], ARGV[i + 1]) end
end
if ARGV[3] ~= '' then redis.call('PUBLISH', ARGV[2], epoch .. '::' .. ARGV[3]) end
return 1
"""
)
