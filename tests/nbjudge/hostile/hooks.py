"""Hooks of IPython and of Python."""

from tests.nbjudge.hostile.submission import hostile

HOOKS = (
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
