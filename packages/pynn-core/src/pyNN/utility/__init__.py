"""Helpers for scripts: a progress bar, a stop-watch, and the choice of a simulator on the command line."""

from pyNN.utility.progress_bar import ProgressBar, SimulationProgressBar
from pyNN.utility.script_tools import get_script_args, get_simulator
from pyNN.utility.timer import Timer

__all__ = ["ProgressBar", "SimulationProgressBar", "Timer", "get_script_args", "get_simulator"]
