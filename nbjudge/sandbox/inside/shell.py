"""IPython as JupyterLab's kernel has it, without a kernel: cells run, and what they show is told as events.

An event is ``["stream", name, text]``, ``["display", data, display_id, is_update]``, ``["result", data, number]``,
``["error", type_name, text, traceback]`` or ``["clear", wait]``; ``data`` maps a MIME type to text, or to bytes for
images.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import getpass
import io
import os
import signal
import subprocess
import sys
import tempfile
from typing import IO, TYPE_CHECKING, Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Event = list[Any]
    Emit = Callable[[Event], None]

_IMAGES = ("image/png", "image/jpeg")
_SOURCES = ("text/latex", "text/markdown")


class _Publisher(DisplayPublisher):
    """Tells what is displayed."""

    emit = AnyTrait()

    def publish(self, data: dict[str, Any], metadata: dict[str, Any] | None = None, *_: object, **more: Any) -> None:
        """Tell one bundle of MIME types."""
        del metadata
        transient = more.get("transient") or {}
        _flush()
        self.emit(["display", shown(data), transient.get("display_id"), bool(more.get("update"))])

    def clear_output(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002, IPython's signature
        """Tell that what was shown so far goes away."""
        _flush()
        self.emit(["clear", wait])


class _Hook(DisplayHook):
    """Tells the value of a cell's last expression."""

    emit = AnyTrait()
    bundle = AnyTrait()

    def write_output_prompt(self) -> None:
        """The number goes along with the value."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Keep the value in all its forms."""
        del md_dict
        self.bundle = shown(format_dict)

    def finish_displayhook(self) -> None:
        """Tell the value."""
        _flush()
        if self.bundle:
            self.emit(["result", self.bundle, self.prompt_count])
        self.bundle = None


class Shell(InteractiveShell):
    """The shell in which submitted cells run; there is one a process."""

    displayhook: _Hook
    displayhook_class = Type(_Hook)
    display_pub: _Publisher
    display_pub_class = Type(_Publisher)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.tell_to(lambda _event: None)
        self._executions: dict[int, str] = {}
        self._is_running = False

    def tell_to(self, emit: Emit) -> None:
        """Name who receives the events."""
        self._emit = emit
        self.displayhook.emit = emit
        self.display_pub.emit = emit

    def find_modules_beside(self) -> None:
        """Let cells import modules that lie in the working directory, first of all, as in a kernel."""
        sys.path.insert(0, "")

    def listen_to_interrupts(self) -> None:
        """Have an interrupt end the cell that runs, as in a kernel; between cells it means nothing."""
        signal.signal(signal.SIGINT, self._interrupted)

    def _interrupted(self, *_: object) -> None:
        if self._is_running:
            raise KeyboardInterrupt

    def run_named(self, name: str, source: str) -> int | None:
        """Run a cell of a notebook.

        Args:
            name: what the student would call the cell.
            source: the cell.

        Returns:
            The number of the execution, None if there was nothing to run.
        """
        number = self.execution_count
        self._executions[number] = name
        with _captured(self._emit):
            self._is_running = True
            with contextlib.suppress(KeyboardInterrupt):  # one that meets IPython itself
                self.run_cell(source, store_history=True)
            self._is_running = False
        return number if self.execution_count > number else None

    def place_of(self, filename: str) -> str | None:
        """The name of the cell whose code has this file name."""
        number = self.compile._filename_map.get(filename)  # noqa: SLF001, there is no public way
        return None if number is None else self._executions.get(number)

    @property
    def names(self) -> dict[str, Any]:
        """What the cells have defined, without what IPython put there."""
        return {name: thing for name, thing in self.user_ns.items() if name not in self.user_ns_hidden}

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window to show anything in."""

    def init_virtualenv(self) -> None:
        """The environment is the one of the grader."""

    def init_sys_modules(self) -> None:
        """The module of the student's names is ``__main__``, as in a kernel."""
        super().init_sys_modules()
        sys.modules["__main__"] = self.user_module

    def system(self, command: str) -> None:
        """Run a command of the system and show what it writes."""
        result = subprocess.run(  # noqa: S602, this is what an exclamation mark means
            self.var_expand(command, depth=1),
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        sys.stdout.write(result.stdout.decode("utf-8", "replace"))
        self.user_ns["_exit_code"] = result.returncode

    system_piped = system_raw = system

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        _flush()
        self._emit(["error", etype.__name__, _text(evalue), list(stb)])

    def _format_exception_for_storage(self, exception: BaseException, *_: Any, **__: Any) -> dict[str, Any]:
        """What the history keeps of an error; its traceback, costly to format, is shown and not kept."""
        return {"ename": type(exception).__name__, "evalue": _text(exception), "traceback": []}

    def ask_exit(self) -> None:
        """A notebook goes on after ``exit``; a kernel would end after the cell."""


def make_shell() -> Shell:
    """The one shell of this process, with the display of a notebook."""
    config = Config()
    config.HistoryManager.enabled = False  # In and Out are kept; no file is, and no thread
    shell = Shell.instance(config=config)
    builtins.input = getpass.getpass = _no_input
    return shell


def shown(data: dict[str, Any]) -> dict[str, str | bytes]:
    """The part of a bundle that a graded notebook keeps: text and pixels."""
    kept: dict[str, str | bytes] = {}
    for kind in _IMAGES:
        if kind in data:
            image = data[kind]
            kept[kind] = base64.b64decode(image) if isinstance(image, str) else bytes(image)
    text = data.get("text/plain", "")
    source = next((data[kind] for kind in _SOURCES if kind in data), None)
    if source and str(text).startswith("<IPython.core.display."):
        text = source
    if text or not kept:
        kept["text/plain"] = str(text)
    return kept


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001, a student's __str__ may raise anything
        return ""


def _no_input(*_: Any, **__: Any) -> str:
    raise StdinNotImplementedError("there is nobody to answer input() while a notebook is graded.")


class _Told(io.TextIOBase):
    """A text stream whose lines become events."""

    encoding = "utf-8"

    def __init__(self, name: str, emit: Emit, descriptor: int) -> None:
        self.name = name
        self._emit = emit
        self._descriptor = descriptor
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._parts.append(text)
        self._size += len(text)
        if self._size > 2**16:
            self.flush()
        return len(text)

    def flush(self) -> None:
        parts, self._parts, self._size = self._parts, [], 0
        if parts:
            self._emit(["stream", self.name, "".join(parts)])


@contextlib.contextmanager
def _captured(emit: Emit) -> Iterator[None]:
    """Tell what is written to Python's streams, and at the end what was written to the descriptors below them."""
    kept = sys.stdout, sys.stderr
    with contextlib.ExitStack() as stack:
        files = {name: stack.enter_context(_below(number)) for number, name in ((1, "stdout"), (2, "stderr"))}
        sys.stdout, sys.stderr = (_Told(name, emit, number) for number, name in ((1, "stdout"), (2, "stderr")))
        try:
            yield
        finally:
            _flush()
            sys.stdout, sys.stderr = kept
            for name, file in files.items():
                file.seek(0)
                if text := file.read(2**20).decode("utf-8", "replace"):
                    emit(["stream", name, text])


@contextlib.contextmanager
def _below(descriptor: int) -> Iterator[IO[bytes]]:
    """A file in the place of a descriptor."""
    kept = os.dup(descriptor)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), descriptor)
        try:
            yield file
        finally:
            os.dup2(kept, descriptor)
            os.close(kept)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
