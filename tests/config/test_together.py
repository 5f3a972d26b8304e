"""Questions that come at the same time are asked as one."""

import asyncio

import pytest

from config.lib.together import Together

pytestmark = pytest.mark.asyncio


async def test_questions_that_come_while_one_is_answered_are_asked_together():
    asked, may_answer = [], asyncio.Event()

    async def answer(questions):
        asked.append([*questions])
        await may_answer.wait()
        return [question * 2 for question in questions]

    together = Together(answer)
    first = asyncio.create_task(together.ask(1))
    while not asked:
        await asyncio.sleep(0)
    others = [asyncio.create_task(together.ask(number)) for number in (2, 3)]
    await asyncio.sleep(0)
    may_answer.set()

    assert await asyncio.gather(first, *others) == [2, 4, 6]
    assert asked == [[1], [2, 3]]


async def test_answer_that_is_an_error_is_raised_for_whoever_asked():
    async def answer(questions):
        return [ValueError() if question == 1 else question for question in questions]

    together = Together(answer)

    answers = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)

    assert [type(each) for each in answers] == [ValueError, int]


async def test_fault_is_raised_for_all_and_ends_nothing():
    faults = [LookupError()]

    async def answer(questions):
        if faults:
            raise faults.pop()
        return questions

    together = Together(answer)

    answers = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)

    assert [type(each) for each in answers] == [LookupError, LookupError]
    assert await together.ask(3) == 3


async def test_who_gives_up_asking_disturbs_nobody():
    may_answer = asyncio.Event()

    async def answer(questions):
        await may_answer.wait()
        return questions

    together = Together(answer)
    one, other = asyncio.create_task(together.ask(1)), asyncio.create_task(together.ask(2))
    await asyncio.sleep(0)
    one.cancel()
    may_answer.set()

    assert await other == 2
