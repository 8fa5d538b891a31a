"""Ends, loops and floods."""

from tests.nbjudge.hostile.submission import LONG, LONG_WALL, hostile

END_FIRST_THREAD = "import ctypes, os; ctypes.CDLL(None).syscall(60 if os.uname().machine == 'x86_64' else 93, 0)"
SHOW_WHO_LIVES = (
    "print('others:', sorted({*filter(str.isdigit, os.listdir('/proc'))} - {'1', str(os.getppid()), str(os.getpid())}))"
)
LOOK = f"import os\ndef gradient(f, x):\n    {SHOW_WHO_LIVES}"

ENDS = (
    hostile(
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
    hostile(
        "ends_its_process",
        "Ends the process in which it runs.",
        "import os\nos._exit(0)",
        stopped="crash",
    ),
    hostile(
        "breaks_its_process",
        "Reads memory that is not there.",
        "import ctypes\nctypes.string_at(0)",
        code=["import os; os.abort()"],
        stopped="crash",
    ),
    hostile(
        "ends_in_a_test",
        "Ends the process of a test, and the one from which tests are forked.",
        """
        import os, signal
        def square(x):
            os.kill(os.getppid(), signal.SIGKILL)
            os._exit(0)
        """,
    ),
    hostile(
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
    hostile(
        "sleeps", "Waits without end.", "import time\nprint('sleeps', flush=True)\ntime.sleep(10**6)", stopped="wall"
    ),
    hostile(
        "stops_itself",
        "Stops its process without ending it.",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        stopped="wall",
    ),
    hostile(
        "loops_in_a_test",
        "Loops without end when it is called.",
        "def square(x):\n    try:\n        while True:\n            pass\n    finally:\n        return square(x)",
        limits=LONG_WALL,
        stopped="cpu",
    ),
    hostile(
        "recursion",
        "Calls itself until the stack is used up.",
        """
        import sys
        sys.setrecursionlimit(10**9)
        def square(x):
            return max([x], key=square)
        """,
    ),
    hostile(
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
            time.sleep(0.5)  # on a slow machine as well, each has ended before the next begins
        """,
        limits={"cell_wall": 6, "cell_cpu": 60, "total_cpu": 60},
        shows="works",
        stopped="wall",
    ),
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
        "memory_of_nobody",
        "Holds memory in files that have no name and belong to no process.",
        """
        import os
        try:
            os.memfd_create("held")
        except OSError:
            print("refused")
        """,
        shows="refused",
    ),
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
        "output_of_many_cells",
        "Shows in each of many cells as much as one cell may.",
        code=["print('x' * 150_000)"] * 100,
        shows="x" * 1000,
    ),
    hostile(
        "backspaces",
        "Prints text that takes long to put in order.",
        "print('a' * 10_000 + '\\b' * 9_000 + '\\r' * 1000)\nprint('\\x1b[' * 1000 + '\\nwritten')",
        limits={"output": 200_000},
        shows="written",
    ),
    hostile(
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
    hostile(
        "headless",
        "Ends the first thread of its process, which then looks dead, and goes on in another one.",
        f"""
        import threading, time
        said = threading.Event()
        def go_on():
            print("goes on", flush=True)
            said.set()
            time.sleep(10**6)
        threading.Thread(target=go_on).start()
        said.wait()
        {END_FIRST_THREAD}
        """,
        limits=LONG,
        shows="goes on",
        stopped="crash",
    ),
    hostile(
        "headless_in_a_test",
        "Ends the first thread of the process of a test, and has the next test look whether the rest of it lives.",
        answers={
            "square": f"""
            import threading, time
            def square(x):
                threading.Thread(target=time.sleep, args=(10**6,)).start()
                {END_FIRST_THREAD}
            """,
            "gradient": LOOK,
        },
        limits=LONG,
        shows="others: []",
        stopped="fork ended",
    ),
    hostile(
        "headless_programs",
        "Holds much memory in programs whose first thread ended, so that nobody can read how much.",
        f"""
        import subprocess, sys
        program = '''if True:
            import threading, time
            def hold():
                held = bytearray(2**27)
                time.sleep(10**6)
            threading.Thread(target=hold).start()
            {END_FIRST_THREAD}
        '''
        programs = [subprocess.Popen([sys.executable, "-S", "-c", program]) for _ in range(4)]
        print("ended:", [program.wait(40) for program in programs])
        """,
        limits=LONG,
        shows="ended: [-9, -9, -9, -9]",
    ),
    hostile(
        "rabbits",
        "Leaves a test by processes that fork and end at once, so that each is gone before it can be ended.",
        answers={
            "square": """
            import os
            def square(x):
                for _ in range(8):
                    if not os.fork():
                        os.closerange(0, 128)
                        while True:
                            if os.fork():
                                os._exit(0)
                return 0.0
            """,
            "gradient": LOOK,
        },
        limits=LONG,
        shows="others: []",
    ),
    hostile(
        "zombies",
        "Fills the room for processes with its dead children, so that no test can start and all cells run again.",
        """
        import os, resource
        with open("/tmp/runs", "a") as file:
            print("runs:", file.tell() + file.write("."))
        most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
        try:
            while True:
                if not os.fork():
                    os._exit(0)
        except OSError:
            print("full", flush=True)
        os.waitpid = os.wait4 = lambda *_: (0, 0)
        def square(x):
            return 0.0
        """,
        limits=LONG,
        shows="runs: 1\nfull",
        stopped="processes",
    ),
    hostile(
        "crowd",
        "Starts as many threads as it may, so that no process can be started for a test.",
        """
        import threading, time
        try:
            while True:
                threading.Thread(target=time.sleep, args=(10**6,), daemon=True).start()
        except RuntimeError:
            print("full")
        """,
        answers={"gradient": "def gradient(f, x):\n    print('asked')"},
        limits={**LONG, "memory": 2**34},
        shows="asked",
    ),
    hostile(
        "memory_of_programs",
        "Holds much memory in other programs, which have nothing in common with the process that started them.",
        """
        import subprocess, sys, time
        for _ in range(6):
            subprocess.Popen([sys.executable, "-S", "-c", "held = bytearray(200 * 2**20); input()"], stdin=subprocess.PIPE)
        time.sleep(1000)
        """,
        limits={**LONG, "total_memory": 2**29},
        stopped="memory",
    ),
    hostile(
        "memory_of_sockets",
        "Holds memory in sockets that nobody reads.",
        """
        import os, socket, time
        def fill():
            pairs = []
            while len(pairs) < 50:
                pairs.append(socket.socketpair())
                for end in pairs[-1]:
                    end.setblocking(False)
                    try:
                        while True:
                            end.send(bytes(2**16))
                    except OSError:
                        pass
            time.sleep(1000)
        for _ in range(30):
            if not os.fork():
                fill()
        fill()
        """,
        limits={**LONG, "total_memory": 2**28},
        stopped="memory",
    ),
    hostile(
        "file_flood",
        "Makes empty files without end, each of which costs the system memory.",
        """
        made = 0
        try:
            while made < 50_000:
                open(f"/dev/shm/{made}", "w").close()
                made += 1
        except OSError:
            print("refused:", made < 10_000)
        """,
        limits=LONG,
        shows="refused: True",
    ),
)
