"""What calling attention through Python and PyTorch costs beside the C++ call alone.

Usage: python attention_overhead.py [rounds]

The C++ call alone is that of the extension on arrays made before, on a thread that is not Python's
main one, where it is run directly. Times are the least of the rounds, which take turns; those of
the CPU tell more where other programs run beside.
"""

import sys
import threading
import time

import numpy as np
import prodigest
import torch
from prodigest import torch as attention

HEADS, WIDTH = 8, 64


def once(function):
    clocks = (time.perf_counter, time.process_time)
    starts = [clock() for clock in clocks]
    function()
    return [clock() - start for clock, start in zip(clocks, starts, strict=True)]


def in_a_thread(function, times):
    thread = threading.Thread(target=lambda: times.append(once(function)))
    thread.start()
    thread.join()


def compare(name, alone, others, rounds):
    alone_times, times = [], {other: [] for other in others}
    for _ in range(rounds):
        in_a_thread(alone, alone_times)
        for other, function in others.items():
            times[other].append(once(function))
    wall, cpu = np.min(alone_times, axis=0)
    print(f"{name:36} C++ alone {wall * 1e6:10.1f} us")
    for other, own in times.items():
        own_wall, own_cpu = np.min(own, axis=0)
        print(f"    {other:32} {own_wall / wall:6.3f} x {(own_wall - wall) * 1e6:+9.1f} us"
              f"    CPU {own_cpu / cpu:6.3f} x {(own_cpu - cpu) * 1e6:+9.1f} us")


def tensors(tokens):
    draw = np.random.default_rng(1)
    return [draw.normal(size=(1, HEADS, tokens, WIDTH)).astype(np.float32) for _ in range(3)]


def sequences(tokens, rounds):
    q, k, v = tensors(tokens)
    of_torch = [torch.from_numpy(x) for x in (q, k, v)]
    learning = [x.clone().requires_grad_() for x in of_torch]
    core = prodigest.Attention(heads=HEADS, head_dim=WIDTH)._core
    out, dout = np.empty_like(q), np.ones_like(q)
    gradients = [np.empty_like(q) for _ in range(3)]

    def forward():
        core.apply(q, k, v, out, True, None, None, False, 1)

    def both():
        kept = core.apply(q, k, v, out, True, None, None, True, 1)
        core.backward(q, k, v, out, kept, dout, *gradients, None, None, False, True, None, 1)

    def torch_both():
        result = attention.polysketch_attention(*learning, is_causal=True, threads=1)
        torch.autograd.grad(result, learning, ones)

    ones = torch.from_numpy(dout)
    compare(f"forward, {tokens} tokens", forward, {
        "numpy": lambda: prodigest.polysketch_attention(q, k, v, threads=1),
        "torch": lambda: attention.polysketch_attention(*of_torch, is_causal=True, threads=1),
    }, rounds)
    compare(f"forward and backward, {tokens} tokens", both, {"torch": torch_both}, rounds)


def decode(rounds):
    q, k, v = tensors(1)
    of_torch = [torch.from_numpy(x) for x in (q, k, v)]
    held = prodigest.Attention(heads=HEADS, head_dim=WIDTH)
    state, out = held.empty_state(), np.empty_like(q)
    more = {"initial_state": state, "output_final_state": True, "threads": 1}
    compare("a token", lambda: held._core.apply(q, k, v, out, True, None, state, False, 1), {
        "Attention object": lambda: held(q, k, v, state=state, threads=1),
        "numpy": lambda: prodigest.polysketch_attention(q, k, v, **more),
        "numpy, state in place": lambda: prodigest.polysketch_attention(
            q, k, v, inplace_state=True, **more),
        "torch": lambda: attention.polysketch_attention(*of_torch, is_causal=True, **more),
        "torch, state in place": lambda: attention.polysketch_attention(
            *of_torch, is_causal=True, inplace_state=True, **more),
    }, rounds)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    sys.setswitchinterval(1e-4)
    decode(100 * rounds)
    sequences(1024, rounds)
    sequences(8192, max(3, rounds // 4))


if __name__ == "__main__":
    main()
