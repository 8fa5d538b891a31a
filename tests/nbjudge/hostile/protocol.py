"""The protocol, spoken by the student's own code."""

from tests.nbjudge.hostile.lookalikes import LYING
from tests.nbjudge.hostile.submission import LONG, hostile

CHANNELS = """
import gc, os, struct
from nbjudge.border.channel import Channel

def channels():
    return [thing for thing in gc.get_objects() if type(thing) is Channel and thing.fileno() >= 0]

(channel,) = channels()
"""

FORGING = """
from nbjudge.border import student_side, wire

kept = student_side.StudentSide.answer

def answer(side, message):
    if wire.decode(message, resolve=side._resolve)[0] == "names":
        return kept(side, message)
    print("a forged reply")
    return forged(side, message)

student_side.StudentSide.answer = answer

def square(x):
    return 0.0

def gradient(f, x):
    return np.zeros(2)

def slope(f, x):
    return torch.zeros(())
"""

NO_STUBS = {"gradient": "# forged", "slope": "# forged"}

TELLING = """
def word(x):
    return "hidden" + f"-canary-{x:.0f}"

def square(x):
    if np.ndim(x) or x < 1000:
        return x * x if np.ndim(x) == 0 else x
    print("tells")
    return tell(x)
"""
"""Knows one hidden input when it comes, and tries to have it shown."""

TELLING_REPLY = """
from nbjudge.border import student_side, wire

kept = student_side.StudentSide.answer

def word(x):
    return "hidden" + f"-canary-{x:.0f}"

def answer(side, message):
    operation, _, arguments, *_ = wire.decode(message, resolve=side._resolve)
    if operation != "call" or np.ndim(arguments[0]) or arguments[0] < 1000:
        return kept(side, message)
    print("tells")
    return wire.encode(telling(word(arguments[0])))

student_side.StudentSide.answer = answer

def square(x):
    return x * x if np.ndim(x) == 0 else x
"""


def _forged_event(name, tries, event, **more):
    """A hostile submission that tells the grader an event of its own making."""
    source = CHANNELS + f"\nchannel.send({event})\ndef square(x):\n    return 0.0\nprint('told')\n"
    return hostile(name, tries, source, shows="told", **more)


def _forged_reply(name, tries, reply, **more):
    """A hostile submission that answers every request with a reply of its own making."""
    source = FORGING + "\ndef forged(side, message):\n    return " + reply + "\n"
    return hostile(name, tries, source, answers=NO_STUBS, **more)


def _telling(name, tries, telling):
    """A hostile submission whose square is right, until a hidden input comes that it tells."""
    return hostile(name, tries, f"{TELLING}\ndef tell(x):\n    {telling}\n", shows="tells")


def _telling_reply(name, tries, reply):
    """A hostile submission that has a hidden input in a reply of its own making; `reply` may use `word`."""
    source = TELLING_REPLY + f"\ndef telling(word):\n    return {reply}\n"
    return hostile(name, tries, source, shows="tells")


def _forged_value(name, tries, value, **more):
    """A hostile submission that answers every request with data that `encode` would not make."""
    return _forged_reply(
        name,
        tries,
        f"""msgpack.packb(extension(4, ["value", {value}]))

import msgpack

def extension(code, fields):
    return msgpack.ExtType(code, msgpack.packb(fields))
""",
        shows="a forged reply",
        **more,
    )


PROTOCOL = (
    hostile(
        "names_its_own_snapshot",
        "Says that a process of its own is the snapshot that tests shall meet.",
        CHANNELS
        + """
import time
pid = os.fork()
if pid == 0:
    while True:
        time.sleep(0.01)
channel.send(["place", 4])
channel.receive_with_descriptors()
channel.send(["left", 4, pid])

def square(x):
    return 0.0
""",
        stopped="wall",
        limits={"cell_wall": 3, "total_wall": 40},
    ),
    hostile(
        "steals_the_line_of_a_snapshot",
        "Waits beside its process for what the grader hands over for a snapshot.",
        CHANNELS
        + """
import socket, threading
threading.Thread(target=lambda: socket.recv_fds(channel._socket, 5, 2), daemon=True).start()
print("listens")

def square(x):
    return 0.0
""",
        shows="listens",
        limits={"cell_wall": 3, "total_wall": 20},
    ),
    hostile(
        "patches_below",
        "Waits until the tests have their snapshot, then makes all comparisons true and looks for the snapshot.",
        """
        def square(x):
            return 0.0
        """,
        below=[
            """
            import builtins, os, signal
            np.allclose = np.array_equal = lambda *_, **__: True
            builtins.abs = lambda _: 0.0
            def square(x):
                return x * x
            for name in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{name}/mem", "r+b") as memory:
                        memory.seek(4096)
                        memory.write(b"hello")
                except OSError as error:
                    print(type(error).__name__)
            print("patched")
            """
        ],
        shows="patched",
    ),
    hostile(
        "forged_names",
        "Sends more names than the judge asked for, so that a test uses them in the place of builtins.",
        """
        from nbjudge.border import student_side
        kept = student_side.StudentSide._do
        def do(side, message):
            answer = kept(side, message)
            if type(answer) is dict:
                print("more names")
                lies = {"abs": lambda *_: -1.0, "value": lambda _: 0.0, "__builtins__": {}, "range": lambda *_: []}
                return lies | answer
            return answer
        student_side.StudentSide._do = do
        def square(x):
            return 0.0
        """,
        shows="more names",
    ),
    hostile(
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
    _forged_value(
        "forged_shape",
        "Sends an array with a shape that needs more memory than there is.",
        """extension(7, [11, [2**62, 2**62, 0], b""])""",
    ),
    _forged_value(
        "forged_shape_of_a_tensor",
        "Sends a tensor with a shape that needs more memory than there is.",
        """extension(9, [9, [0, 2**62, 2**62], b"", False, None])""",
    ),
    _forged_value(
        "forged_dtype",
        "Sends an array with a dtype that is no number of the list.",
        """extension(7, [-3, [1], bytes(8)])""",
    ),
    _forged_value(
        "forged_empty_lists",
        "Sends a million empty lists, each of which takes the judge far more than its three bytes.",
        """msgpack.ExtType(3, b"\\xdd" + (10**6).to_bytes(4, "big") + b"\\xd4\\x03\\x90" * 10**6)""",
        limits=LONG,
    ),
    hostile(
        "empty_maps",
        "Tells the worker of eight million empty maps, each of which takes far more than its byte.",
        CHANNELS
        + """
channel.send_bytes(b"\\xdd" + (2**23).to_bytes(4, "big") + b"\\x80" * 2**23)
""",
        stopped="crash",
    ),
    hostile(
        "doubled_replies",
        "Sends every reply twice, so that the next request is answered before it is asked.",
        """
        from nbjudge.border import conversation
        kept = conversation.Channel.send_bytes if hasattr(conversation, "Channel") else None
        from nbjudge.border.channel import Channel
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
    hostile(
        "missing_replies",
        "Never replies, and waits for what the judge does then.",
        """
        import time
        from nbjudge.border import student_side
        def silent(side, message):
            time.sleep(100)
        student_side.StudentSide.answer = silent
        def square(x):
            return 0.0
        """,
        limits={"test_wall": 1},
        stopped="wall",
    ),
    hostile(
        "late_replies",
        "Keeps the conversation of a test and speaks in it after the test has ended.",
        """
        import os, threading, time
        from nbjudge.border import student_side
        from nbjudge.border.channel import Channel
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
        "callback_flood",
        "Calls a function of the judge for as long as it may.",
        answers={"gradient": "def gradient(f, x):\n    while True:\n        f(x)"},
        limits={"test_wall": 2},
    ),
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
        "forged_starts",
        "Tells without end that a cell begins, so that the limits of a cell begin anew.",
        CHANNELS + "\nimport time\nwhile True:\n    channel.send(['starts', 1])\n    time.sleep(0.01)",
        stopped="wall",
    ),
    hostile(
        "flood_of_starts",
        "Tells that a cell begins, more often than the grader is willing to hear.",
        CHANNELS + "\nwhile True:\n    channel.send(['starts', 1])",
        limits=LONG,
        stopped="output",
    ),
    hostile(
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
    hostile(
        "endless_message",
        "Announces a message of four gigabytes and sends the beginning.",
        CHANNELS + "\nchannel._socket.sendall(struct.pack('!I', 2**32 - 1) + b'x' * 1000)",
    ),
    hostile(
        "unfinished_message",
        "Announces a message and never sends it.",
        CHANNELS + "\nchannel._socket.sendall(struct.pack('!I', 1000))",
    ),
    hostile(
        "flood_of_messages",
        "Sends more than the grader is willing to hear.",
        CHANNELS + "\nwhile True:\n    channel.send(['shows', ['stream', 'stdout', 'x' * 1_000_000]])",
        limits=LONG,
        stopped="output",
    ),
    hostile(
        "closed_channel",
        "Closes every descriptor and goes on.",
        "import os, time\nos.closerange(3, 128)\ntime.sleep(100)",
        stopped="wall",
    ),
    hostile(
        "forged_record",
        "Tells that it printed ten million letters, and signs that steer a terminal.",
        """
        from nbjudge.border.channel import Channel
        from nbjudge.sandbox.inside import process
        process._Printed.getvalue = lambda self: "\\x1b]0;title\\x07" + "p" * 10_000_000
        def square(x):
            return 0.0
        """,
    ),
    hostile(
        "control_channel",
        "Looks for the channel of its supervisor and gives orders in it.",
        """
        import gc, os
        links = [f"/proc/self/fd/{descriptor}" for descriptor in range(128)]
        found = sum(os.path.lexists(link) and os.readlink(link).startswith("socket:") for link in links)
        from nbjudge.border.channel import Channel
        from nbjudge.sandbox.inside.supervisor import Supervisor
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
    _telling(
        "tells_by_the_name_of_an_exception",
        "Raises an exception whose name is a hidden input.",
        "raise type(word(x), (Exception,), {})",
    ),
    _telling(
        "tells_by_a_failed_check",
        "Raises the failed check of a test, whose message is a hidden input.",
        "from nbjudge.messages import CheckFailed, Text; raise CheckFailed(Text(en=word(x), ko=word(x)))",
    ),
    _telling(
        "tells_by_a_broken_rule",
        "Breaks a rule of the border that has a hidden input as its name.",
        """from nbjudge.border import rules; from nbjudge import messages; rules.RULES[word(x)] = messages.Text(en=word(x))
    raise rules.RuleBroken(word(x))""",
    ),
    _telling(
        "tells_by_the_name_of_a_type",
        "Returns an object of a type whose name is a hidden input.",
        "return type(word(x), (), {})()",
    ),
    _telling(
        "tells_by_the_name_of_a_cell",
        "Raises an exception in code that claims to be in a cell whose name is a hidden input.",
        """from nbjudge.border import student_side; student_side.StudentSide._place = lambda *_: (word(x), 1)
    raise ValueError""",
    ),
    _telling_reply(
        "tells_by_a_reply_that_failed",
        "Replies that a check failed, with a hidden input as message.",
        """("failed", {"en": word, "ko": word})""",
    ),
    _telling_reply(
        "tells_by_a_reply_that_was_refused",
        "Replies that its result was refused, with a hidden input as the reason.",
        """("refused", word)""",
    ),
    _telling_reply(
        "tells_by_an_error",
        "Replies with an error whose name and text are a hidden input.",
        """("error", word, word, None)""",
    ),
    _telling_reply(
        "tells_by_a_place",
        "Replies with an error in a cell whose name is a hidden input.",
        """("error", "ValueError", word, (word, 1))""",
    ),
    _telling_reply(
        "tells_by_a_reference",
        "Replies with an object of a type whose name is a hidden input.",
        """("value", wire.Reference("object", 0, word.encode()))""",
    ),
    hostile(
        "formula_by_a_symbol",
        "Calls a function of the judge with an object that records what is computed with it.",
        answers={
            "gradient": """
            class Symbol:
                def __init__(self, words):
                    self.words = words
                def __getitem__(self, index):
                    return Symbol(f"x{index}")
                def __pow__(self, power):
                    return Symbol(f"{self.words} ** {power}")
                def __rmul__(self, factor):
                    return Symbol(f"{factor} * {self.words}")
                def __add__(self, other):
                    return Symbol(f"{self.words} + {other.words}")
            def gradient(f, x):
                try:
                    print("formula", f(Symbol("x")).words)
                except Exception as error:
                    print("no formula:", type(error).__name__)
                return np.zeros(2)
            """
        },
        shows="no formula: RuleBroken",
    ),
    hostile(
        "source_by_an_error",
        "Has a function of the judge raise an error, and reads from its text how the function is written.",
        answers={
            "gradient": """
            def gradient(f, x):
                told = []
                for wrong in ("abc", [], 5.0):
                    try:
                        f(wrong)
                    except Exception as error:
                        told.append(str(error))
                print("told:", {*told})
                return np.zeros(2)
            """
        },
        shows="told: {'the function that you were given raised this'}",
    ),
    hostile(
        "source_by_a_shipped_function",
        "Reads names and places from a function that a test sends to it.",
        answers={
            "slope": """
            def slope(f, x):
                code = f.__code__
                print("read:", code.co_filename, code.co_qualname, code.co_firstlineno, f.__module__, f.__doc__)
                print("read:", sorted(set(f.__globals__) - {"__builtins__"}))
                return torch.zeros(())
            """
        },
        shows="read: given given 1 __main__ None\nread: []",
    ),
)
