"""The exchange, where anybody may write anything: what is collected, whose it is, and what never comes along."""

import contextlib
import datetime as dt
import fcntl
import logging
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import threading
import time
import traceback
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import notebook_hash
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from nbjudge.classrun.grading import ClassRun
from nbjudge.exchange.intake import look, opened, take
from nbjudge.exchange.names import Name, Refused, checked_stamp, parse
from nbjudge.exchange.plugins import SafeCollect, SafeReleaseFeedback
from nbjudge.files import replace_folder, write_whole
from nbjudge.settings import NbJudge
from nbjudge.store.locks import submission_lock
from tests.nbjudge import small_course
from tests.nbjudge.small_course import ASSIGNMENT, NOTEBOOK, RIGHT, WRONG_MEAN

pytestmark = [pytest.mark.slow, pytest.mark.ordinary_user]

COURSE = "small"
CANARIES = {
    place: f"CANARY{number}{place}".encode() for number, place in enumerate(("source", "tests", "gradebook", "private"))
}
SECRET = "5ec2e7" * 21 + "00"
IS_ROOT = os.geteuid() == 0
ME = pwd.getpwuid(os.geteuid()).pw_name
HONEST = ["ada", "ben", "김철수"]
NEVER = 2**40

PLUGINS = """
from nbjudge.exchange.plugins import SafeCollect, SafeReleaseFeedback
from nbjudge.steps.feedback import FeedbackExporter, FeedbackPage, ShowGrades
c.Exchange.root = {root!r}
c.ExchangeFactory.collect = SafeCollect
c.ExchangeFactory.release_feedback = SafeReleaseFeedback
c.SafeCollect.students = "gradebook"
c.GenerateFeedback.exporter_class = FeedbackExporter
c.GenerateFeedback.preprocessors = [ShowGrades, FeedbackPage]
c.Autograde.pre_convert_hook = c.GenerateFeedback.pre_convert_hook = "hooks.note"
"""

HOOKS = """
import fcntl
from pathlib import Path

def note(*, assignment, student, notebooks):
    student = Path(notebooks[0]).parts[-3]
    with open(f".nbjudge/{assignment}/locks/{student}", "ab") as file, open("held.txt", "a") as told:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told.write(f"{Path(notebooks[0]).parts[-4]} held\\n")
        else:
            told.write(f"{Path(notebooks[0]).parts[-4]} free\\n")
"""


def now(seconds=0.0):
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)


def entry_of(student, when=None):
    """The name that nbgrader gives to the folder of a submission."""
    stamp = (when or now()).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    return f"{student}+{ASSIGNMENT}+{stamp}+{secrets.token_urlsafe(9)}"


def submit(entry, files, *, secret=SECRET, stamp=None, plant=lambda: None, mode=0o777):
    """Hand in as nbgrader does, in the present folder: the files, then date and secret, at last the permissions."""
    Path(entry).mkdir()
    for name, content in files.items():
        Path(entry, name).write_bytes(content)
    if stamp is not None:
        Path(entry, "timestamp.txt").write_bytes(stamp)
    if secret is not None:
        Path(entry, "submission_secret.txt").write_text(secret)
    here = os.open(".", os.O_PATH)  # others than its owner may not read it
    os.chdir(entry)
    plant()
    os.fchdir(here)
    os.close(here)
    Path(entry).chmod(mode)


def as_user(user, folder, act):
    """Do something in a folder as another user of the system, whose name need not exist."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.chdir(folder)
            if user is not None:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            act()
            status = 0
        except BaseException:  # noqa: BLE001, a child must not go on as the test
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


@dataclass(frozen=True)
class Attack:
    """What somebody puts into the exchange: as which student, and whether the rest of it may be collected."""

    plant: Callable[[str, Path], None]
    is_taken: bool = False
    names_student: bool = True
    stops_stock: bool = False
    leaks_stock: tuple = ()


def folder_with(plant, **keywords):
    """An attack by a submission with something in it that is no plain file."""
    return lambda student, course: submit(
        entry_of(student), {"notes.txt": b"notes"}, plant=lambda: plant(course), **keywords
    )


def hard_link(course):
    Path("kept.txt").write_text("mine")
    try:
        os.link(course / "private.txt", "linked.txt")
    except PermissionError:  # the system protects files of others from that
        os.link("kept.txt", "linked.txt")


def deep(_course):
    path = Path(*"abcdefgh")
    path.mkdir(parents=True)
    (path / "deep.txt").write_text("deep")


def many(_course):
    for number in range(300):
        Path(f"n{number}.txt").touch()


def named(entry):
    """An attack by the name of the folder."""
    return lambda student, course: submit(entry(student), {"notes.txt": b"notes"})


def plain(act):
    """An attack by something that is no folder."""
    return lambda student, course: act(entry_of(student), course)


ATTACKS = {
    "notebook_is_a_link": Attack(
        folder_with(
            lambda course: Path(f"{NOTEBOOK}.ipynb").symlink_to(course / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
        ),
        is_taken=True,
        leaks_stock=("source",),
    ),
    "link_to_tests": Attack(
        folder_with(lambda course: Path("a.txt").symlink_to(course / "answers.py")),
        is_taken=True,
        leaks_stock=("tests",),
    ),
    "link_to_gradebook": Attack(
        folder_with(lambda course: Path("b.txt").symlink_to(course / "gradebook.db")),
        is_taken=True,
        leaks_stock=("gradebook",),
    ),
    "link_to_private": Attack(
        folder_with(lambda course: Path("c.txt").symlink_to(course / "private.txt")),
        is_taken=True,
        leaks_stock=("private",),
    ),
    "folder_inside_is_a_link": Attack(
        folder_with(lambda course: Path("data").symlink_to(course / "source")), is_taken=True, leaks_stock=("source",)
    ),
    "folder_is_a_link": Attack(
        plain(lambda entry, course: Path(entry).symlink_to(course / "source" / ASSIGNMENT)), leaks_stock=("source",)
    ),
    "hard_link": Attack(folder_with(hard_link), is_taken=True),
    "secret_is_a_link": Attack(
        folder_with(lambda course: Path("submission_secret.txt").symlink_to(course / "private.txt"), secret=None),
        leaks_stock=("private",),
    ),
    "date_is_a_link": Attack(
        folder_with(lambda course: Path("timestamp.txt").symlink_to(course / "private.txt")),
        is_taken=True,
        leaks_stock=("private",),
    ),
    "link_to_endless_device": Attack(folder_with(lambda _: Path("zero.txt").symlink_to("/dev/zero")), is_taken=True),
    "huge_file": Attack(
        folder_with(lambda _: os.truncate(os.open("big", os.O_CREAT | os.O_WRONLY), NEVER)), is_taken=True
    ),
    "pipe_inside": Attack(folder_with(lambda _: os.mkfifo("pipe")), is_taken=True, stops_stock=True),
    "dangling_link_inside": Attack(
        folder_with(lambda _: Path("x").symlink_to("none")), is_taken=True, stops_stock=True
    ),
    "link_to_itself_inside": Attack(folder_with(lambda _: Path("x").symlink_to("x")), is_taken=True, stops_stock=True),
    "socket_inside": Attack(
        folder_with(lambda _: socket.socket(socket.AF_UNIX).bind("socket")), is_taken=True, stops_stock=True
    ),
    "name_of_file_acts": Attack(folder_with(lambda _: Path("x\x1b]0;title\x07\n").touch()), is_taken=True),
    "name_of_file_is_no_text": Attack(
        folder_with(lambda _: os.close(os.open(b"x\xff\xfe", os.O_CREAT))), is_taken=True
    ),
    "deep_folders": Attack(folder_with(deep), is_taken=True),
    "many_files": Attack(folder_with(many), is_taken=True),
    "date_is_a_folder": Attack(folder_with(lambda _: Path("timestamp.txt").mkdir()), is_taken=True),
    "plain_file": Attack(plain(lambda entry, _: Path(entry).write_text("x")), stops_stock=True),
    "pipe": Attack(plain(lambda entry, _: os.mkfifo(entry)), stops_stock=True),
    "dangling_link": Attack(plain(lambda entry, _: Path(entry).symlink_to("none")), stops_stock=True),
    "link_to_itself": Attack(plain(lambda entry, _: Path(entry).symlink_to(entry)), stops_stock=True),
    "closed_folder": Attack(folder_with(lambda _: None, mode=0), stops_stock=not IS_ROOT),
    "not_yet_complete": Attack(folder_with(lambda _: None, mode=0o755)),
    "no_secret": Attack(folder_with(lambda _: None, secret=None)),
    "empty_secret": Attack(folder_with(lambda _: None, secret="")),
    "secret_of_own_words": Attack(folder_with(lambda _: None, secret="x" * 128)),
    "secret_is_a_pipe": Attack(
        folder_with(lambda _: os.mkfifo("submission_secret.txt"), secret=None), stops_stock=True
    ),
    "date_is_garbage": Attack(folder_with(lambda _: None, stamp=b"garbage"), is_taken=True),
    "date_of_400_digits": Attack(folder_with(lambda _: None, stamp=b"9" * 400), is_taken=True),
    "date_is_no_text": Attack(folder_with(lambda _: None, stamp=b"\xff\xfe"), is_taken=True),
    "no_date": Attack(named(lambda student: f"{student}+{ASSIGNMENT}+"), stops_stock=True),
    "neither_date_nor_plus": Attack(named(lambda student: f"{student}+{ASSIGNMENT}")),
    "yesterday": Attack(named(lambda student: f"{student}+{ASSIGNMENT}+yesterday"), stops_stock=True),
    "long_date": Attack(named(lambda student: f"{student}+{ASSIGNMENT}+{'9' * 150}"), stops_stock=True),
    "star": Attack(named(lambda _: entry_of("*")), names_student=False),
    "brackets": Attack(named(lambda _: entry_of("[a-z]*")), names_student=False),
    "escape_sequence": Attack(named(lambda _: entry_of("\x1b]0;owned\x07\x1b[2J\nada")), names_student=False),
    "no_text": Attack(named(lambda _: os.fsdecode(b"\xff\xfe") + entry_of("x")), names_student=False),
    "dots": Attack(named(lambda _: entry_of("..")), names_student=False),
    "hidden_name": Attack(named(lambda _: entry_of(".ssh")), names_student=False),
    "no_name": Attack(named(lambda _: entry_of("")), names_student=False),
    "long_name": Attack(named(lambda _: entry_of("x" * 150)), names_student=False),
    "date_of_2099": Attack(
        named(lambda student: entry_of(student, dt.datetime(2099, 1, 1, tzinfo=dt.UTC))), is_taken=True
    ),
    "date_of_last_month": Attack(named(lambda student: entry_of(student, now(-30 * 86400))), is_taken=True),
}
"""Each is planted by another student, or as the user of the system that is to be harmed by it."""


@dataclass
class Course:
    """A course with an exchange, and what its commands told."""

    root: Path
    config: Config
    told: list = field(default_factory=list)

    @property
    def inbound(self):
        return self.root / "exchange" / COURSE / "inbound"

    @property
    def released(self):
        return self.root / "exchange" / COURSE / "feedback"

    def submitted(self, student):
        return self.root / "submitted" / student / ASSIGNMENT

    def coursedir(self, **keywords):
        return CourseDirectory(config=self.config, root=str(self.root), assignment_id=ASSIGNMENT, **keywords)

    def run(self, plugin, *, student="*", **keywords):
        """Run a plugin as nbgrader's command does; returns the lines that it told."""
        app = plugin(coursedir=self.coursedir(student_id=student), config=self.config, **keywords)
        app.log = logging.Logger("exchange")  # noqa: LOG001, of this run only
        app.log.addHandler(handler := Lines())
        app.start()
        return handler.lines

    def collect(self, plugin=SafeCollect, **keywords):
        return self.run(plugin, **keywords)

    def hand_in(self, student, files=None, *, user=None, when=None, **keywords):
        entry = entry_of(student, when)
        as_user(user, self.inbound, lambda: submit(entry, files or {"notes.txt": b"notes"}, **keywords))
        return entry

    def register(self, *students):
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", COURSE) as gradebook:
            for student in students:
                gradebook.update_or_create_student(student)


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def furnish(root):
    """Write what no student may see."""
    folder = root / "source" / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    for path, canary in (
        (folder / f"{NOTEBOOK}.ipynb", CANARIES["source"]),
        (root / "answers.py", CANARIES["tests"]),
        (root / "private.txt", CANARIES["private"]),
    ):
        with path.open("ab") as file:
            file.write(b"\n# " + canary)
    (root / "private.txt").chmod(0o600)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", COURSE) as gradebook:
        gradebook.update_or_create_student(CANARIES["gradebook"].decode())


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """A gradebook, made once, as that takes seconds."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", small_course.environment(path.parent)["PATH"])
        with Gradebook(f"sqlite:///{path}", COURSE) as made:
            made.add_assignment(ASSIGNMENT)
            made.add_notebook(NOTEBOOK, ASSIGNMENT)
    return path


@pytest.fixture
def course(tmp_path, gradebook):
    """A course whose students are those of the gradebook."""
    shutil.copy(gradebook, tmp_path)
    furnish(tmp_path)
    for name, mode in (("inbound", 0o2733), ("outbound", 0o755), ("feedback", 0o711)):
        folder = tmp_path / "exchange" / COURSE / name
        folder.mkdir(parents=True)
        folder.chmod(mode)
    config = Config()
    config.CourseDirectory.course_id = COURSE
    config.Exchange.root = str(tmp_path / "exchange")
    config.ExchangeFactory.collect = SafeCollect
    config.ExchangeFactory.release_feedback = SafeReleaseFeedback
    config.SafeCollect.students = "gradebook"
    made = Course(tmp_path, config)
    made.register(*HONEST)
    return made


def leaked(*folders):
    """The places whose canary lies in a file below folders."""
    found = set()
    for path in (path for folder in folders for path in folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            content = file.read(10**7)
        found |= {place for place, canary in CANARIES.items() if canary in content}
    return found


def attack(course, *names):
    """Plant attacks, each by a student and a user of the system of its own."""
    course.register(*(name for name in names if ATTACKS[name].names_student))
    for number, name in enumerate(names):
        as_user(
            54321 + number if IS_ROOT else None,
            course.inbound,
            lambda name=name: ATTACKS[name].plant(name, course.root),
        )


def hand_in_honestly(course):
    """Three students hand in; those of this machine are told apart by their users."""
    for number, student in enumerate(HONEST):
        course.hand_in(student, {f"{NOTEBOOK}.ipynb": student.encode()}, user=54300 + number if IS_ROOT else None)


def assert_honest_are_collected(course):
    for student in HONEST:
        assert (course.submitted(student) / f"{NOTEBOOK}.ipynb").read_bytes() == student.encode()


def test_all_attacks_at_once_stop_nobody_and_bring_nothing_along(course):
    attack(course, *ATTACKS)
    hand_in_honestly(course)
    told = course.collect()
    assert_honest_are_collected(course)
    assert not leaked(course.root / "submitted")
    assert all(line.isprintable() and len(line) < 1000 for line in told)
    refused = [line for line in told if "was passed over" in line]
    assert len(refused) == sum(not one.is_taken for one in ATTACKS.values())
    for name, one in ATTACKS.items():
        assert course.submitted(name).is_dir() == one.is_taken
        if one.names_student and not one.is_taken:
            assert [line for line in refused if f"'{name}+" in line]
    collected = {path.parent.name for path in (course.root / "submitted").glob("*/*")}
    assert collected == {*HONEST, *(name for name, one in ATTACKS.items() if one.is_taken)}


@pytest.mark.parametrize("name", [name for name, one in ATTACKS.items() if one.is_taken])
def test_what_is_collected_of_an_attack_is_plain(course, name):
    attack(course, name)
    course.collect()
    folder = course.submitted(name)
    for path in folder.rglob("*"):
        assert (path.is_file() or path.is_dir()) and not path.is_symlink()
    assert (folder / "submission_secret.txt").read_text() == SECRET
    stamp = dt.datetime.strptime((folder / "timestamp.txt").read_text(), "%Y-%m-%d %H:%M:%S.%f UTC").replace(
        tzinfo=dt.UTC
    )
    assert abs(stamp - now()) < dt.timedelta(minutes=20)
    assert name == "many_files" or (folder / "notes.txt").read_bytes() == b"notes"


@pytest.mark.parametrize("name", [name for name, one in ATTACKS.items() if one.leaks_stock])
def test_the_search_for_leaks_finds_those_of_nbgraders_own_collect(course, name):
    attack(course, name)
    course.collect(ExchangeCollect, check_owner=False)
    assert leaked(course.root / "submitted") >= set(ATTACKS[name].leaks_stock)


@pytest.mark.parametrize("name", [name for name, one in ATTACKS.items() if one.stops_stock])
def test_nbgraders_own_collect_ends_where_ours_goes_on(course, name):
    attack(course, name)
    with pytest.raises(BaseException):  # noqa: B017, PT011, in many ways
        course.collect(ExchangeCollect)


def logins(number):
    """Users of the system, to hand in as."""
    return (
        [user for user in pwd.getpwall() if 0 < user.pw_uid < 500][:number] if IS_ROOT else [pwd.getpwuid(os.getuid())]
    )


def user_of(login):
    return login.pw_uid if IS_ROOT else None


def test_a_submission_is_its_owners(course):
    course.config.SafeCollect.students = "owner"
    those = logins(3)
    for login in those:
        course.hand_in(login.pw_name, user=user_of(login))
    course.hand_in(those[0].pw_name, {"notes.txt": b"later"}, user=54321 if IS_ROOT else None, secret="ab" * 64)
    forged = course.hand_in("nobody-else", user=user_of(those[-1]))
    told = course.collect()
    for login in those:
        assert (course.submitted(login.pw_name) / "notes.txt").exists()
    assert not course.submitted("nobody-else").exists()
    assert [line for line in told if forged in line and f"belongs to {those[-1].pw_name}, not to nobody-else" in line]
    if IS_ROOT:
        assert (course.submitted(those[0].pw_name) / "notes.txt").read_bytes() == b"notes"
        assert [line for line in told if "belongs to user 54321" in line]


def test_a_file_that_somebody_else_put_into_a_submission_is_left_out(course):
    course.config.SafeCollect.students = "owner"
    login = logins(1)[0]
    entry = course.hand_in(login.pw_name, {"a.txt": b"a", "notes.txt": b"mine"}, user=user_of(login))

    def intrude():
        Path(entry, "notes.txt").rename(Path(entry, "old.txt"))
        Path(entry, "notes.txt").write_text("theirs")

    as_user(54321 if IS_ROOT else None, course.inbound, intrude)
    told = course.collect()
    taken = {path.name for path in course.submitted(login.pw_name).iterdir()}
    if IS_ROOT:
        assert "notes.txt" not in taken and "old.txt" in taken
        assert f"{login.pw_name}: notes.txt was left out: it belongs to somebody else." in told
    else:
        assert "notes.txt" in taken


def test_students_of_the_gradebook_may_hand_in_whoever_owns_it_and_that_is_said(course):
    course.hand_in("ada")
    course.hand_in("stranger")
    told = course.collect()
    assert course.submitted("ada").is_dir() and not course.submitted("stranger").exists()
    assert [line for line in told if "the gradebook has no student stranger" in line]
    assert [line for line in told if "Owners of submissions are not compared" in line]


def test_owners_are_not_compared_where_nbgraders_own_option_says_so(course):
    course.config.SafeCollect.students = "owner"
    course.config.ExchangeCollect.check_owner = False
    course.hand_in("stranger")
    told = course.collect()
    assert course.submitted("stranger").is_dir()
    assert [line for line in told if "Owners of submissions are not compared" in line]


@pytest.mark.parametrize("days", [365 * 70, 0, -30, -3000])
def test_the_attempt_that_arrived_last_counts_whatever_dates_they_bear(course, days):
    course.hand_in("ada", {"notes.txt": b"first"}, when=now(days * 86400), secret="aa" * 64)
    course.collect()
    course.hand_in("ada", {"notes.txt": b"second"}, secret="bb" * 64)
    course.collect(update=True)
    assert (course.submitted("ada") / "notes.txt").read_bytes() == b"second"
    time.sleep(0.05)
    course.hand_in("ada", {"notes.txt": b"third"}, when=now(-30 * 86400), secret="cc" * 64)
    told = course.collect(update=True)
    assert (course.submitted("ada") / "notes.txt").read_bytes() == b"third"
    assert [line for line in told if line.startswith("ada: dated") and "which counts" in line]
    assert len([line for line in course.collect(update=True) if "No newer submission" in line]) == 1


def test_a_date_of_2099_that_was_collected_before_blocks_nothing(course):
    course.hand_in("ada")
    course.collect()
    (course.submitted("ada") / "timestamp.txt").write_text("2099-01-01 00:00:00 UTC")
    course.hand_in("ada", {"notes.txt": b"second"})
    course.collect(update=True)
    assert (course.submitted("ada") / "notes.txt").read_bytes() == b"second"


def test_what_is_changed_in_place_after_the_due_date_is_late(course):
    due = now(-10 * 86400).replace(tzinfo=None)
    claimed, changed = due - dt.timedelta(seconds=1), int(now().timestamp() * 10**9)
    assert checked_stamp(claimed, changed, tolerance=120) > due
    entry = course.hand_in("ada")
    earlier = look_at(course, entry).changed
    time.sleep(0.05)
    as_user(None, course.inbound, lambda: Path(entry, "notes.txt").write_text("after the due date"))
    with opened(course.inbound) as inbound:
        attempt, found = take(inbound, look_at(course, entry), most_bytes=10**6)
    assert attempt.changed == earlier < found.changed


def look_at(course, entry):
    with opened(course.inbound) as inbound:
        return look(inbound, parse(entry, ASSIGNMENT))


def test_nbgraders_own_options_choose_the_attempt(course):
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}", COURSE) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=now(1).replace(tzinfo=None).isoformat(" "))
    course.hand_in("ada", {"notes.txt": b"in time"}, secret="aa" * 64)
    course.hand_in("ben", {"notes.txt": b"in time"}, secret="aa" * 64)
    time.sleep(1.1)
    course.hand_in("ada", {"notes.txt": b"late"}, secret="bb" * 64)
    course.hand_in("김철수", {"notes.txt": b"late"}, secret="bb" * 64)
    course.collect(student="b*")
    assert [path.name for path in (course.root / "submitted").iterdir()] == ["ben"]
    course.collect(before_duedate=True)
    notes = {path.parts[-3]: path.read_bytes() for path in (course.root / "submitted").glob("*/*/notes.txt")}
    assert notes == {"ada": b"in time", "ben": b"in time", "김철수": b"late"}
    told = course.collect()
    assert len([line for line in told if "use --update" in line]) == 3
    course.collect(update=True)
    assert (course.submitted("ada") / "notes.txt").read_bytes() == b"late"
    course.collect(before_duedate=True)
    assert (course.submitted("ada") / "notes.txt").read_bytes() == b"in time"


def test_the_limits_of_the_course_on_names_and_sizes_hold(course):
    course.config.CourseDirectory.include = ["*.txt"]
    course.config.CourseDirectory.ignore = ["scratch*"]
    course.config.CourseDirectory.max_file_size = 1
    course.hand_in("ada", {"notes.txt": b"n", "other.csv": b"o", "scratch.txt": b"s", "large.txt": b"l" * 1001})
    course.collect()
    assert {path.name for path in course.submitted("ada").iterdir()} == {
        "notes.txt",
        "submission_secret.txt",
        "timestamp.txt",
    }
    course.config.CourseDirectory.max_dir_size = 1
    course.hand_in("ben", {f"{number}.txt": b"b" * 600 for number in range(2)})
    assert [line for line in course.collect() if "holds more than 1 kB" in line]


def test_a_course_that_is_shared_by_a_group_stays_so(course):
    course.config.CourseDirectory.groupshared = True
    course.hand_in("ada", plant=lambda: submit("inner", {"a.txt": b"a"}))
    course.collect()
    modes = {path.name: path.stat().st_mode & 0o7777 for path in course.root.glob("submitted/ada/**/*")}
    assert modes[ASSIGNMENT] == modes["inner"] == 0o2770 and modes["notes.txt"] == modes["a.txt"] == 0o660


def test_what_is_written_slowly_is_never_taken_early(course):
    entry = entry_of("ada")
    steps = [
        lambda: (course.inbound / entry).mkdir(),
        lambda: (course.inbound / entry / f"{NOTEBOOK}.ipynb").write_text("half"),
        lambda: (course.inbound / entry / f"{NOTEBOOK}.ipynb").write_text("half, whole"),
        lambda: (course.inbound / entry / "submission_secret.txt").touch(),
        lambda: (course.inbound / entry / "submission_secret.txt").write_text(SECRET[:100]),
        lambda: (course.inbound / entry / "submission_secret.txt").write_text(SECRET),
    ]
    for step in steps:
        step()
        told = course.collect()
        assert not course.submitted("ada").exists()
        assert len([line for line in told if entry in line and "it is not complete" in line]) == 1
    (course.inbound / entry).chmod(0o777)
    course.collect()
    assert (course.submitted("ada") / f"{NOTEBOOK}.ipynb").read_text() == "half, whole"


def test_while_an_attempt_is_written_the_one_before_it_is_taken(course):
    course.hand_in("ada", {"notes.txt": b"whole"})
    course.hand_in("ada", {"notes.txt": b"half"}, mode=0o755)
    course.collect()
    assert (course.submitted("ada") / "notes.txt").read_bytes() == b"whole"


TRIES = 1000


@pytest.mark.proof
@pytest.mark.parametrize("place", ["", "inner", "notes.txt"])
def test_what_is_swapped_for_a_link_or_a_pipe_while_it_is_read_lets_nothing_in(course, place):
    def plant():
        submit("inner", {"c.txt": b"c"})

    entry = course.hand_in("ada", {"notes.txt": b"notes", "b.txt": b"b"}, plant=plant)
    swapped = course.inbound / entry / place
    target = course.root / ("private.txt" if place == "notes.txt" else "source")
    secret = target if target.is_dir() else None
    if secret:
        (secret / "submission_secret.txt").write_text(SECRET)
        secret.chmod(0o777)
    honest, link, pipe = (course.inbound / name for name in ("h", "l", "p"))
    link.symlink_to(target)
    os.mkfifo(pipe)
    done = threading.Event()

    def swap():
        while not done.is_set():
            for other in (link, pipe):
                swapped.rename(honest)
                other.rename(swapped)
                swapped.rename(other)
                honest.rename(swapped)

    swapper = threading.Thread(target=swap)
    swapper.start()
    name, wholes = parse(entry, ASSIGNMENT), 0
    with opened(course.inbound) as inbound:
        try:
            for _ in range(TRIES):
                with contextlib.suppress(Refused):
                    files = take(inbound, look(inbound, name), most_bytes=10**6)[1].files
                    assert set(files.values()) <= {b"notes", b"b", b"c"}
                    wholes += len(files) == 3
        finally:
            done.set()
            swapper.join()
        assert wholes < TRIES  # it was swapped meanwhile
        assert len(take(inbound, look(inbound, name), most_bytes=10**6)[1].files) == 3


@pytest.mark.proof
def test_a_reader_never_meets_half_a_submission(course):
    def whole(letter):
        return {f"{number}.txt": letter * 1000 for number in range(40)}

    coursedir, folder, seen = course.coursedir(), course.submitted("ada"), set()
    replace_folder(folder, whole(b"a"))
    done = threading.Event()

    def read():
        while not done.is_set():
            with submission_lock(coursedir, ASSIGNMENT, "ada"):
                seen.add((len(list(folder.iterdir())), len({path.read_bytes() for path in folder.iterdir()})))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        with submission_lock(coursedir, ASSIGNMENT, "ada"):
            replace_folder(folder, whole(b"ab"[number % 2 : number % 2 + 1]))
    done.set()
    reader.join()
    assert seen == {(40, 1)}
    assert [path.name for path in folder.parent.iterdir()] == [ASSIGNMENT]


def test_a_folder_that_cannot_be_written_leaves_the_one_before(course):
    folder = course.submitted("ada")
    replace_folder(folder, {"notes.txt": b"before"})
    with pytest.raises(OSError, match="File too large"), small_files():
        replace_folder(folder, {"notes.txt": b"after", "large.txt": b"x" * 6_000_000})
    assert (folder / "notes.txt").read_bytes() == b"before"
    assert [path.name for path in folder.parent.iterdir()] == [ASSIGNMENT]


@contextlib.contextmanager
def small_files():
    """Have every file end at 5 MB, as a full disk would end it."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_submission_that_cannot_be_stored_is_told_and_the_others_are_collected(course):
    course.hand_in("ada", {"notes.txt": b"x" * 6_000_000})
    course.hand_in("ben")
    lines = Lines()
    app = SafeCollect(coursedir=course.coursedir(), config=course.config)
    app.log = logging.Logger("exchange")  # noqa: LOG001, of this run only
    app.log.addHandler(lines)
    with pytest.raises(Exception, match="1 submissions could not be stored"), small_files():
        app.start()
    assert [line for line in lines.lines if line.startswith("ada: the submission could not be stored")]
    assert course.submitted("ben").is_dir() and not course.submitted("ada").exists()


def test_a_lock_keeps_other_processes_out_and_leaves_nothing_open(course):
    coursedir = course.coursedir()
    before = open_descriptors()
    with submission_lock(coursedir, ASSIGNMENT, "ada"):
        assert not is_free(course, "ada")
        with submission_lock(coursedir, ASSIGNMENT, "ben"):
            pass
        sleeper = subprocess.Popen(["/bin/sleep", "60"], close_fds=False)
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
    try:
        assert is_free(course, "ada")
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        sleeper.kill()
        sleeper.wait()
    for _ in range(1000):
        with submission_lock(coursedir, ASSIGNMENT, "ada"):
            pass
    assert open_descriptors() == before
    assert locks(course) == ["ada", "ben"]


def locks(course):
    return sorted(path.name for path in (course.root / ".nbjudge" / ASSIGNMENT / "locks").iterdir())


def is_free(course, student):
    """Whether nobody works on a submission."""
    with (course.root / ".nbjudge" / ASSIGNMENT / "locks" / student).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def open_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def graded_course(tmp_path):
    """A course that is released, with an exchange."""
    root = tmp_path / "course"
    (tmp_path / "course" / "exchange").mkdir(parents=True)
    small_course.make(root, PLUGINS.format(root=str(root / "exchange")))
    (root / "exchange").chmod(0o777)
    (root / "hooks.py").write_text(HOOKS)
    small_course.run(root, "nbgrader", "release_assignment", ASSIGNMENT)
    config = PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()
    made = Course(root, config)
    made.register(*HONEST, ME)
    return made


def notebook_with(course, answers):
    """The content of a notebook, as a student hands it in."""
    made = small_course.hand_in(course.root, "scratch", answers)
    content = made.read_bytes()
    shutil.rmtree(made.parents[1])
    return content


def hand_in_answers(course, student, answers, **keywords):
    return course.hand_in(student, {f"{NOTEBOOK}.ipynb": notebook_with(course, answers)}, **keywords)


def class_run(course, kind=ClassRun):
    settings, coursedir = NbJudge(config=course.config), course.coursedir()
    return kind(coursedir, settings, ASSIGNMENT, penalties=AssignLatePenalties(config=course.config))


@pytest.mark.proof
@pytest.mark.sandbox
def test_a_run_lets_go_of_what_it_has_saved(graded_course):
    """The files of one submission and its graded notebook can come to 150 MB."""

    class Watched(ClassRun):
        def _graded(self, student):
            submission = super()._graded(student)
            held.append(weakref.ref(submission))
            return submission

    held = []
    students = ["ada", "ben", "cho", "dae"]
    for student in students:
        small_course.hand_in(graded_course.root, student)
    run = class_run(graded_course, Watched).run(students)
    done = [next(run) for _ in students]
    assert sum(one() is not None for one in held) < 2
    assert not any(one.tasks or one.companions.files or one.graded[NOTEBOOK].text for one in done)
    assert list(run) == []


@pytest.mark.proof
@pytest.mark.sandbox
def test_what_is_collected_while_its_former_attempt_is_graded_is_what_counts(graded_course):
    class Overtaken(ClassRun):
        """A run during which the student hands in again."""

        def _grade(self, task):
            if not newer:
                newer.append(hand_in_answers(graded_course, "ada", RIGHT, secret="bb" * 64))
                graded_course.collect(update=True)
            return super()._grade(task)

        def _write_folder(self, submission):
            held.append(not is_free(graded_course, "ada"))
            super()._write_folder(submission)

    newer, held = [], []
    hand_in_answers(graded_course, "ada", WRONG_MEAN)
    graded_course.collect()
    done = list(class_run(graded_course, Overtaken).run(["ada"]))
    assert [one.problem for one in done] == [""] and held == [True]
    assert small_course.points(graded_course.root) == {"ada": (2, 3)}
    secret = graded_course.root / "autograded" / "ada" / ASSIGNMENT / "submission_secret.txt"
    assert secret.read_text() == "bb" * 64
    assert [one.is_done for one in class_run(graded_course).run(["ada"])] == [True]


@pytest.mark.proof
@pytest.mark.sandbox
def test_collecting_grading_and_feedback_side_by_side_fail_nowhere(graded_course):
    root = graded_course.root

    def start(*words):
        return subprocess.Popen(
            small_course.command(*words),
            cwd=root,
            env=small_course.environment(root),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    for student in HONEST:
        hand_in_answers(graded_course, student, WRONG_MEAN)
    graded_course.collect()
    small_course.run(root, "nbjudge", "autograde", ASSIGNMENT)
    commands = [
        start("nbjudge", "autograde", ASSIGNMENT, "--force", "--jobs=2"),
        start("nbgrader", "autograde", ASSIGNMENT, "--force"),
        start("nbjudge", "feedback", ASSIGNMENT),
    ]
    for student in HONEST:
        time.sleep(3)
        hand_in_answers(graded_course, student, RIGHT, secret=secrets.token_hex(64))
        graded_course.collect(update=True)
    told = {" ".join(command.args[2:]): (command.wait(), command.stdout.read()) for command in commands}
    assert all(status == 0 for status, _ in told.values()), told
    small_course.run(root, "nbjudge", "autograde", ASSIGNMENT)
    assert small_course.points(root) == dict.fromkeys(HONEST, (2, 3))
    small_course.run(root, "nbjudge", "feedback", ASSIGNMENT)
    for student in HONEST:
        places = {(root / step / student / ASSIGNMENT / "submission_secret.txt").read_text() for step in STEPS}
        assert len(places) == 1
    assert not [path for step in STEPS for path in (root / step).glob("*/.*")]
    assert locks(graded_course) == sorted(HONEST)
    assert set((root / "held.txt").read_text().splitlines()) == {"submitted held", "autograded held"}


@pytest.mark.proof
@pytest.mark.sandbox
def test_a_submission_that_is_replaced_again_and_again_ends_a_run_all_the_same(graded_course):
    class Overtaken(ClassRun):
        """A run during which the student hands in whenever something of theirs is graded."""

        def _grade(self, task):
            hand_in_answers(graded_course, "ada", RIGHT, secret=secrets.token_hex(64))
            graded_course.collect(update=True)
            return super()._grade(task)

    hand_in_answers(graded_course, "ada", WRONG_MEAN)
    graded_course.collect()
    assert ["replaced" in one.problem for one in class_run(graded_course, Overtaken).run(["ada"])] == [True]
    assert small_course.points(graded_course.root) == {}


STEPS = ("submitted", "autograded", "feedback")


# Feedback


def write_page(course, student, *, secret=SECRET, page=b"<html>page</html>"):
    folder = course.root / "feedback" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-01-01 12:00:00 UTC")
    if secret is not None:
        (folder / "submission_secret.txt").write_text(secret)
    if page is not None:
        (folder / f"{NOTEBOOK}.html").write_bytes(page)
    return folder


def released_page(course, secret=SECRET):
    return course.released / f"{notebook_hash(secret=secret, notebook_id=NOTEBOOK)}.html"


WITHOUT = {
    "no_secret": {"secret": None},
    "empty_secret": {"secret": ""},
    "own_secret": {"secret": "x" * 128},
    "no_page": {"page": None},
}


def test_pages_are_released_and_whoever_has_none_is_one_line(course):
    for student, keywords in WITHOUT.items():
        write_page(course, student, **keywords)
    write_page(course, "ada")
    linked = write_page(course, "linked", secret="ab" * 64, page=None)
    (linked / f"{NOTEBOOK}.html").symlink_to(course.root / "private.txt")
    (linked / "own.html").write_text("a page of the student's own")
    told = course.run(SafeReleaseFeedback)
    assert released_page(course).read_bytes() == b"<html>page</html>"
    assert released_page(course).stat().st_mode & 0o777 == 0o644
    assert list(course.released.iterdir()) == [released_page(course)]
    for student in (*WITHOUT, "linked"):
        assert len([line for line in told if line.startswith(f"{student}: no feedback was released")]) == 1


@pytest.mark.parametrize("name", ["no_secret", "empty_secret"])
def test_nbgraders_own_release_ends_where_ours_goes_on(course, name):
    write_page(course, name, **WITHOUT[name])
    with pytest.raises((OSError, AssertionError)):
        course.run(ExchangeReleaseFeedback)


def test_nbgraders_own_options_choose_the_pages(course):
    for student, secret in (("ada", "aa" * 64), ("ben", "bb" * 64), ("cho", "cc" * 64)):
        write_page(course, student, secret=secret)
    course.run(SafeReleaseFeedback, student="b*")
    assert list(course.released.iterdir()) == [released_page(course, "bb" * 64)]
    course.config.CourseDirectory.student_id_exclude = "cho"
    course.run(SafeReleaseFeedback)
    assert set(course.released.iterdir()) == {released_page(course, pair * 64) for pair in ("aa", "bb")}


def test_a_full_exchange_holds_no_part_of_a_page_and_the_others_come_through(course):
    write_page(course, "ada", page=b"x" * 6_000_000)
    write_page(course, "ben", secret="bb" * 64)
    with pytest.raises(Exception, match="Feedback of 1 students could not be released"), small_files():
        course.run(SafeReleaseFeedback)
    assert list(course.released.iterdir()) == [released_page(course, "bb" * 64)]
    course.run(SafeReleaseFeedback)
    assert released_page(course).stat().st_size == 6_000_000


def test_a_page_is_replaced_as_a_whole(course):
    page = released_page(course)
    write_whole(page, b"before", mode=0o644)
    with pytest.raises(OSError, match="File too large"), small_files():
        write_whole(page, b"x" * 6_000_000)
    assert page.read_bytes() == b"before" and list(course.released.iterdir()) == [page]


# All of it


def test_the_formgraders_buttons_are_as_safe(course):
    attack(course, *ATTACKS)
    hand_in_honestly(course)
    write_page(course, "no_secret", secret=None)
    write_page(course, "ada")
    api = NbGraderAPI(course.coursedir(), config=course.config)
    collected = api.collect(ASSIGNMENT)
    assert collected["success"], collected
    assert_honest_are_collected(course)
    assert not leaked(course.root / "submitted")
    assert api.release_feedback(ASSIGNMENT, "ada")["success"]
    released = api.release_feedback(ASSIGNMENT)
    assert released["success"] and "no_secret: no feedback was released" in released["log"]
    assert list(course.released.iterdir()) == [released_page(course)]


@pytest.mark.proof
@pytest.mark.sandbox
def test_a_class_with_attackers_is_collected_graded_and_gets_its_feedback(graded_course):
    course, root = graded_course, graded_course.root
    furnish(root)
    attack(course, *ATTACKS)
    for number, student in enumerate(HONEST):
        hand_in_answers(course, student, RIGHT, user=54300 + number if IS_ROOT else None, secret=f"a{number}" * 64)
    hand_in_answers(course, "date_is_garbage", RIGHT, stamp=b"9" * 400, secret="dd" * 64)
    for words in (["fetch_assignment"], ["submit"]):
        small_course.run(root, "nbgrader", *words, ASSIGNMENT, "--course", COURSE, "--Exchange.assignment_dir=home")
    small_course.run(root, "nbgrader", "collect", ASSIGNMENT)
    small_course.run(root, "nbjudge", "autograde", ASSIGNMENT, "--jobs=2", status=1)
    points = small_course.points(root)
    assert {student: points[student] for student in (*HONEST, "date_is_garbage", ME)} == {
        **dict.fromkeys(HONEST, (2, 3)),
        "date_is_garbage": (2, 3),
        ME: (0, 0),
    }
    small_course.run(root, "nbjudge", "feedback", ASSIGNMENT)
    small_course.run(root, "nbgrader", "release_feedback", ASSIGNMENT)
    small_course.run(
        root, "nbgrader", "fetch_feedback", ASSIGNMENT, "--course", COURSE, "--Exchange.assignment_dir=home"
    )
    fetched = list((root / "home").glob(f"{ASSIGNMENT}/feedback/*/{NOTEBOOK}.html"))
    assert [page.read_bytes() for page in fetched] == [
        (root / "feedback" / ME / ASSIGNMENT / f"{NOTEBOOK}.html").read_bytes()
    ]
    for number in range(len(HONEST)):
        assert released_page(course, f"a{number}" * 64).exists()
    assert not leaked(*(root / step for step in STEPS), course.released)


def test_names_are_read_from_the_right():
    stamp = dt.datetime(2026, 3, 1, 10, 0, 0)  # noqa: DTZ001, as nbgrader has it
    for student in ("ada", "a+b", "a b", "ada@example.org", "김철수", f"x+{ASSIGNMENT}", "a" * 100):
        for end in ("", "+abcdefgh-_12"):
            entry = f"{student}+{ASSIGNMENT}+2026-03-01 10:00:00 UTC{end}"
            assert parse(entry, ASSIGNMENT) == Name(entry, student, stamp)
    assert parse("ada+other+2026-03-01 10:00:00 UTC", ASSIGNMENT) is None
    for entry in ("a" * 101, "a/b", "", "+", ".", "a\n", "a\n+", "*", "-rf"):
        with pytest.raises(Refused):
            parse(f"{entry}+{ASSIGNMENT}+2026-03-01 10:00:00 UTC", ASSIGNMENT)
