"""A run, from the command line to its record: ``plan``, ``start``, ``supervise``, ``follow``, ``settle``."""
