"""Questions that come at the same time, asked as one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Q = TypeVar("Q")
A = TypeVar("A")
Asked = list[tuple[Q, asyncio.Future[A]]]


class Together(Generic[Q, A]):
    """`answer` takes any number of questions and gives as many answers, in their order; while it works, others gather
    and are next. An answer that is an exception is raised for whoever asked."""

    def __init__(self, answer: Callable[[Sequence[Q]], Awaitable[Sequence[A | Exception]]]) -> None:
        self._answer = answer
        self._waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, Asked[Q, A]] = WeakKeyDictionary()
        # Kept, since a task that nobody holds may vanish.
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, question: Q) -> A:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[A] = loop.create_future()
        waiting = self._waiting.get(loop)
        if waiting is None:
            waiting = self._waiting[loop] = []
            task = loop.create_task(self._work(loop, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        waiting.append((question, future))
        return await future

    async def _work(self, loop: asyncio.AbstractEventLoop, waiting: Asked[Q, A]) -> None:
        while waiting:
            asked = [*waiting]
            waiting.clear()
            await self._settle(asked)
        del self._waiting[loop]

    async def _settle(self, asked: Asked[Q, A]) -> None:
        try:
            answers = await self._answer([question for question, _ in asked])
        except Exception as error:  # noqa: BLE001 - it is raised for all who asked
            answers = [error] * len(asked)
        for (_, future), answer in zip(asked, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
