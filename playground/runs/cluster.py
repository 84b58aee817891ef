"""The app's own Dask cluster: `python -m playground.runs.cluster`, a process that ends when its standard input does.

It listens on the loopback interface only, with certificates made for this one time, which it writes to its standard
output together with the scheduler's address. Each worker is a process that computes one run at a time, and is replaced
when it dies.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

from playground.runs.work import keep_memory

CONFIG = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.profile.enabled": False,  # it would interrupt the work a hundred times a second
    "distributed.admin.tick.limit": "1h",  # importing torch holds up the worker's loop; no warning about that
    "distributed.admin.low-level-log-length": 100,
    "distributed.scheduler.allowed-failures": 3,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.nanny.http.routes": [],
}
PRELOAD = "PLAYGROUND_PRELOAD"  # names of modules with commas between them
MARGIN = 1.3  # over the memory that a run may have, before its process is killed
BRIEF = {"GOMP_SPINCOUNT": "3000", "KMP_BLOCKTIME": "0"}  # some 10 microseconds (GNU's OpenMP), 0 ms (LLVM's)


def environment(threads: int, *, crowded: bool = True) -> dict[str, str]:
    """The environment in which the processes that compute runs must start.

    Threads that wait for the next piece of work spin at first, because to be woken takes longer. Where runs are
    `crowded`, sharing cores, that is `BRIEF`: long spinning would starve the others.
    """
    count = {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    quiet = {"MALLOC_ARENA_MAX": "1", "DASK_LOGGING__DISTRIBUTED": "warning"}
    return {**count, **(BRIEF if crowded else {}), **quiet}


def dask_setup(worker: Any) -> None:
    """Called in each worker process before it takes work: loads the engine, so that the first run need not wait."""
    _yield_processor()
    keep_memory()
    for name in _preload():
        import_module(name)
    if not worker.state.total_resources.get("GPU"):
        _limit(int(worker.memory_manager.memory_limit / MARGIN))


def _preload() -> list[str]:
    return list(filter(None, os.environ.get(PRELOAD, "").split(",")))


def _yield_processor() -> None:
    """The server and the browser go first where they want the processor too.

    Linux takes a processor that runs only idle-class threads for a free one, so that others start on it at once;
    beside the lowest niceness they wait their turn (a changed knob was painted 0.2 s later).
    """
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    elif hasattr(os, "nice"):
        os.nice(19)


def _limit(memory: int) -> None:
    """Lets an allocation fail, which a run survives with a sentence, where it would take more than `memory` bytes."""
    with suppress(ImportError, OSError, AttributeError, ValueError):
        import resource

        with open("/proc/self/status") as file:
            size = re.search(r"VmData:\s+(\d+) kB", file.read())
        data_size = int(size[1]) << 10 if size else 0
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (data_size + memory, hard))


def gpus() -> int:
    """How many GPUs torch can use; torch is only loaded where there is a driver."""
    import ctypes

    count = ctypes.c_int(0)
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
            return 0
    except OSError:
        return 0
    from torch.version import cuda

    return count.value if cuda else 0


def _configure() -> None:
    """Settings of Dask, and where processes can be forked, one in reserve that has loaded the engine already.

    It loads that beside this process's own imports, and a worker that is replaced need not load it again.
    """
    import multiprocessing

    forks = "forkserver" in multiprocessing.get_all_start_methods()
    if forks:
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload(["distributed.nanny", *_preload()])
        forkserver.ensure_running()
    import dask

    inherited = {name: os.environ[name] for name in (*environment(1), PRELOAD) if name in os.environ}
    method = "forkserver" if forks else "spawn"
    own = {"distributed.nanny.pre-spawn-environ": inherited, "distributed.worker.multiprocessing-method": method}
    dask.config.set({**CONFIG, **own})


async def serve(workers: int, memory: int) -> None:
    """Runs the cluster until the standard input ends. `memory`: bytes for each run, 0 for an even share of most."""
    from distributed import Nanny, Scheduler, Security
    from distributed.system import MEMORY_LIMIT

    security = Security.temporary()
    local: dict[str, Any] = {"host": "127.0.0.1", "protocol": "tls", "security": security}
    local["dashboard_address"] = "127.0.0.1:0"
    scheduler = await Scheduler(**local, dashboard=False)
    pems = {name: text for name, text in security.get_tls_config_for_role("client").items() if text}
    print(json.dumps({"address": scheduler.address, **pems}), flush=True)
    limit = int(MARGIN * (memory or 0.8 * MEMORY_LIMIT / workers))
    gpu_count = gpus()
    nannies = []
    for index in range(workers):
        own: dict[str, Any] = {}
        if gpu_count:
            own = {"env": {"CUDA_VISIBLE_DEVICES": str(index % gpu_count)}, "resources": {"GPU": 1}}
        nannies.append(
            Nanny(scheduler.address, **local, nthreads=1, memory_limit=limit, preload=[__spec__.name], **own)
        )
    await asyncio.gather(*nannies)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    os._exit(0)  # the workers notice that and end as well; their runs can be resumed


def main(arguments: list[str] | None = None) -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="python -m playground.runs.cluster", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", type=int, default=0, help="megabytes for each run")
    options = parser.parse_args(arguments)
    _configure()
    asyncio.run(serve(options.workers, options.memory << 20))


if __name__ == "__main__":
    main()
