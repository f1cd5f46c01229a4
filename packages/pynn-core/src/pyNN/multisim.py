"""One model on several simulators at once, each in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pyNN.errors import PyNNError

_STOP = "STOP"


def run_simulation(
    network_model: Callable[..., Any], sim: Any, parameters: Any, input_queue: Any, output_queue: Any
) -> None:
    """Build ``network_model(sim, parameters)``, then do what comes from ``input_queue`` until "STOP".

    A task is (object, method, arguments, keywords), where the object is "network" or "sim". An answer is (True, result)
    or (False, what went wrong).
    """
    try:
        objects = {"sim": sim, "network": network_model(sim, parameters)}
        output_queue.put((True, None))
    except Exception as error:  # noqa: BLE001 - it is raised again where the model was asked for
        output_queue.put((False, f"{type(error).__name__}: {error}"))
        return
    for name, attribute, arguments, keywords in iter(input_queue.get, _STOP):
        try:
            output_queue.put((True, getattr(objects[name], attribute)(*arguments, **keywords)))
        except Exception as error:  # noqa: BLE001 - it is raised again where the method was called
            output_queue.put((False, f"{type(error).__name__}: {error}"))


class MultiSim:
    """A model on several simulators: each method of the model is called on all, and gives a result for each.

    Parameters
    ----------
    sim_list
        Simulator modules.
    network_model
        A class, made as ``network_model(sim, parameters)``; its results must be values that can be sent between
        processes, such as numbers, arrays and Neo blocks.
    parameters
        For the model.

    Raises
    ------
    PyNNError
        The model or one of its methods fails on a simulator, which is named.
    """

    def __init__(self, sim_list: Sequence[Any], network_model: Callable[..., Any], parameters: Any) -> None:
        context = multiprocessing.get_context()
        self.processes: dict[str, Any] = {}
        self.task_queues: dict[str, Any] = {}
        self.result_queues: dict[str, Any] = {}
        for sim in sim_list:
            tasks, results = context.Queue(), context.Queue()
            process = context.Process(target=run_simulation, args=(network_model, sim, parameters, tasks, results))
            process.start()
            name = sim.__name__
            self.processes[name], self.task_queues[name], self.result_queues[name] = process, tasks, results
        self._answers()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.processes.values())

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*args: Any, **kwargs: Any) -> dict[str, Any]:
            return self._ask(("network", name, args, kwargs))

        return call

    def run(self, simtime: float, steps: int = 1) -> None:
        """Run for ``simtime`` ms on all simulators, in equal steps after each of which they wait for one another."""
        for _ in range(steps):
            self._ask(("sim", "run", (float(simtime) / steps,), {}))

    def end(self) -> None:
        """End all processes."""
        for name, process in self.processes.items():
            self.task_queues[name].put(_STOP)
            process.join()

    def _ask(self, task: tuple[str, str, Sequence[Any], dict[str, Any]]) -> dict[str, Any]:
        for queue in self.task_queues.values():
            queue.put(task)
        return self._answers()

    def _answers(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        failed: list[str] = []
        for name, queue in self.result_queues.items():
            fine, result = queue.get()
            if fine:
                found[name] = result
            else:
                failed.append(f"{name}: {result}")
        if failed:
            self._give_up()
            raise PyNNError("The model failed on " + "; ".join(failed))
        return found

    def _give_up(self) -> None:
        for process in self.processes.values():
            process.terminate()
            process.join()
