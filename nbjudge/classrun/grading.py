"""Grade a class: workers grade side by side, one process writes the gradebook, a hand-in a transaction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any

from nbgrader.api import Gradebook

from nbjudge.classrun.handin import HandInGrading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbjudge.classrun.handin import HandIn


class ClassRun(HandInGrading):
    """Grades the hand-ins of an assignment.

    Args:
        jobs: how many are graded side by side.
        keywords: those of `HandInGrading`, as the arguments before them.
    """

    def __init__(self, *arguments: Any, jobs: int = 1, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._jobs = jobs

    def run(self, students: list[str]) -> Iterator[HandIn]:
        """Grade submissions and give each as it is saved, failed or found to be done.

        A submission that the machine may have stopped is graded once more at the end, with the machine to itself; that
        result counts. One that was replaced while it was graded is graded again, too.
        """
        again = []
        with Gradebook(self._coursedir.db_url, self._coursedir.course_id) as gradebook:
            executor = ThreadPoolExecutor(self._jobs)
            try:
                for future in as_completed([executor.submit(self._graded, student) for student in students]):
                    submission = future.result()
                    if submission.is_doubtful or not self._save_unless_replaced(gradebook, submission):
                        again.append(submission.student)
                    else:
                        yield submission.without_contents()
                for student in again:
                    submission = executor.submit(self._graded, student).result()
                    if not self._save_unless_replaced(gradebook, submission):
                        submission.problem = "it was replaced while it was graded, twice; the same command grades it."
                    yield submission.without_contents()
            finally:
                executor.shutdown(wait=False, cancel_futures=True)
                self.close()
                executor.shutdown()
