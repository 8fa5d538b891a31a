"""What was handed in, as the folders of a course hold it."""

from __future__ import annotations

import glob
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory


def students_of(coursedir: CourseDirectory, step: str, assignment: str) -> list[str]:
    """The students with a folder in a directory of nbgrader, as far as chosen, whatever signs their names hold.

    Those whose folder may not be entered are among them, as nobody can see whether something lies there.

    Args:
        coursedir: its student pattern chooses.
        step: a directory, as ``submitted``.
        assignment: name of the assignment.
    """
    pattern = coursedir.format_path(step, coursedir.student_id, assignment)
    regular = re.compile(coursedir.format_path(step, "(?P<student>[^/]+)", assignment, escape=True))
    above, last = os.path.split(pattern)
    closed = {f"{folder}/{last}" for folder in glob.glob(above) if not os.access(folder, os.X_OK)}  # noqa: PTH207
    paths = {*glob.glob(pattern), *closed}  # noqa: PTH207, the pattern may be absolute
    found = [regular.fullmatch(path) for path in paths]
    excluded = (coursedir.student_id_exclude or "").split(",")
    return sorted(match["student"] for match in found if match and match["student"] not in excluded)
