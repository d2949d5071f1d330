"""What the workers of ``./dev test`` told, added up."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path


class Told:
    """The lines that one worker has written, read as they come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read_up_to = 0

    def news(self) -> list[dict]:
        """Events since the last call; a line that is still being written waits for the next."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as lines:
            lines.seek(self.read_up_to)
            whole, _, _ = lines.read().rpartition(b"\n")
        self.read_up_to += len(whole) + 1 if whole else 0
        return [json.loads(line) for line in whole.splitlines()]


@dataclass
class Tally:
    """Counts as pytest counts, over all workers."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    run: int = 0
    collected: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    skips: list[tuple[str, str]] = field(default_factory=list)
    properties: list[list[str]] = field(default_factory=list)  # what tests recorded for readers
    seconds: dict[str, float] = field(default_factory=dict)
    at: dict[int, str] = field(default_factory=dict)  # the test each worker is in

    def add(self, worker: int, events: Iterable[dict]) -> list[str]:
        """Count events, and return the names of what failed in them."""
        before = len(self.failures)
        for event in events:
            if "collected" in event:
                self.collected = max(self.collected, event["collected"])
            elif "start" in event:
                self.at[worker] = event["start"]
                self.run += 1
            elif "seconds" in event:
                self.seconds[event["file"]] = event["seconds"]
            elif "properties" in event:
                self.properties += event["properties"]
            elif "broken" in event:
                self._broken(event["broken"], event["text"])
            else:
                self._test(event)
        return [name for name, _ in self.failures[before:]]

    def _broken(self, name: str, text: str) -> None:
        """A file that cannot be read fails in each worker, and counts once."""
        if name not in dict(self.failures):
            self.failures.append((name, text))
            self.failed += 1

    def _test(self, event: dict) -> None:
        if event["outcome"] == "failed":
            when = "" if event["when"] == "call" else f" ({event['when']})"
            self.failures.append((event["test"] + when, event["text"]))
            self.failed += 1
        elif event["outcome"] == "skipped":
            self.skips.append((event["test"], event["text"]))
            self.skipped += 1
        elif event["when"] == "call":
            self.passed += 1

    def closing(self) -> str:
        """The one line that programs read."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"
