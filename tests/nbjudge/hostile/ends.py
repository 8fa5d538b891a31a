"""Ends, loops and floods."""

from tests.nbjudge.hostile.submission import LONG, LONG_WALL, hostile

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
            time.sleep(0.1)
        """,
        limits={"cell_wall": 6},
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
        "print('a' * 10_000 + '\\b' * 9_000 + '\\r' * 1000)\nprint('\\x1b[' * 1000 + 'written')",
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
)
