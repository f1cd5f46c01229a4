"""Recorded spikes in SONATA's file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pyNN.serialization.sonata.config import MAGIC, h5py, open_h5


class SonataIO:
    """Reads and writes ``spikes.h5``: for each population the numbers of nodes and the times of their spikes (ms)."""

    def __init__(
        self, base_dir: str | Path, spikes_file: str = "spikes.h5", spikes_sort_order: str | None = None,
        report_config: Any = None, node_sets: Any = None,
    ) -> None:  # fmt: skip
        self.path = Path(base_dir) / spikes_file
        self.sort_order = spikes_sort_order or "by_time"

    def write(self, blocks: Sequence[Any]) -> None:
        """Write the spikes of the last segment of each block, under its name."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with h5py().File(self.path, "w") as file:
            file.attrs["magic"] = np.uint32(MAGIC)
            root = file.create_group("spikes")
            for block in blocks:
                trains = list(block.segments[-1].spiketrains) if block.segments else []
                first = int(block.annotations.get("first_id") or 0)
                ids = [np.full(len(t), int(t.annotations["source_id"]) - first, dtype=np.int64) for t in trains]
                times = [train.rescale("ms").magnitude for train in trains]
                node_ids = np.concatenate([np.empty(0, np.int64), *ids])
                stamps = np.concatenate([np.empty(0), *times])
                order = np.lexsort((node_ids, stamps) if self.sort_order == "by_time" else (stamps, node_ids))
                group = root.create_group(str(block.name))
                group.attrs["sorting"] = self.sort_order
                group.create_dataset("node_ids", data=node_ids[order])
                group.create_dataset("timestamps", data=stamps[order]).attrs["units"] = "ms"

    write_block = write

    def read(self) -> list[Any]:
        """A Neo Block for each population, with a train for each node that spiked."""
        import neo
        import quantities as pq

        blocks = []
        with open_h5(self.path) as file:
            for name, data in file["spikes"].items():
                ids, times = np.asarray(data["node_ids"]), np.asarray(data["timestamps"])
                segment = neo.Segment()
                end = float(times.max(initial=0.0))
                for number in np.unique(ids):
                    mine = np.sort(times[ids == number])
                    segment.spiketrains.append(neo.SpikeTrain(mine, t_stop=end, units=pq.ms, source_id=int(number)))
                block = neo.Block(name=name)
                block.segments.append(segment)
                blocks.append(block)
        return blocks
