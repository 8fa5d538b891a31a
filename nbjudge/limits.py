"""What one submission may use."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from nbjudge.errors import CourseSetupError


@dataclass(frozen=True)
class Limits:
    """How much one submission may use. Processor time decides; wall time is there for code that waits.

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
    """

    cell_cpu: float = 60
    cell_wall: float = 180
    test_cpu: float = 30
    test_wall: float = 90
    total_cpu: float = 300
    total_wall: float = 900
    memory: int = 2 * 2**30
    total_memory: int = 3 * 2**30
    processes: int = 64
    descriptors: int = 256
    disk: int = 128 * 2**20
    output: int = 200_000
    images: int = 8_000_000
    total_output: int = 800_000
    total_images: int = 32_000_000

    @classmethod
    def of(cls, settings: dict[str, float]) -> Limits:
        """The limits with some of them set.

        Raises:
            CourseSetupError: if a name is unknown or a value is no positive number.
        """
        known = {field.name: type(field.default) for field in dataclasses.fields(cls)}
        for name, value in settings.items():
            if name not in known:
                raise CourseSetupError(f"there is no limit {name!r}; the limits are {', '.join(known)}.")
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise CourseSetupError(f"the limit {name} must be a positive number, not {value!r}.")
        return cls(**{name: known[name](value) for name, value in settings.items()})

    def times(self, factor: float) -> Limits:
        """Larger limits of time and memory, for one student or one slow machine."""
        names = ("cell_cpu", "cell_wall", "test_cpu", "test_wall", "total_cpu", "total_wall", "memory", "total_memory")
        return dataclasses.replace(
            self, **{name: type(getattr(self, name))(factor * getattr(self, name)) for name in names}
        )
