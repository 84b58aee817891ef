"""From the server's process to a Dask cluster: the app's own, or the one whose address the environment names."""

from __future__ import annotations

import json
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from typing import Any

from playground.paths import ROOT
from playground.registry import ChoiceError
from playground.runs.cluster import PRELOAD, environment
from playground.runs.settings import Settings
from playground.runs.store import Store
from playground.runs.work import can_see

ADDRESS = "DASK_SCHEDULER_ADDRESS"
SECONDS = 30.0  # to wait for an answer


class Connection:
    """A client of the cluster; opening it takes seconds. Raises `ChoiceError`: one sentence on why there is none."""

    def __init__(self, store: Store, settings: Settings, engines: Iterable[str]) -> None:
        self.most = settings.runs_at_once
        self.process: subprocess.Popen[bytes] | None = None
        self.client: Any = None
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # pages of tracebacks when a cluster ends
        try:
            if os.environ.get(ADDRESS):
                self._join(os.environ[ADDRESS], store)
            else:
                self._begin(store, settings, engines)
            self.resources = {"GPU": 1} if self._gpus() else {}
        except BaseException:
            self.close()
            raise

    def _begin(self, store: Store, settings: Settings, engines: Iterable[str]) -> None:
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        command = [sys.executable, "-m", "playground.runs.cluster"]
        command += ["--workers", str(settings.runs_at_once), "--memory", str(settings.memory_megabytes)]
        surroundings = environment(settings.threads, crowded=settings.crowded)
        preload = ",".join(import_module(name).PRELOAD for name in engines)
        store.folder.mkdir(parents=True, exist_ok=True)
        with open(store.folder / "cluster.log", "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, start_new_session=True,
                env={**os.environ, **surroundings, PRELOAD: preload, "PYTHONPATH": path},
            )  # fmt: skip
        from distributed import Client, Security  # while the other process starts

        try:
            greeting = json.loads(self.process.stdout.readline() if self.process.stdout else "")
            safety = Security(
                tls_ca_file=greeting["ca_file"], tls_client_cert=greeting["cert"], tls_client_key=greeting["key"],
                require_encryption=True,
            )  # fmt: skip
            self.client = Client(greeting["address"], security=safety, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError) as problem:
            raise ChoiceError(
                "The processes that train cannot be started ({why}); {log} may tell why.",
                why=str(problem), log=str(store.folder / "cluster.log"),
            ) from None  # fmt: skip

    def _join(self, address: str, store: Store) -> None:
        from distributed import Client

        try:
            self.client = Client(address, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError) as problem:
            raise ChoiceError(
                "{name} is {address}, but no Dask scheduler answers there ({why}).",
                name=ADDRESS, address=address, why=str(problem),
            ) from None  # fmt: skip
        token = f".seen-{secrets.token_hex(8)}"
        store.folder.mkdir(parents=True, exist_ok=True)
        (store.folder / token).touch()
        try:
            answers = self.client.run(can_see, str(store.folder.resolve()), token, on_error="return")
        finally:
            (store.folder / token).unlink()
        for worker, answer in answers.items():
            if isinstance(answer, Exception):
                raise ChoiceError(
                    "The Dask worker {worker} cannot run this app's code ({why}): install it there.",
                    worker=worker, why=str(answer),
                )  # fmt: skip
            if not answer:
                raise ChoiceError(
                    "The Dask worker {worker} does not see the folder {folder}: have PLAYGROUND_STORE name one that it "
                    "shares with the server.",
                    worker=worker, folder=str(store.folder.resolve()),
                )  # fmt: skip

    def _gpus(self) -> bool:
        workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
        return any(worker["resources"].get("GPU") for worker in workers)

    def is_open(self) -> bool:
        """Whether the cluster is there."""
        return self.client.status == "running" and (self.process is None or self.process.poll() is None)

    def slots(self) -> int:
        """How many runs can go on at the same time at the moment."""
        workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
        if self.resources:
            return min(self.most, sum(int(worker["resources"].get("GPU", 0)) for worker in workers))
        return min(self.most, sum(worker["nthreads"] for worker in workers))

    def submit(self, name: str, function: Any, *arguments: Any) -> Any:
        """The future of a task; a task of the same name that runs already is shared."""
        return self.client.submit(function, *arguments, key=name, resources=self.resources or None, pure=False)

    def close(self) -> None:
        """Ends the own cluster, or the connection to the other one."""
        if self.client is not None:
            with suppress(Exception):  # the connection is not needed any more
                self.client.close(timeout=2)
        if self.process is not None:
            if self.process.stdin:
                self.process.stdin.close()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            if self.process.stdout:
                self.process.stdout.close()
