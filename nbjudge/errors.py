"""Errors that are sentences for the person who can act."""


class CourseSetupError(Exception):
    """The course is not ready to grade; the instructor can act."""


class SubmissionError(Exception):
    """A submission cannot be graded; the TA or the student can act.

    Args:
        student: who submitted it.
        assignment: what was submitted.
        reason: what happened and what to do, one sentence.
    """

    def __init__(self, student: str, assignment: str, reason: str) -> None:
        super().__init__(f"{student}, {assignment}: {reason}")
