"""Several processes on one run of the ladder, for ``bench dunning --workers N``."""

import subprocess
import sys
import time

from benchmarks import harness

COMMAND = "from benchmarks import dunning_workers; dunning_workers.work()"


def share(workers: int) -> tuple[float, list[int]]:
    """Let so many processes do the day's run together: seconds, and batches done by each.

    The clock starts when all of them are ready, their registries loaded.
    """
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _worker in range(workers)
    ]
    for process in processes:
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("A worker did not start.")
    started = time.perf_counter()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    batches = [int(process.stdout.readline()) for process in processes]
    seconds = time.perf_counter() - started
    for process in processes:
        process.communicate()
    return seconds, batches


def work():
    """What one process does; its standard input says when."""
    from benchmarks.dunning import DAY  # it imports this module

    with harness.odoo_environment() as env:
        done = []
        batch_class = env.registry["dunning.run.batch"]
        process = batch_class._process

        def counting(batch):
            process(batch)
            done.append(batch.id)

        batch_class._process = counting
        print("ready", flush=True)
        sys.stdin.readline()
        env["dunning.run"]._run_day(env.company, DAY)
        print(len(done), flush=True)
