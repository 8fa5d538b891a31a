"""Patched numpy, torch and builtins."""

from tests.nbjudge.hostile.submission import hostile

PATCHED = (
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
        "patched_border",
        "Patches the grader's own modules where it finds them.",
        """
        import nbjudge.border.calls, nbjudge.messages, nbjudge.border.wire
        nbjudge.border.calls.value = lambda _: 0
        nbjudge.border.calls.unchanged = lambda f, x: (x**2, (x,))
        nbjudge.messages.CheckFailed = type("Passed", (Exception,), {})
        nbjudge.border.wire._BY_KIND = ()
        def square(x):
            return 0.0
        print("patched")
        """,
        shows="patched",
    ),
    hostile(
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
    hostile(
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
    hostile(
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
