"""The server behind the outer wall: warm and single-threaded, it forks itself for every submission."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import selectors
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbjudge.border.channel import Channel, ChannelClosed
from nbjudge.sandbox import cgroups, walls
from nbjudge.sandbox.forks import mute, reap, reopen_files
from nbjudge.sandbox.protocol import Failed, Open, Warm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbjudge.sandbox.inside.shell import Shell

_FAMILIAR_ERRORS = (
    "raise NotImplementedError",
    "__import__('numpy').testing.assert_allclose(1.0, 2.0)",
    "__import__('torch').func.jacrev(lambda x: None)(__import__('torch').ones(2))",
)
"""Their tracebacks go through the libraries that those of submissions go through, whose sources are read once."""


def main(descriptor: int, *, walled: bool, figures: str, private: list[str], kept: list[str]) -> None:
    """Serve until the grader hangs up.

    A request hands over a channel, on which ``[limits, files]`` come and then a supervisor listens.

    Args:
        descriptor: the grader's channel.
        walled: whether the walls stand.
        figures: ``draw`` or ``skip``.
        private: modules that must not exist here.
        kept: readable folders below ``/tmp``, which the inner wall must keep.
    """
    channel = Channel.on(descriptor)
    users: Sequence[int] = (os.geteuid(),)
    try:
        if walled:
            users = walls.become_nobody()
            _refuse_private(private)
        with warnings.catch_warnings(action="ignore"):
            shell = _warm(figures)
    except Exception:  # noqa: BLE001, the grader tells it
        channel.send(Failed(traceback.format_exc(limit=-1), is_by_machine=False).as_data())
        return
    mute()
    channel.send(Warm().as_data())
    for user in itertools.cycle(users):
        try:
            control = channel.handed_over()
        except ChannelClosed:
            return
        if not os.fork():
            channel.close()
            _supervise(control, shell, walled=walled, user=user, kept=kept)
        control.close()
        reap()


def _supervise(control: Channel, shell: Shell, *, walled: bool, user: int, kept: list[str]) -> None:
    """In a fork: put up the inner wall and become the supervisor of one submission."""
    from nbjudge.limits import Limits
    from nbjudge.sandbox.inside.supervisor import Supervisor

    status = 1
    try:
        (settings, files), held = control.receive_with_descriptors(len(cgroups.HELD))
        limits = Limits(**settings)
        if walled:
            walls.enter_inner_wall(user=user, tmp_bytes=limits.disk, kept=kept)
        mute()
        reopen_files()
        home = _fill(files, walled=walled)
        control.send(Open().as_data())
        Supervisor(control, shell, limits, home / "work", cgroups.Member(held) if held else None).run()
        status = 0
    except Exception as error:  # noqa: BLE001, the grader tells it
        is_by_machine = isinstance(error, OSError | MemoryError)  # also that processes do not end in time
        control.send(Failed(traceback.format_exc(limit=-1), is_by_machine).as_data())
    finally:
        os._exit(status)


def _fill(files: dict[str, bytes], *, walled: bool) -> Path:
    """Make the folders of a submission and write its files."""
    home = Path("/tmp/home") if walled else Path(tempfile.mkdtemp(prefix="nbjudge-"))  # noqa: S108, its own
    (home / "work").mkdir(parents=True)
    for variable, folder in (("HOME", ""), ("MPLCONFIGDIR", "matplotlib"), ("IPYTHONDIR", "ipython")):
        (home / folder).mkdir(exist_ok=True)
        os.environ[variable] = str(home / folder)
    for name, content in files.items():
        path = home / "work" / name
        with contextlib.suppress(OSError):  # a file in the place of a folder, or more files than the disk holds
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return home


def _warm(figures: str) -> Shell:
    """Import and use once what takes long the first time; nothing may leave a thread behind."""
    import matplotlib.pyplot as plt
    import torch
    from IPython.core.formatters import format_display_data
    from matplotlib.figure import Figure
    from matplotlib_inline.config import InlineBackend

    from nbjudge.sandbox.inside import process, supervisor  # noqa: F401, forks use them
    from nbjudge.sandbox.inside.shell import make_shell
    from nbjudge.sandbox.warmth import settle, warm_up

    warm_up()
    _answer_requests()
    torch.multiprocessing.set_sharing_strategy("file_system")  # the other one sends descriptors, which is refused
    # That of asyncio; the other one is refused as well.
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc, assignment]  # replaced for good
    shell = make_shell()
    shell.run_cell("%matplotlib inline", store_history=False)
    inline = InlineBackend.instance(parent=shell)
    inline.print_figure_kwargs = {"bbox_inches": None}  # type: ignore[dict-item]  # any arguments of savefig
    if figures == "skip":
        inline.figure_formats = set()
        text = shell.display_formatter.formatters["text/plain"]  # type: ignore[union-attr]  # every shell has one
        text.for_type(Figure, lambda _, printer, __: printer.text("(figures are not drawn here)"))
        Figure.tight_layout = lambda *_, **__: None  # type: ignore[method-assign]  # replaced for good
    plt.uninstall_repl_displayhook()  # it draws each figure once more than is shown
    figure, axes = plt.subplots()
    axes.plot([0, 1], label="$x$")
    axes.legend()
    format_display_data(figure)
    for error in _FAMILIAR_ERRORS:
        shell.run_cell(error, store_history=False)
    sys.last_type = sys.last_value = sys.last_traceback = None
    plt.close("all")
    if threads := len(os.listdir("/proc/self/task")) - 1:  # noqa: PTH208
        raise RuntimeError(f"the server has {threads} threads more than one, so it must not be forked")
    settle()
    return shell


def _answer_requests() -> None:
    """Have the student's side answer what judges will ask."""
    import torch

    from nbjudge.border.student_side import StudentSide
    from nbjudge.border.wire import Reference, encode

    side = StudentSide(
        {"double": lambda f, v: 2 * f(v)},
        place_of=lambda _filename: None,
        call_back=lambda _message: encode(("value", torch.ones(3))),
    )
    side.answer(encode(("names", None, (["double"],), {}, True, False)))
    double, f = Reference("object", 0), Reference("callback", 0)
    for operation in ("call", "unchanged", "elsewhere"):
        for by_hand in (False, True):
            request: tuple[Any, ...] = (operation, double, (f, torch.ones(3)), {}, True, by_hand)
            side.answer(encode(request, refer=lambda reference: reference))


def _refuse_private(names: list[str]) -> None:
    found = [(name, spec) for name in names if (spec := importlib.util.find_spec(name))]
    if found:
        raise RuntimeError(
            f"submissions could import {', '.join(name for name, _ in found)} from {found[0][1].origin}; "
            "remove that from the Python environment, or install the course as editable"
        )
