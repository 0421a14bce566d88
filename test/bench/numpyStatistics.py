"""The same statistics of a matrix of float32 with numpy, for comparing: python numpyStatistics.py FILE ROWS COLUMNS."""

import json
import resource
import sys
import time

import numpy as np

path, rows, columns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def statistics():
    values = np.fromfile(path, dtype=np.float32).reshape(rows, columns)
    finite = np.isfinite(values)
    low, high = values.min(), values.max()
    mean, std = values.mean(dtype=np.float64), values.std(dtype=np.float64)
    histogram, _ = np.histogram(values, bins=64, range=(low, high))
    is_zero = values == 0
    groups = (is_zero.reshape(rows // 4, 4, columns).sum(axis=1) >= 2).mean()
    return [
        int(np.isnan(values).sum()), int(finite.size - finite.sum()), float(low), float(high), float(mean), float(std),
        int(is_zero.sum()), int((np.abs(values) < 0.0001).sum()), float(groups), histogram.tolist(),
        values.min(axis=0)[:8].tolist(), values.max(axis=0)[:8].tolist(),
    ]


speeds = []
for _ in range(3):
    started = time.perf_counter()
    figures = statistics()
    speeds.append(rows * columns * 4 / (time.perf_counter() - started) / 1e6)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"scanMBs": sorted(speeds)[1], "peakRssBytes": peak, "mean": figures[4], "std": figures[5]}))
