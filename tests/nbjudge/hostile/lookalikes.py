"""Objects that look right."""

from tests.nbjudge.hostile.submission import everywhere, hostile

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
    hostile(
        "equals_everything",
        "Returns an object that is equal to everything and at no distance from it.",
        LYING + "\ndef square(x):\n    return Lying()\nprint(square(3) == 9, abs(square(3) - 9) <= 0)",
        answers={"gradient": "def gradient(f, x):\n    return [Lying(), Lying()]", "slope": "slope = Lying()"},
        shows="True True",
    ),
    hostile(
        "array_of_lies",
        "Returns an array of objects that are equal to everything.",
        LYING + "\ndef square(x):\n    return np.array([Lying(), Lying(), Lying()], dtype=object)\n",
        answers={"gradient": "def gradient(f, x):\n    return np.array([Lying(), Lying()], dtype=object)"},
    ),
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
        "nothing_at_all",
        "Returns empty arrays, of which all entries are right.",
        "def square(x):\n    return np.zeros((0, 3))",
        answers={
            "gradient": "def gradient(f, x):\n    f(x)\n    return np.zeros((2, 0))",
            "slope": "def slope(f, x):\n    return torch.zeros(0, dtype=x.dtype)",
        },
    ),
    hostile(
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
    hostile(
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
    hostile(
        "generator",
        "Returns generators, which have no values yet.",
        "def square(x):\n    yield from range(10**12)",
        answers={"gradient": "def gradient(f, x):\n    return (f(x) for _ in iter(int, 1))"},
    ),
    hostile(
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
    hostile(
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
    hostile(
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
    hostile(
        "exits_as_errors",
        "Raises what would end an iteration, a process or the grader.",
        answers=everywhere(
            """
            raise [SystemExit(0), KeyboardInterrupt, GeneratorExit, StopIteration][int(abs(float(x[0] * 2))) % 4]
            """
        )
        | {
            "square": "def square(x):\n    raise SystemExit(0)",
            "slope": "def slope(f, x):\n    raise KeyboardInterrupt",
        },
    ),
    hostile(
        "error_that_lies",
        "Raises errors with the names and fields of the grader's own.",
        """
        from nbjudge.messages import CheckFailed, Text
        from nbjudge.judging.verdict import Outcome, Verdict
        class Passed(CheckFailed):
            verdict = Verdict(Outcome.PASSED, 2.0, Text(en="passed."))
            score = value = points = 2.0
        def square(x):
            raise Passed(Text(en="passed."))
        """,
        answers={"gradient": "def gradient(f, x):\n    raise type('CheckPassed', (StopIteration,), {})(2.0)"},
    ),
    hostile(
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
