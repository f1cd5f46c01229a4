"""Six interfaces for neural simulation and provenance, and the discovery of the plug-ins that implement them.

The interfaces load by submodule, so that a program that only reports to its notebook pays for nothing else:
``cawan.simulator``, ``cawan.repository``, ``cawan.records``, ``cawan.launch``, ``cawan.data``,
``cawan.parameters``; discovery in ``cawan.plugins``, hooks in ``cawan.hooks``, the channel between a running
program and its notebook in ``cawan.run``.
"""

__version__ = "0.1.0"
