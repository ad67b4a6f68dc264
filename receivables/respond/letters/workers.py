"""Letters made in processes of their own: Python uses one processor, and a long run has two."""

from __future__ import annotations

import copyreg
import io
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, cast

from receivables.errors import NotAvailableError
from receivables.respond.letters.letter import Letter

if TYPE_CHECKING:
    from receivables.respond.letters.render import Rendered

CHUNK = 50
"""Letters that go to a process at a time: what they share is sent once for all of them."""

_START = "from receivables.respond.letters.workers import serve; serve()"
_SIZE = 8
"""Bytes of the length in front of each message."""


class Worker:
    """One process with its own templates; it ends when its input does.

    Raises:
        NotAvailableError: Python cannot be started here, or the process died.
    """

    def __init__(self, forms: Sequence[str], templates: Path | None, folder: Path) -> None:
        paths = os.pathsep.join(path for path in sys.path if path)
        try:
            self.process = subprocess.Popen(  # noqa: S603 - Python and a module of ours
                [sys.executable, "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": paths},
            )
        except OSError as error:
            raise NotAvailableError(f"No process for letters: {error}. Use one worker.") from error
        self._send((tuple(forms), templates, folder.absolute()))

    def make(self, letters: Sequence[Letter]) -> list[Rendered]:
        """What became of each letter, in their order; faults of templates are raised here."""
        self._send(letters)
        answer = _receive(cast("IO[bytes]", self.process.stdout))
        if answer is None:
            raise NotAvailableError(
                "A process that makes letters ended early, perhaps for lack of memory. Run again "
                "with one worker; what is finished stays."
            )
        if isinstance(answer, Exception):
            raise answer
        made: list[Rendered] = answer
        return made

    def close(self) -> None:
        """Let the process end."""
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):  # It may be dead already.
                cast("IO[bytes]", pipe).close()
        self.process.wait()

    def _send(self, content: object) -> None:
        try:
            _send(cast("IO[bytes]", self.process.stdin), content)
        except BrokenPipeError:
            self.process.wait()


def in_processes(
    letters: Iterable[Letter],
    side_by_side: Callable[..., Generator[list[Rendered], None, None]],
    begin: Callable[[], Worker],
    count: int,
) -> Iterator[Rendered]:
    """What became of each letter, in their order, by `count` processes.

    Args:
        letters: any number; a few chunks are under way at a time.
        side_by_side: runs tasks in threads and keeps their order; each thread talks to a process.
        begin: starts a process.
        count: of processes.
    """
    own, workers, lock = threading.local(), list[Worker](), threading.Lock()

    def make(chunk: Sequence[Letter]) -> list[Rendered]:
        if not hasattr(own, "worker"):
            own.worker = begin()
            with lock:
                workers.append(own.worker)
        made: list[Rendered] = own.worker.make(chunk)
        return made

    try:
        with closing(side_by_side(make, _chunks(letters), count, 2)) as chunks:
            for made in chunks:
                yield from made
    finally:
        for worker in workers:
            worker.close()


def _chunks(letters: Iterable[Letter]) -> Iterator[list[Letter]]:
    rest = iter(letters)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def serve() -> None:
    """The other side: makes what comes in until nothing comes."""
    from receivables.respond.letters.render import Renderer

    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What a library prints must not stand among the answers.
    forms, templates, folder = _receive(source)
    renderer: Renderer | None = None
    while (letters := _receive(source)) is not None:
        try:
            renderer = renderer or Renderer(forms, templates)
            made: object = [renderer.render(letter, folder) for letter in letters]
        except Exception as error:  # noqa: BLE001 - raised again where the letters came from
            made = error
        _send(answers, made)


class _Pickler(pickle.Pickler):
    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[MappingProxyType] = lambda shown: (dict, (dict(shown),))


def _send(pipe: IO[bytes], content: object) -> None:
    stream = io.BytesIO()
    _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(content)
    packed = stream.getbuffer()
    pipe.write(len(packed).to_bytes(_SIZE, "big"))
    pipe.write(packed)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    """The next message, or None at the end."""
    size = pipe.read(_SIZE)
    if len(size) < _SIZE:
        return None
    return pickle.loads(pipe.read(int.from_bytes(size, "big")))  # noqa: S301 - from our own process
