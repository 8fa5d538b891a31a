"""Looking for what is hidden."""

from textwrap import dedent

from tests.nbjudge.hostile.submission import LONG, hostile

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
    return hostile(name, tries, source, shows="searched", limits=LONG, **more)


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
