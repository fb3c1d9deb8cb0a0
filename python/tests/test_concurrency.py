"""Many calls at once, from threads and from processes: the results of one after the other."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import prodigest
import pytest
from inputs import SPECS, matrix

CALLS = 24


def digest(i):
    return prodigest.sketch(matrix(3000, 8, seed=i), SPECS[i % len(SPECS)]).to_bytes()


def product(i):
    a, b = prodigest.sketch(matrix(2000, 6, seed=i)), matrix(2000, 4, seed=i + 1)
    return prodigest.estimate_product(a, b, standard_deviations=True).value.tobytes()


def attend(i):
    # A few layers: threads ask for one attention together, whose sketches are drawn once.
    q, k, v = np.random.default_rng(i).normal(size=(3, 1, 2, 300, 16)).astype(np.float32)
    return prodigest.polysketch_attention(q, k, v, local_block=32, stream=i % 3).tobytes()


def kernel_product(i):
    points = matrix(500, 3, seed=i)
    return (prodigest.GaussianOperator(points, bandwidth=1) @ points[:, 0]).tobytes()


@pytest.mark.parametrize("threads", [0, 1])
@pytest.mark.parametrize("call", [digest, product, attend, kernel_product])
def test_eight_threads_get_what_one_gets(call, threads, monkeypatch):
    for verb in ("sketch", "estimate_product", "polysketch_attention", "GaussianOperator"):
        function = getattr(prodigest, verb)
        monkeypatch.setattr(
            prodigest, verb, lambda *a, _f=function, **how: _f(*a, **how, threads=threads)
        )
    serial = [call(i) for i in range(CALLS)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(call, range(CALLS))) == serial


def test_threads_share_digests_operators_and_coded_vectors():
    a = matrix(2000, 64)
    codes, operator = prodigest.quantize(a), prodigest.GaussianOperator(a[:300], bandwidth=8)
    scores = prodigest.CodesOperator(codes)

    def use(i):
        y, x = matrix(2000, 1, seed=i)[:, 0], matrix(300, 1, seed=i)[:, 0]
        return (scores @ y).tobytes(), (operator @ x).tobytes(), codes.to_bytes()

    serial = [use(i) for i in range(CALLS)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(CALLS))) == serial


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_get_what_their_parent_got(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    calls = (digest, product, attend, kernel_product)
    expected = [[call(i) for call in calls] for i in range(4)]
    with multiprocessing.get_context(method).Pool(2) as pool:
        made = [[pool.apply_async(call, [i]) for call in calls] for i in range(4)]
        assert [[each.get(timeout=60) for each in row] for row in made] == expected
