"""Whatever people, processes and Redis do in whichever order: nothing is lost, nobody gains anything, all agree.

The steps are others each time; SOAK=full takes ten times as many examples.
"""

import asyncio
import logging
import os

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.rooms.conversation.checks import check
from tests.rooms.conversation.devices import DEVICES
from tests.rooms.conversation.register import ROLES
from tests.rooms.conversation.world import World

log = logging.getLogger(__name__)

IS_FULL = os.environ.get("SOAK") == "full"
EXAMPLES, STEPS = (2500 if IS_FULL else 250), 80

devices = st.sampled_from([*DEVICES])
processes = st.integers(0, 1)
people = st.sampled_from([*ROLES])
# Of what happens to one device.
acts = st.one_of(
    st.tuples(st.just("join"), processes),
    st.tuples(st.just("join"), processes),
    st.tuples(st.just("leave")),
    st.tuples(st.just("cut"), st.booleans()),
    st.tuples(st.just("kept")),
    st.tuples(st.just("kept")),
    st.tuples(st.just("private"), people),
    st.tuples(st.just("unkept")),
    st.tuples(st.just("note"), st.booleans()),
    st.tuples(st.just("show"), st.sampled_from(["mic", "hand"]), st.booleans()),
    st.tuples(st.just("mute"), people),
    st.tuples(st.just("mute_all")),
)
faults = st.one_of(
    st.tuples(st.just("empty")),
    st.tuples(st.just("lose"), processes),
)
decisions = st.one_of(
    st.tuples(st.just("role"), st.sampled_from(["cohost", "presenter", "participant", "viewer"])),
    st.tuples(st.just("removed"), st.booleans()),
    st.tuples(st.just("locked"), st.booleans()),
)


class RoomMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.said = 0
        # What happened so far.
        self.story = []

    @initialize()
    def begin(self):
        self.world = World()
        self.loop.run_until_complete(self.world.begin())

    def teardown(self):
        self.loop.run_until_complete(self.world.end())
        self.loop.close()

    def happens(self, what, *works):
        async def happen():
            await self.world.during(*works)
            await check(self.world)

        self.story.append(what)
        try:
            self.loop.run_until_complete(happen())
        except Exception:
            # What hangs on a moment may not come again, and then nobody else tells of it.
            log.exception("Something went wrong after %s", self.story)
            raise

    def act(self, name, what, *about):
        world, device = self.world, self.world.devices[name]
        self.said += 1
        match what:
            case "join":
                return world.join(device, *about)
            case "leave":
                return world.leave(device)
            case "cut":
                return world.cut(device, is_noticed=about[0])
            case "kept" | "unkept":
                return world.say(device, type=what, text=str(self.said))
            case "private":
                return world.say(device, type="kept", text=str(self.said), to=about[0])
            case "note":
                return world.note(device, str(self.said) if about[0] else "")
            case "show":
                return world.show(device, about[0], is_on=about[1])
            case "mute":
                return world.mute(device, about[0])
            case _:
                return world.mute_all(device)

    @rule(name=devices, act=acts)
    def one_acts(self, name, act):
        self.happens((name, act), self.act(name, *act))

    @rule(many=st.dictionaries(devices, acts, min_size=2, max_size=4))
    def several_act_at_once(self, many):
        self.happens(many, *(self.act(name, *act) for name, act in many.items()))

    @rule(fault=faults, many=st.dictionaries(devices, acts, max_size=2))
    def something_fails_meanwhile(self, fault, many):
        works = (self.act(name, *act) for name, act in many.items())
        self.happens((fault, many), *works, getattr(self.world, fault[0])(*fault[1:]))

    @rule(process=processes)
    def process_dies(self, process):
        self.happens(("dies", process), self.world.kill(process))

    @rule(whom=people.filter(lambda person: person != "host"), decision=decisions)
    def house_decides(self, whom, decision):
        self.happens((whom, decision), self.world.decide(whom, *decision))

    @rule(seconds=st.floats(0.5, 90), stalled=st.one_of(st.none(), processes))
    def time_goes_by(self, seconds, stalled):
        self.happens((seconds, stalled), self.world.wait(seconds, stalled=stalled))


@pytest.fixture
def _uncounted():
    """Count no lines meanwhile: that takes three times as long as the test, and others count the same ones."""
    counting = Coverage.current()
    if counting is not None:
        counting.stop()
    yield
    if counting is not None:
        counting.start()


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.usefixtures("_uncounted")
def test_room_stays_right_whatever_happens(monkeypatch):
    monkeypatch.setattr("rooms.realtime.bus.RETRY_SECONDS", 0.001)
    monkeypatch.setattr("rooms.realtime.roster.COUNT_SECONDS", 0.0)
    steps = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        derandomize=False,
        print_blob=True,
        suppress_health_check=[*HealthCheck],
        report_multiple_bugs=False,
    )

    run_state_machine_as_test(RoomMachine, settings=steps)
