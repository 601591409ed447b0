"""Whose turn it is: free workers are given to clients in a circle, so that nobody's many requests hold up another's one."""

from __future__ import annotations

import asyncio
import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from seismic_graph.errors import Busy

Thing = TypeVar("Thing")


@dataclass(slots=True)
class Turns(Generic[Thing]):
    """A fair queue for things that are used by one client at a time.

    Attributes:
        share: how many things one client may hold at once.
        places: how many requests may wait, of all clients together.
        places_each: how many of one client.
        patience: seconds after which a request that waits is sent away.
    """

    share: int
    places: int
    places_each: int
    patience: float
    idle: deque[Thing] = field(default_factory=deque)
    holding: Counter[str] = field(default_factory=Counter)
    _waiting: dict[str, deque[asyncio.Future[Thing]]] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return sum(map(len, self._waiting.values()))

    async def take(self, client: str) -> Thing:
        """The next free thing, when it is this client's turn.

        Raises:
            Busy: too many wait already, or the wait was too long; it says when to come again.
        """
        if len(self._waiting.get(client, ())) >= self.places_each or self.waiting >= self.places:
            raise self._busy("Too many requests are waiting")
        future: asyncio.Future[Thing] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(future)
        self._serve()
        try:
            async with asyncio.timeout(self.patience):
                return await future
        except BaseException as reason:
            self._forget(client, future)
            if future.done() and not future.cancelled():  # it came in the moment of giving up
                self.idle.append(future.result())
                self.release(client)
            if isinstance(reason, TimeoutError):
                raise self._busy(f"No worker became free within {self.patience:g} seconds") from None
            raise

    def _forget(self, client: str, future: asyncio.Future[Thing]) -> None:
        line = self._waiting.get(client, deque())
        if future in line:
            line.remove(future)
            if not line:
                del self._waiting[client]

    def _busy(self, what: str) -> Busy:
        after = math.ceil(min(self.patience, 1 + self.waiting / 10))
        return Busy(f"{what}. Ask again in {after} seconds.", after)

    def give(self, thing: Thing) -> None:
        """Put a free thing at the disposal of who comes next."""
        self.idle.append(thing)
        self._serve()

    def release(self, client: str) -> None:
        """A client holds one thing less."""
        self.holding[client] -= 1
        if self.holding[client] <= 0:
            del self.holding[client]
        self._serve()

    def _serve(self) -> None:
        """Hand out free things in a circle of the clients that hold less than their share."""
        while self.idle:
            client = next((name for name, line in self._waiting.items() if line and self.holding[name] < self.share), None)
            if client is None:
                return
            line = self._waiting.pop(client)
            future = line.popleft()
            if line:
                self._waiting[client] = line  # to the end of the circle
            if not future.done():
                self.holding[client] += 1
                future.set_result(self.idle.popleft())
