"""What one of nbgrader's preprocessors asks about the run that it is part of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import NbGraderPreprocessor


def course_directory(preprocessor: NbGraderPreprocessor) -> CourseDirectory:
    """The directories and the database of the course, known to the converter two levels above a preprocessor."""
    return preprocessor.parent.parent.coursedir


def submission_of(resources: dict[str, Any]) -> tuple[str, str, str]:
    """Student, assignment and notebook that a conversion is about."""
    names = resources["nbgrader"]
    return names["student"], names["assignment"], names["notebook"]
