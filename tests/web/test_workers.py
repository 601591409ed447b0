"""The pool of workers: what comes back, what is killed, who waits, and how a new snapshot comes into use."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from seismic_graph import snapshots
from seismic_graph.errors import Busy, QueryError, StoreError, TimedOut, TooMuch, UnknownName
from seismic_graph.settings import Settings
from seismic_graph.web.turns import Turns
from seismic_graph.web.workers import CLIENT, WorkerPool
from tests.web import tasks
from tests.web.conftest import made_by_hand
from tests.web.service import cross

A = "<urn:a> <urn:a> <urn:a> .\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A home with a snapshot of twenty triples."""
    return made_by_hand(tmp_path / "home", {"urn:g": "".join(f'<urn:{n}> <urn:p> "{n}" .\n' for n in range(20))})


def within(home: Path, test: Callable[[WorkerPool], Coroutine[Any, Any, None]], **options: Any) -> WorkerPool:
    """Run a test with a pool, and see that nothing of it is left."""
    options = {"size": 2, "timeout": 20.0} | options
    pool = WorkerPool(Settings(home=home), **options)

    async def run() -> None:
        await pool.start()
        assert pool._limits is not None
        try:
            await asyncio.wait_for(test(pool), 60)
        finally:
            workers = [worker.pid for worker in pool._workers]
            await pool.close()
        assert not pool._limits.spool.exists()
        for pid in filter(None, workers):
            await until(lambda pid=pid: not alive(pid))  # type: ignore[misc]

    asyncio.run(run())
    return pool


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until(condition: Callable[[], object]) -> None:
    """Return when something holds."""
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


def test_what_a_function_returns_comes_with_its_snapshot(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        reply = await pool.run(tasks.add, 1, second=2)
        assert (reply.value, reply.snapshot, reply.body) == (3, "0123456789abcdef", None)
        assert reply.seconds >= 0
        assert (await pool.run(tasks.count)).value == 20

    assert within(small, test).counts == {"done": 2}


def test_errors_of_ours_come_back_whole(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        with pytest.raises(UnknownName, match="There is no entity 'nanet-see'") as caught:
            await pool.run(tasks.unknown)
        assert (caught.value.kind, caught.value.suggestions) == ("entity", ("nanet-se",))
        with pytest.raises(QueryError) as wrong:
            await pool.run(tasks.query, "SELECT * {")
        assert wrong.value.line == 1
        with pytest.raises(RuntimeError, match="a fault of ours"):
            await pool.run(tasks.fault)
        assert (await pool.run(tasks.add, 1, second=1)).value == 2

    assert within(small, test, size=1).counts == {"error": 2, "fault": 1, "done": 1}


def test_work_is_killed_at_its_deadline_and_its_process_replaced(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        before = (await pool.run(tasks.pid)).value
        with pytest.raises(TimedOut, match=r"0\.3 seconds"):
            await pool.run(tasks.query, cross(7), timeout=0.3)
        await until(lambda: not alive(before))
        after = await pool.run(tasks.pid)
        assert after.value != before

    assert within(small, test, size=1).counts["timeout"] == 1


def test_work_is_killed_even_where_nobody_is_left_to_do_it(small: Path) -> None:
    """The process itself ends after its deadline: the front may be stopped or gone."""

    async def test(pool: WorkerPool) -> None:
        worker = next(iter(pool._workers))
        pid = worker.pid
        assert pid is not None
        job = asyncio.ensure_future(worker.run(tasks.sleep, (60,), {}, 0.1, writes=False))
        with pytest.raises(TimeoutError):
            await job
        await until(lambda: not worker._process.is_alive())  # by its own alarm, a second later
        assert worker._process.exitcode == -signal.SIGALRM

    within(small, test, size=1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM], ids=lambda number: number.name)
def test_a_worker_that_dies_is_replaced(small: Path, number: signal.Signals) -> None:
    async def test(pool: WorkerPool) -> None:
        with pytest.raises(TooMuch, match="broke the process"):
            await pool.run(tasks.die, number)
        assert (await pool.run(tasks.count)).value == 20

    assert within(small, test, size=1).counts == {"died": 1, "done": 1}


def test_an_idle_worker_that_dies_is_replaced(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        for _ in range(3):
            pid = (await pool.run(tasks.pid)).value
            os.kill(pid, signal.SIGKILL)
            await until(lambda pid=pid: not alive(pid))  # type: ignore[misc]
            assert (await pool.run(tasks.count)).value == 20

    within(small, test)


def test_memory_is_bounded(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        with pytest.raises(TooMuch, match="512 MB"):
            await pool.run(tasks.hoard)
        with pytest.raises(TooMuch, match="512 MB"):  # by the engine, which gives up
            await pool.run(tasks.query, f"SELECT * {{ {' '.join(f'?a{n} ?b{n} ?c{n} .' for n in range(7))} }} ORDER BY ?a1")
        assert (await pool.run(tasks.count)).value == 20

    assert within(small, test, size=1, memory=512 << 20).counts == {"memory": 2, "done": 1}


def test_answers_are_bounded(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        assert len((await pool.run(tasks.large, 1 << 23)).value) == 1 << 23
        with pytest.raises(TooMuch, match="16 MB"):
            await pool.run(tasks.large, 1 << 25)
        with pytest.raises(TooMuch, match="2 MB"):
            await pool.write(tasks.write, 3 << 20)
        assert (await pool.run(tasks.count)).value == 20

    assert within(small, test, size=1, body=2 << 20).counts == {"memory": 2, "done": 2}


@pytest.mark.parametrize("size", [0, 1000, 10_000_000])
def test_what_is_written_comes_in_pieces(small: Path, size: int) -> None:
    async def test(pool: WorkerPool) -> None:
        reply = await pool.write(tasks.write, size)
        assert reply.value == "written"
        assert reply.body is not None
        assert reply.body.size == size
        assert pool._limits is not None
        assert not list(pool._limits.spool.iterdir())  # a file without a name
        pieces = [piece async for piece in reply.body.chunks()]
        assert b"".join(pieces) == b"x" * size
        assert max(map(len, pieces)) <= 1 << 18

    within(small, test, size=1)


def test_answers_that_nobody_fetches_do_not_fill_the_disk(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        kept = [await pool.write(tasks.write, 1_000_000) for _ in range(9)]
        with pytest.raises(Busy, match="long answers"):
            await pool.write(tasks.write, 1000)
        assert (await pool.run(tasks.count)).value == 20
        kept.pop()
        assert (await pool.write(tasks.write, 1000)).value == "written"

    within(small, test, size=1, body=1_000_000)


def test_nothing_is_left_of_what_was_half_written(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        assert pool._limits is not None
        with pytest.raises(UnknownName):
            await pool.write(tasks.write_and, "raise")
        assert not list(pool._limits.spool.iterdir())
        with pytest.raises(TimedOut):
            await pool.write(tasks.write_and, "sleep", timeout=0.3)
        assert not list(pool._limits.spool.iterdir())

    within(small, test, size=1)


def test_work_for_somebody_who_left_is_killed(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        before = (await pool.run(tasks.pid)).value
        job = asyncio.ensure_future(pool.run(tasks.sleep, 60))
        await until(lambda: pool.running)
        waiting = asyncio.ensure_future(pool.run(tasks.sleep, 60))
        await until(lambda: pool.waiting)
        waiting.cancel()
        job.cancel()
        await asyncio.gather(job, waiting, return_exceptions=True)
        await until(lambda: not alive(before))
        assert (pool.running, pool.waiting) == (0, 0)
        assert (await pool.run(tasks.count)).value == 20

    assert within(small, test, size=1).counts == {"done": 2, "cancelled": 1}


async def as_client(name: str, work: Callable[[], Awaitable[Any]]) -> Any:
    CLIENT.set(name)
    return await work()


def test_one_client_never_has_all_workers(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        greedy = [asyncio.ensure_future(as_client("greedy", lambda: pool.run(tasks.sleep, 60))) for _ in range(8)]
        await until(lambda: pool.waiting == 7)
        for _ in range(5):
            assert (await as_client("other", lambda: pool.run(tasks.count))).value == 20
        assert pool.running == 1
        for job in greedy:
            job.cancel()
        await asyncio.gather(*greedy, return_exceptions=True)

    within(small, test)


def test_a_full_queue_sends_away(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        names = ["a"] * 3 + ["b"] * 3 + ["c"] * 3
        jobs = [asyncio.ensure_future(as_client(name, lambda: pool.run(tasks.sleep, 0.5))) for name in names]
        ended = await asyncio.gather(*jobs, return_exceptions=True)
        refused = [one for one in ended if isinstance(one, Busy)]
        assert len(refused) == 4  # two run, and one of each client waits
        assert all(error.retry_after and error.retry_after >= 1 for error in refused)
        with pytest.raises(Busy, match=r"0\.1 seconds"):
            pool._turns.patience = 0.1
            await asyncio.gather(*(as_client(name, lambda: pool.run(tasks.sleep, 1)) for name in "abc"))

    within(small, test, queue=4)


def test_turns_go_round() -> None:
    async def run() -> None:
        turns: Turns[str] = Turns(share=1, places=100, places_each=50, patience=5)
        order: list[str] = []

        async def one(client: str) -> None:
            thing = await turns.take(client)
            order.append(client)
            await asyncio.sleep(0)
            turns.idle.append(thing)
            turns.release(client)

        jobs = [asyncio.ensure_future(one(client)) for client in ["a"] * 5 + ["b"] * 2 + ["c"]]
        await asyncio.sleep(0)
        turns.give("worker")
        await asyncio.gather(*jobs)
        assert "".join(order) == "abcabaaa"
        assert not turns.holding
        assert not turns.waiting
        assert turns.idle

    asyncio.run(run())


def test_a_new_snapshot_comes_into_use_while_work_goes_on(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        long = asyncio.ensure_future(as_client("long", lambda: pool.run(tasks.sleep, 3)))
        await until(lambda: pool.running)
        made_by_hand(small, {"urn:g": A}, "f" * 16)
        seen: list[tuple[str, int]] = []
        while not seen or seen[-1][0] != "f" * 16:
            reply = await pool.run(tasks.count)
            seen.append((reply.snapshot, reply.value))
        assert set(seen) == {("0123456789abcdef", 20), ("f" * 16, 1)}
        assert seen == sorted(seen)
        assert (await long).snapshot == "0123456789abcdef"  # it ended in peace
        await until(lambda: {worker.snapshot for worker in pool._workers} == {"f" * 16} and pool.ready == 2)
        assert (await asyncio.gather(*(pool.run(tasks.identity) for _ in range(4))))[0].value == "f" * 16

    assert set(within(small, test).counts) == {"done"}


def test_the_same_snapshot_built_again_is_opened_again(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        before = {worker.pid for worker in pool._workers}
        made_by_hand(small, {"urn:g": A})
        await until(lambda: pool.ready == 2 and not before & {worker.pid for worker in pool._workers})
        assert (await pool.run(tasks.count)).value == 1

    within(small, test)


def test_a_snapshot_that_cannot_be_opened_changes_nothing(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        made_by_hand(small, {"urn:g": A}, "f" * 16)
        broken = snapshots.read(Settings(home=small), "f" * 16).folder / "store"
        for file in broken.iterdir():
            file.write_bytes(b"no store")
        await asyncio.sleep(2.5)
        reply = await pool.run(tasks.count)
        assert (reply.snapshot, reply.value) == ("0123456789abcdef", 20)
        assert pool.ready == 2

    within(small, test)


def test_a_disk_that_cannot_be_written_is_an_error(small: Path) -> None:
    async def test(pool: WorkerPool) -> None:
        assert pool._limits is not None
        pool._limits.spool.rmdir()
        with pytest.raises(StoreError, match="on disk"):
            await pool.write(tasks.write, 1_000_000)
        pool._limits.spool.mkdir()

    within(small, test, size=1)


def test_no_snapshot_is_an_error(tmp_path: Path) -> None:
    async def run() -> None:
        with pytest.raises(StoreError, match="seismic build"):
            await WorkerPool(Settings(home=tmp_path)).start()

    asyncio.run(run())
