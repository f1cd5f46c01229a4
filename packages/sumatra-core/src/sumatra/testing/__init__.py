"""The conformance kits of the notebook's plug-ins; they need the extra ``sumatra-core[testing]``."""
