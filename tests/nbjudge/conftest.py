"""What tests of the engine share, made once in each process of a run."""

import pytest

from tests.nbjudge import small_course, toy


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory):
    """The folder of the toy course."""
    return tmp_path_factory.mktemp("toy")


@pytest.fixture(scope="session")
def toy_workers(toy_folder):
    """The toy course, from which a test may start workers; its grader has a password and a key in a keyring."""
    toy.keep_key()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADEBOOK_PASSWORD", toy.ENVIRONMENT)
        with toy.workers(toy_folder) as workers:
            yield workers


@pytest.fixture(scope="session")
def started_workers():
    return []


@pytest.fixture
def worker(toy_workers, started_workers):
    """A worker that tests share; one that was ended is replaced, so that one failure is not that of all after it."""
    if not started_workers or started_workers[-1].has_ended:
        started_workers.append(toy_workers.start())
    return started_workers[-1]


@pytest.fixture(scope="session")
def released_small_course(tmp_path_factory):
    """A small course to copy, as making one takes seconds."""
    return small_course.make(tmp_path_factory.mktemp("small"))
