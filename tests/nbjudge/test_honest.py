"""Honest submissions of every habit keep full marks, and their cells show what JupyterLab would show."""

import nbformat
import pytest
from nbformat import v4

from tests.nbjudge import toy
from tests.nbjudge.samples import sampled

pytestmark = [pytest.mark.sandbox, pytest.mark.ordinary_user]


def with_cells(*sources):
    """The right answers with scratch cells below them, above the tests."""
    notebook = toy.honest()
    toy.insert_above_tests(
        notebook, [v4.new_code_cell(source, id=f"scratch-{number}") for number, source in enumerate(sources)]
    )
    return notebook


def moved():
    notebook = toy.honest()
    notebook.cells.append(notebook.cells.pop(toy.position_of(notebook, "square")))
    return notebook


def copied():
    """An answer typed into a copy of its cell, below the stub that stays."""
    notebook = toy.honest(square=toy.STUBS["square"])
    cell = nbformat.from_dict(toy.cell_of(notebook, "square"))
    cell.source = toy.ANSWERS["square"].strip()
    notebook.cells.insert(toy.position_of(notebook, "square") + 1, cell)
    return notebook


def without_tests():
    notebook = toy.honest()
    notebook.cells = [cell for cell in notebook.cells if cell.id not in toy.TESTS]
    return notebook


HABITS = {
    "warnings": lambda: with_cells("import warnings, sys\nwarnings.warn('careful')\nprint('oh', file=sys.stderr)"),
    "warning_in_answer": lambda: toy.honest(
        square="import warnings\ndef square(x):\n    warnings.warn('slow')\n    print('called')\n    return x * x"
    ),
    "error_in_scratch": lambda: with_cells("1 / 0", "undefined"),
    "syntax_error": lambda: with_cells("def broken(:"),
    "magics": lambda: with_cells("%timeit -n1 -r1 sum(range(9))", "%%time\nx = 3", "%matplotlib inline", "!ls -a"),
    "moved_cell": moved,
    "copied_cell": copied,
    "deleted_tests": without_tests,
    "crash_at_the_end": lambda: with_cells("import os\nos._exit(1)"),
    "hang_at_the_end": lambda: with_cells("while True:\n    pass"),
    "exit_at_the_end": lambda: with_cells("exit()"),
    "thread": lambda: with_cells(
        "import threading, time\nthread = threading.Thread(target=time.sleep, args=(0.2,))\nthread.start()"
    ),
    "await": lambda: with_cells("import asyncio\nawait asyncio.sleep(0.01)"),
    "input": lambda: with_cells("name = input('Your name? ')"),
    "progress": lambda: with_cells("for i in range(50):\n    print(f'\\r{i} %', end='')"),
    "much_output": lambda: with_cells("for i in range(100_000):\n    print(i)"),
    "emoji": lambda: toy.honest(square="def square(x):\n    제곱 = x * x  # 🎉\n    return 제곱"),
    "plot": lambda: with_cells("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"),
    "class": lambda: toy.honest(
        square="from dataclasses import dataclass\n@dataclass\nclass Power:\n    n: int\n"
        "    def __call__(self, x):\n        return x**self.n\nsquare = Power(2)"
    ),
    "cache": lambda: toy.honest(
        gradient="from functools import lru_cache\n@lru_cache\ndef step():\n    return 1e-6\n"
        + toy.ANSWERS["gradient"].replace("1e-6", "step()")
    ),
    "helper_in_another_cell": lambda: with_cells(
        "def twice(x):\n    return x * x", "def square(x):\n    return twice(x)"
    ),
    "array_scalar": lambda: toy.honest(square="def square(x):\n    return np.asarray(x * x)[()]"),
    "module_written": lambda: with_cells(
        "%%writefile powers.py\ndef second(x):\n    return x * x", "import powers\nsquare = powers.second"
    ),
    "pickle": lambda: with_cells("import pickle\nclass A: pass\npickle.loads(pickle.dumps(A()))"),
    "subprocess": lambda: with_cells("import subprocess\nsubprocess.run(['echo', 'hello'])"),
    "multiprocessing": lambda: with_cells(
        "import multiprocessing\nwith multiprocessing.Pool(2) as pool:\n    print(pool.map(abs, [-1, 2]))"
    ),
    "names_inside_tests": lambda: with_cells("x = (n for n in [1])", "secret = np.zeros(9_000_000)"),
    "recursion": lambda: toy.honest(
        square="def add(x, n):\n    return x if n == 1 else x + add(x, n - 1)\n"
        "def square(x):\n    add(1, 800)\n    return x * x"
    ),
}


@pytest.mark.parametrize("habit", sampled(HABITS))
def test_full_marks(worker, habit):
    graded = toy.grade(worker, habit())
    assert toy.score(graded) == toy.FULL, {name: str(verdict.message) for name, verdict in graded.verdicts.items()}


STARTED = {
    "pool": "import multiprocessing\nwith multiprocessing.Pool(2) as pool:\n    print(pool.map(abs, [-1, 2]))",
    "executor": "from concurrent.futures import ProcessPoolExecutor\n"
    "with ProcessPoolExecutor(2) as pool:\n    print([*pool.map(abs, [-1, 2])])",
    "spawned": "import multiprocessing\nwith multiprocessing.get_context('spawn').Pool(1) as pool:\n"
    "    print(pool.map(abs, [-1, 2]))",
    "threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "with ThreadPoolExecutor(4) as pool:\n    print([*pool.map(abs, [-1, 2])])",
    "manager": "import multiprocessing\nwith multiprocessing.Manager() as manager:\n"
    "    shared = manager.list([1])\n    shared.append(2)\n    print([*shared])",
    "shared_numbers": "import multiprocessing\nprint(multiprocessing.Array('i', [1, 2])[:])",
    "shared_memory": "from multiprocessing.shared_memory import ShareableList\nshared = ShareableList([1, 2])\n"
    "print([*shared])\nshared.shm.close()\nshared.shm.unlink()",
    "torch_workers": "from torch.utils.data import DataLoader\n"
    "print([int(x) for x in DataLoader([torch.tensor(1), torch.tensor(2)], batch_size=None, num_workers=2)])",
    "torch_threads": "torch.set_num_threads(2)\n(torch.ones(600, 600) @ torch.ones(600, 600)).sum()\nprint([1, 2])",
    "asyncio": "import asyncio\nchild = await asyncio.create_subprocess_exec('echo', '[1, 2]', stdout=-1)\n"
    "print((await child.communicate())[0].decode())",
    "selectors": "import selectors, socket\nwith selectors.DefaultSelector() as waits, socket.socketpair()[0] as end:\n"
    "    print([1, len(waits.register(end, 2)) - 2])",
    "shell": "!printf '%s\\n' 2] '[1,' | sort -r | xargs",
    "terminal": "!script -qec 'echo [1, 2]' /dev/null",
    "database": "import sqlite3\ndatabase = sqlite3.connect('numbers.db')\n"
    "database.execute('create table numbers (n)')\ndatabase.execute('insert into numbers values (1), (2)')\n"
    "database.commit()\nprint([n for n, in database.execute('select n from numbers')])",
    "file_lock": "import fcntl\nwith open('lock', 'w') as file:\n    fcntl.flock(file, fcntl.LOCK_EX)\n"
    "    fcntl.lockf(file, fcntl.LOCK_EX)\nprint([1, 2])",
    "memory_map": "np.memmap('numbers', dtype='i8', mode='w+', shape=2)[:] = 1, 2\n"
    "print(np.memmap('numbers', dtype='i8', mode='r').tolist())",
    "files": "import pathlib, shutil\npathlib.Path('a').write_text('[1, 2]')\nshutil.copytree('.', '../copy')\n"
    "print(pathlib.Path('../copy/a').read_text())",
    "figure_file": "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])\n"
    "figure.savefig('figure.pdf')\nplt.close()\nprint([1, 2])",
    "alarm": "import signal, time\nsignal.signal(signal.SIGALRM, lambda *_: print([1, 2]))\n"
    "signal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(0.1)",
    "time_limit": "!timeout 5 echo [1, 2]",
}


@pytest.mark.parametrize("source", sampled(STARTED))
def test_what_python_and_the_system_offer_works(worker, source):
    notebook = with_cells(source)
    graded = toy.grade(worker, notebook, limits=toy.limits(cell_cpu=20, cell_wall=120, total_cpu=60, total_wall=240))
    cell = toy.cell_of(nbformat.reads(graded.text, as_version=4), "scratch-0")
    assert "".join(output.get("text", str(output)) for output in cell.outputs).strip() == "[1, 2]"


def test_format_3(worker):
    old = nbformat.writes(nbformat.convert(toy.honest(), 3)).encode()
    assert toy.score(toy.grade(worker, old)) == toy.FULL


def test_a_companion_file_can_be_read(worker):
    notebook = with_cells("scale = float(open('data/scale.txt').read())\ndef square(x):\n    return scale * x * x")
    assert toy.score(toy.grade(worker, notebook, files={"data/scale.txt": b"1.0"})) == toy.FULL


def outputs(worker, *sources):
    graded = toy.grade(worker, with_cells(*sources))
    cells = [toy.cell_of(nbformat.reads(graded.text, as_version=4), f"scratch-{n}") for n in range(len(sources))]
    return [cell.outputs for cell in cells], [cell.execution_count for cell in cells]


def test_cells_show_what_jupyterlab_would_store(worker):
    (printed, value, error, display, cleared, shell, figure), counts = outputs(
        worker,
        "print('a')\nprint('b')",
        "6 * 7",
        "1 / 0",
        "handle = display('old', display_id=True)\nhandle.update('new')",
        "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('here')",
        "!echo from the shell",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    )
    assert printed == [{"output_type": "stream", "name": "stdout", "text": "a\nb\n"}]
    assert value[0].output_type == "execute_result"
    assert value[0].data == {"text/plain": "42"}
    assert value[0].execution_count == counts[1]
    assert counts == list(range(counts[0], counts[0] + 7))
    assert (error[0].output_type, error[0].ename) == ("error", "ZeroDivisionError")
    assert [output.data["text/plain"] for output in display] == ["'new'"]
    assert [output.text for output in cleared] == ["here\n"]
    assert shell[0].text == "from the shell\n"
    assert figure[-1].data["image/png"].startswith("iVBORw0KGgo")


def test_what_a_progress_bar_overwrites_is_gone(worker):
    (shown,), _ = outputs(worker, "for i in range(3):\n    print(f'\\r{i} of 3', end='')")
    assert shown[0].text == "2 of 3"


def test_a_stopped_cell_says_so_and_keeps_what_it_showed(worker):
    (shown,), _ = outputs(worker, "print('begins', flush=True)\nwhile True:\n    pass")
    assert shown[0].text == "begins\n"
    assert "ran longer than the 1 s of processor time that this cell may take" in shown[1].text
