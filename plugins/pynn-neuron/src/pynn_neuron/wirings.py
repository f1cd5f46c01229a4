"""The rows of a wiring as arrays."""

from __future__ import annotations

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Array, Index, Values, Wiring


@dataclass
class Rows:
    """Rows of the source and of the target of each synapse, in the order in which they came."""

    pre: Index
    post: Index

    @classmethod
    def of(cls, wiring: Wiring) -> tuple[Rows, dict[str, Values]]:
        """All rows, and their values: a number where all share it."""
        pre, post = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        columns: dict[str, list[Array]] = {}
        for edges in wiring.chunks():
            pre.append(edges.pre)
            post.append(edges.post)
            for name, column in edges.values.items():
                columns.setdefault(name, []).append(column)
        values: dict[str, Values] = {name: np.concatenate(parts) for name, parts in columns.items()}
        return cls(np.concatenate(pre), np.concatenate(post)), {**wiring.common, **values}

    def ends(self, name: str, index: Index | None) -> Array:
        """Column "i" or "j" of these rows."""
        column = self.pre if name == "i" else self.post
        return (column if index is None else column[index]).astype(np.float64)
