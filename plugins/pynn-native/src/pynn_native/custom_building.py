"""The step of a user's equations, compiled at first use into the user's cache folder."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

from pyNN.compiling import built_library, cxx_compiler, library_key, no_compiler
from pyNN.equations import CheckedCell
from pyNN.errors import PyNNError

from pynn_native.custom_source import source_of

HEADERS = Path(__file__).parent / "include"
_NAME = "equations.so"
# Nothing here changes a result: no fused or reordered operations. What is off is errno and floating-point traps, which
# nobody looks at and which keep loops from becoming vectors.
_OPTIONS = (
    "-std=c++17", "-O3", "-fPIC", "-shared", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
)  # fmt: skip
_LONGEST_S = 300.0


def compiled_step(cell: CheckedCell, single: bool) -> int:
    """The address of the compiled step, which stays valid as long as the process lives; ``single``: of 32-bit numbers.

    Raises
    ------
    PyNNError
        There is no compiler, or it refused.
    """
    from importlib.metadata import version  # 25 ms, needed only to compile

    compiler = cxx_compiler()
    if compiler is None:
        raise PyNNError(f"The equations of {cell.name} cannot be compiled. {no_compiler()}")
    source = source_of(cell, single)
    facts = (version("pynn-native"), Path(compiler).resolve(), _OPTIONS, source)
    key = library_key(sorted(HEADERS.iterdir()), *facts)
    path = built_library("native", key, _NAME, lambda work: _compile(work, compiler, source, cell.name))
    return _address(path)


def _compile(work: Path, compiler: str, source: str, name: str) -> Path:
    import subprocess  # 5 ms

    written, made = work / "equations.cpp", work / _NAME
    written.write_text(source, encoding="ascii")
    command = [compiler, *_OPTIONS, f"-I{HEADERS}", str(written), "-o", str(made)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LONGEST_S)
    except subprocess.TimeoutExpired as error:
        raise PyNNError(
            f"{compiler} did not compile the equations of {name} in {_LONGEST_S:g} s. "
            'Use setup(equations="numpy"), or fewer equations.'
        ) from error
    if done.returncode:
        raise PyNNError(
            f"{compiler} could not compile the equations of {name}. Name another compiler in the environment variable "
            f'CXX, or use setup(equations="numpy"), which is slower.\n{done.stderr[-2000:]}'
        )
    return made


@cache
def _address(path: Path) -> int:
    library = _loaded(path)
    found = ctypes.cast(library.step_of_equations, ctypes.c_void_p).value
    if found is None:
        raise TypeError(f"{path} has no step")
    return found


@cache
def _loaded(path: Path) -> ctypes.CDLL:
    """Kept, so that it is never unloaded under an engine."""
    return ctypes.CDLL(str(path))
