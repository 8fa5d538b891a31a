"""What one submission may use."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbjudge.errors import CourseSetupError
from nbjudge.reasons import Reason
from nbjudge.reference import ReferenceRun, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAFE_SLOWNESS = 4.0
"""How much slower a machine is taken to be than that of the reference run, where its speed cannot be measured."""


@dataclass(frozen=True)
class Rule:
    """How a limit comes from what the reference took.

    Args:
        multiple: of what the reference took.
        least: the smallest limit.
    """

    multiple: float
    least: float

    def most(self, reference: float, factor: float = 1.0, *, slowest: float = 0.0) -> float:
        """The limit, where everything takes so many times longer than it took the reference.

        Args:
            reference: what the reference took.
            factor: how much longer everything takes.
            slowest: the most that right answers took.
        """
        return factor * max(self.least, self.multiple * reference, OF_SLOWEST * slowest)


TEST, OWN_CELL, OTHER_CELL, TOTAL = Rule(20, 3), Rule(10, 3), Rule(20, 10), Rule(15, 20)
"""Processor seconds of a test, of one of the course's own cells, of another cell (by the slowest), of everything."""

OF_SLOWEST = 5.0
"""So many times what the slowest right answers known took is allowed as well: loops where the reference has none."""

WALL, TOTAL_WALL = Rule(10, 30), Rule(10, 300)
"""Seconds, by the limit of processor seconds."""

MEMORY, TOTAL_MEMORY = Rule(4, 2 * 2**30), Rule(4, 3 * 2**30)
"""Bytes of one process and of all."""


@dataclass(frozen=True)
class Span:
    """How long one cell or test may take.

    Args:
        cpu: processor seconds.
        wall: seconds.
        part: of what is usual.
    """

    cpu: float
    wall: float
    part: float = 1.0

    def times(self, factor: float) -> Span:
        """So many times as long."""
        return Span(factor * self.cpu, factor * self.wall, factor * self.part)


@dataclass(frozen=True)
class Took:
    """Processor seconds of one cell or test.

    Args:
        reference: with the reference.
        slowest: the most with the slowest right answers known.
    """

    reference: float
    slowest: float


@dataclass(frozen=True)
class Bound:
    """One limit as it is told.

    Args:
        most: its value, in seconds, or in GiB of memory.
        origin: how it came about, for the record.
    """

    most: float
    origin: str


@dataclass(frozen=True)
class Limits:
    """How much one submission may use. Processor time decides; wall time is there for code that waits.

    What the course does not set comes from the reference run, if there is one: see `TEST` and the other rules.

    Args:
        cell_cpu: processor seconds of one cell.
        cell_wall: seconds of one cell.
        test_cpu: processor seconds of student code in one test cell.
        test_wall: seconds of one test cell.
        total_cpu: processor seconds of everything.
        total_wall: seconds of everything.
        memory: bytes of address space of one process, above what an empty one has.
        total_memory: bytes of memory of all processes.
        processes: processes and threads at one time.
        descriptors: open files of one process.
        disk: bytes of all files, in ``/tmp`` and in ``/dev/shm`` each.
        output: bytes of text that one cell may show.
        images: bytes of images that one cell may show.
        total_output: bytes of text that all cells together may show.
        total_images: bytes of images that all cells together may show.
        reference: what the reference took; with it, cells of the course and tests have limits of their own.
        given: the limits that the course set, which hold for all cells and tests.
        scale: factor on all limits of time and memory, for one student.
        slowness: factor on the limits of time that come from the reference, for a slower machine.
    """

    cell_cpu: float = 60.0
    cell_wall: float = 180.0
    test_cpu: float = 30.0
    test_wall: float = 90.0
    total_cpu: float = 300.0
    total_wall: float = 900.0
    memory: int = 2 * 2**30
    total_memory: int = 3 * 2**30
    processes: int = 64
    descriptors: int = 256
    disk: int = 128 * 2**20
    output: int = 200_000
    images: int = 8_000_000
    total_output: int = 800_000
    total_images: int = 32_000_000
    reference: ReferenceRun | None = None
    given: tuple[str, ...] = ()
    scale: float = 1.0
    slowness: float = 1.0

    @classmethod
    def of(cls, settings: dict[str, float], reference: ReferenceRun | None = None) -> Limits:
        """The limits of a course.

        Args:
            settings: those that it sets.
            reference: what the reference took, for the others.

        Raises:
            CourseSetupError: if a name is unknown or a value is no positive number.
        """
        names = [field.name for field in dataclasses.fields(cls) if field.name not in _BASIS]
        known: dict[str, type[float]] = {name: type(getattr(cls, name)) for name in names}
        for name, value in settings.items():
            if name not in known:
                raise CourseSetupError(f"there is no limit {name!r}; the limits are {', '.join(known)}.")
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise CourseSetupError(f"the limit {name} must be a positive number, not {value!r}.")
        given: dict[str, Any] = {name: known[name](value) for name, value in settings.items()}
        limits = cls(**given, reference=reference, given=tuple(sorted(given)))
        return dataclasses.replace(limits, **limits._measured(reference)) if reference else limits

    def of_cell(self, source: str) -> Span:
        """How long a cell with this source may take."""
        return self._span("cell", self._cell_took(source))

    def of_test(self, name: str) -> Span:
        """How long student code may take in the test cell of this name."""
        return self._span("test", self._test_took(name))

    def times(self, factor: float) -> Limits:
        """Larger limits of time and memory, for one student."""
        scaled = self._times(factor, (*_TIMES, *_MEMORIES))
        return dataclasses.replace(scaled, scale=factor * self.scale)

    def on_machine(self, workload: float | None) -> Limits:
        """Larger limits on a slower machine, as far as they come from the reference.

        Args:
            workload: seconds of the workload on this machine, None if that could not be measured.
        """
        if not self.reference:
            return self
        slowness = workload / self.reference.workload if workload else _SAFE_SLOWNESS
        slowness = max(1.0, slowness) / self.slowness
        slower = self._times(slowness, [name for name in self._measured(self.reference) if name in _TIMES])
        return dataclasses.replace(slower, slowness=slowness * self.slowness)

    def as_record(self) -> dict[str, Any]:
        """The limits as JSON data, without those of single cells and tests."""
        data = dataclasses.asdict(self)
        del data["reference"]
        return data

    def without_reference(self) -> Limits:
        """The same for the sandbox, where nobody needs to know what the reference took."""
        return dataclasses.replace(self, reference=None)

    def cell_bound(self, reason: Reason, source: str) -> Bound | None:
        """The limit that stopped a cell with this source, None if that was no limit of time or memory."""
        return self._bound(reason, "cell", self._cell_took(source))

    def test_bound(self, reason: Reason, name: str, span: Span) -> Bound | None:
        """The limit that stopped a test which was allowed a span, None if that was no limit of time or memory."""
        bound = self._bound(reason, "test", self._test_took(name))
        if bound and span.part != 1 and reason.is_overtime:
            return Bound(
                span.part * bound.most, f"{bound.origin}, times {span.part:g} as its function ran out of time before"
            )
        return bound

    @property
    def _factor(self) -> float:
        return self.scale * self.slowness

    def _cell_took(self, source: str) -> Took | None:
        """What one of the course's own cells took, None for another cell."""
        run, name = self.reference, digest_of(source)
        return Took(run.cells[name], run.slow_cells.get(name, 0.0)) if run and name in run.cells else None

    def _test_took(self, name: str) -> Took | None:
        run = self.reference
        return Took(run.tests[name], run.slow_tests.get(name, 0.0)) if run and name in run.tests else None

    def _measured(self, run: ReferenceRun) -> dict[str, Any]:
        """The limits of no single cell or test that come from the reference, on its machine."""
        own = {name: getattr(self, name) for name in self.given}
        total_cpu = TOTAL.most(run.seconds, slowest=sum(run.slow_tests.values()))
        found = {"cell_cpu": OTHER_CELL.most(run.slowest), "total_cpu": total_cpu}
        found["total_cpu"] = max(found["total_cpu"], *(own.get(name, 0.0) for name in ("cell_cpu", "test_cpu")))
        found["cell_wall"] = WALL.most((found | own)["cell_cpu"])
        found["total_wall"] = TOTAL_WALL.most((found | own)["total_cpu"])
        found["memory"] = int(MEMORY.most(run.memory))
        found["total_memory"] = int(TOTAL_MEMORY.most(run.memory))
        return {name: value for name, value in found.items() if name not in own}

    def _times(self, factor: float, names: Iterable[str]) -> Limits:
        return dataclasses.replace(
            self, **{name: type(getattr(self, name))(factor * getattr(self, name)) for name in names}
        )

    def _span(self, kind: str, took: Took | None) -> Span:
        """The limits of a cell or test that took so long."""
        cpu, wall = getattr(self, f"{kind}_cpu"), getattr(self, f"{kind}_wall")
        if took and f"{kind}_cpu" not in self.given:
            cpu = {"test": TEST, "cell": OWN_CELL}[kind].most(took.reference, self._factor, slowest=took.slowest)
        if took and f"{kind}_wall" not in self.given:
            wall = WALL.most(cpu / self._factor, self._factor)
        return Span(cpu, wall)

    def _bound(self, reason: Reason, kind: str, took: Took | None) -> Bound | None:
        span, run = self._span(kind, took), self.reference
        if reason.is_overtime:
            name, most = f"{kind}_{reason}", span.cpu if reason is Reason.CPU else span.wall
        elif reason.is_total:
            name, most = reason.value, getattr(self, reason)
        elif reason is Reason.MEMORY:
            name, most = "total_memory", self.total_memory / 2**30
        else:
            return None
        if name in self.given:
            origin = "set by the course"
        elif run is None or (kind == "test" and took is None and name.startswith("test")):
            origin = "the default"
        else:
            origin = self._rule_of(name, span, took, run)
            if self.slowness > 1 and name in _TIMES:
                origin += f", scaled by {self.slowness:.2g} for this machine"
        if self.scale != 1:
            origin += f", scaled by {self.scale:g} as asked for"
        return Bound(most, origin)

    def _rule_of(self, name: str, span: Span, took: Took | None, run: ReferenceRun) -> str:
        """The rule by which a limit came from the reference, in words."""
        rule, seconds, words = {
            "cell_cpu": (OWN_CELL, took.reference, _TOOK) if took else (OTHER_CELL, run.slowest, _SLOWEST),
            "test_cpu": (TEST, took.reference if took else 0.0, _TOOK),
            "cell_wall": (WALL, span.cpu / self._factor, _PROCESSOR),
            "test_wall": (WALL, span.cpu / self._factor, _PROCESSOR),
            "total_cpu": (TOTAL, run.seconds, _TOOK),
            "total_wall": (TOTAL_WALL, self.total_cpu / self._factor, _PROCESSOR),
            "total_memory": (TOTAL_MEMORY, run.memory / 2**30, _MEMORY),
        }[name]
        slowest = sum(run.slow_tests.values()) if name == "total_cpu" else took.slowest if took else 0.0
        if name.endswith("_cpu") and rule.most(seconds) < OF_SLOWEST * slowest:
            return f"{OF_SLOWEST:g} times {_RIGHT.format(slowest)}"
        least = rule.least / 2**30 if name == "total_memory" else rule.least
        if rule.multiple * seconds > least:
            return f"{rule.multiple:g} times {words.format(seconds)}"
        return f"the least, more than {rule.multiple:g} times {words.format(seconds)}"


_TIMES = ("cell_cpu", "cell_wall", "test_cpu", "test_wall", "total_cpu", "total_wall")
_MEMORIES = ("memory", "total_memory")
_BASIS = ("reference", "given", "scale", "slowness")

_TOOK = "the reference's {:.2g} s"
_RIGHT = "the {:.2g} s of the slowest right answers known"
_SLOWEST = "the {:.2g} s of the reference's slowest cell"
_PROCESSOR = "its {:.3g} s of processor time"
_MEMORY = "the reference's {:.2g} GiB"
