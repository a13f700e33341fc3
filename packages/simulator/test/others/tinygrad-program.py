"""Computes with tinygrad on the device that it finds, and prints the results as JSON."""

import json

from tinygrad import Device, Tensor, TinyJit, dtypes


def noise(count, seed):
    state, values = seed, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state / 2**31 - 1)
    return values


results = {"device": Device.DEFAULT}

a, b = Tensor(noise(1000, 1)), Tensor(noise(1000, 2))
results["sum"] = (a + b).tolist()
results["total"] = a.sum().item()
results["prefixes"] = a.cumsum().tolist()

m, n, k = 64, 48, 32
left = Tensor(noise(m * k, 3)).reshape(m, k)
right = Tensor(noise(k * n, 4)).reshape(k, n)
results["product"] = (left @ right).flatten().tolist()
results["transposed"] = left.T.contiguous().flatten().tolist()
halves = left.cast(dtypes.half).contiguous().realize(), right.cast(dtypes.half).contiguous().realize()
results["half_product"] = halves[0].matmul(halves[1], dtype=dtypes.float).flatten().tolist()

bins = Tensor(noise(500, 5)).add(1).mul(8).cast(dtypes.int)
results["histogram"] = bins.one_hot(16).sum(0).tolist()

# Gradient descent for a straight line; from the third step on it is a graph of the driver's that is replayed.
x = Tensor(noise(64, 6)).realize()
y = (x * 3 - 1).realize()
slope, offset = Tensor([0.0]).realize(), Tensor([0.0]).realize()


@TinyJit
def step():
    error = (slope * x + offset - y).realize()
    slope.assign(slope - 0.5 * (error * x).mean()).realize()
    offset.assign(offset - 0.5 * error.mean()).realize()
    return (error * error).mean().realize()


results["losses"] = [step().item() for _ in range(12)]
results["line"] = [slope.item(), offset.item()]
print(json.dumps(results))
