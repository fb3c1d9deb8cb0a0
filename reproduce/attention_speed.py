"""Time of attention on one thread, beside scaled_dot_product_attention of PyTorch where it is installed."""

import statistics
import time

from command import prodigest

LENGTHS = [512, 2048, 8192, 16384, 32768]
SPECS = ["softmax", "polysketch", "polysketch:local_block=256", "performer:size=256"]
WIDTH = 64


def torch_seconds(tokens):
    """Forward, and forward and backward, of one causal head."""
    try:
        import torch
    except ImportError:
        return None, None
    torch.set_num_threads(1)
    q, k, v = (torch.randn(1, 1, tokens, WIDTH, requires_grad=True) for _ in range(3))

    def forward():
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)

    def timed(work):
        work()
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            work()
            times.append(time.perf_counter() - begin)
        return statistics.median(times)

    with torch.no_grad():
        alone = timed(forward)
    return alone, timed(lambda: forward().sum().backward())


def main():
    print("microseconds a token, forward / forward and backward")
    print(f"{'tokens':>8}  {'PyTorch':>15}", *(f"{spec:>27}" for spec in SPECS))
    for tokens in LENGTHS:
        cells = [torch_seconds(tokens)]
        cases = prodigest("attend", "--compare", "--causal", "--backward", "--lengths", tokens,
                          "--head-dim", WIDTH, "--methods", ",".join(SPECS), "--threads", 1)["cases"]
        cells += [(case["seconds"], case["seconds_with_backward"]) for case in cases]
        texts = [" / ".join("-" if x is None else f"{1e6 * x / tokens:.2f}" for x in cell)
                 for cell in cells]
        print(f"{tokens:8}  {texts[0]:>15}", *(f"{text:>27}" for text in texts[1:]), flush=True)


if __name__ == "__main__":
    main()
