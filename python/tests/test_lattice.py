import math
import threading
import warnings

import numpy as np
import prodigest
import pytest
from command_line import command

FORMATS = ["F4", "F4pair", "F4fast", "F3", "F2", "I8", "int4", "group4", "lloyd4"]


def normal(n=1024, d=4, seed=1, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(dtype)


def centred_error(codes, a):
    """Squared error of the decoded columns, of that of the centred columns."""
    return ((prodigest.decode(codes) - a) ** 2).sum() / ((a - a.mean(0)) ** 2).sum()


@pytest.mark.parametrize(
    ("form", "bits", "low", "high"),
    [
        ("F4", 4.25, 0.0040, 0.0047),
        ("F3", 3.25, 0.016, 0.019),
        ("F2", 2, 0.10, 0.15),
        ("I8", 8, 0.00002, 0.0002),
        ("group4", 4.5, 0.006, 0.02),
    ],
)
def test_decoded_columns_err_by_the_noise_of_their_format(form, bits, low, high):
    a = normal(n=8192, d=8)
    codes = prodigest.quantize(a, f"lattice:format={form}")
    assert codes.bits_per_entry == pytest.approx(bits, abs=0.05)
    assert low < centred_error(codes, a) < high
    decoded = prodigest.decode(codes)
    assert (decoded.shape, decoded.dtype) == (a.shape, np.float32)


@pytest.mark.parametrize("form", FORMATS)
def test_rows_and_vectors_are_two_ways_to_lay_out_one_matrix(form):
    a = normal(n=70, dtype=np.float32)
    spec = f"lattice:format={form},seed=5"
    rows = prodigest.quantize(a, spec)
    vectors = prodigest.quantize(np.ascontiguousarray(a.T), spec, vectors=True)
    assert rows.to_bytes() == vectors.to_bytes()
    assert np.array_equal(prodigest.decode(rows).T, prodigest.decode(vectors, vectors=True))


def test_sparse_matrices_have_the_codes_of_dense_ones():
    sparse = pytest.importorskip("scipy.sparse")
    a = normal(n=300, d=80)
    a[np.abs(a) < 0.3] = 0
    for vectors in (False, True):
        codes = prodigest.quantize(sparse.csr_matrix(a), vectors=vectors)
        assert codes.to_bytes() == prodigest.quantize(a, vectors=vectors).to_bytes()


def test_columns_that_come_in_pieces_have_the_codes_of_the_whole():
    a = normal(n=100, d=5)
    encoder = prodigest.LatticeEncoder("lattice:format=F3", 100)
    encoder.append(a[:, :2])
    encoder.append_vectors(np.ascontiguousarray(a[:, 2:].T))
    assert encoder.snapshot().to_bytes() == prodigest.quantize(a, "lattice:format=F3").to_bytes()


def test_a_few_columns_can_be_decoded():
    a = normal(d=7)
    codes = prodigest.quantize(a)
    assert np.array_equal(prodigest.decode(codes, first=2, count=3), prodigest.decode(codes)[:, 2:5])
    assert np.array_equal(prodigest.decode(codes, first=6), prodigest.decode(codes)[:, 6:])


def product_errors(form_a, form_b, seeds, **options):
    """(W - AᵀB) / standard deviation of all entries of many seeds; None: b is at hand."""
    a = normal(n=512, d=4)
    b = normal(n=512, d=3, seed=2) + 0.3 * a[:, :3]  # nearly equal columns would be rounded alike
    found = []
    for seed in range(seeds):
        left = prodigest.quantize(a, f"lattice:format={form_a}", seed=seed, **options)
        right = b if form_b is None else prodigest.quantize(
            b, f"lattice:format={form_b}", seed=seed, **options
        )
        w = prodigest.estimate_product(left, right, standard_deviations=True)
        found.append((w.value - a.T @ b) / w.standard_deviation)
    return np.array(found)


@pytest.mark.parametrize(
    ("form_a", "form_b", "options"),
    [
        ("F4", "F4", {}),
        ("F4", "F3", {}),
        ("F2", "F2", {}),
        ("F4", None, {}),
        ("F2", None, {}),
        ("F4", "F4", {"size": 300}),
    ],
)
def test_products_have_no_bias_and_err_as_they_say(form_a, form_b, options):
    z = product_errors(form_a, form_b, seeds=150, **options)
    assert np.all(np.abs(z.mean(0)) < 4.5 / math.sqrt(len(z)))
    assert 0.85 < np.mean(z**2) < 1.15


def test_the_matrix_may_be_on_either_side():
    a, b = normal(), normal(d=2, seed=2)
    codes = prodigest.quantize(a)
    right = prodigest.estimate_product(codes, b, standard_deviations=True)
    left = prodigest.estimate_product(b, codes, standard_deviations=True)
    assert np.array_equal(left.value, right.value.T)
    assert np.array_equal(left.standard_deviation, right.standard_deviation.T)


def test_no_product_errs_less_than_the_limit():
    for form in ("F4pair", "F3", "F2"):
        a, b = normal(n=2048, d=64), normal(n=2048, d=64, seed=2)
        codes = [prodigest.quantize(m, f"lattice:format={form},gain=mmse") for m in (a, b)]
        w = prodigest.estimate_product(*codes)
        error = ((w.value - a.T @ b) ** 2).sum() / (2048 * 64 * 64)
        limit = prodigest.rate_distortion(max(c.bits_per_entry for c in codes))
        assert 1 < error / limit < 2


def test_the_diagonal_of_a_gram_matrix_is_that_of_the_columns():
    a = normal()
    codes = prodigest.quantize(a, "lattice:format=F3")
    w = prodigest.gram(codes, standard_deviations=True)
    exact = a.T @ a
    assert np.allclose(np.diag(w.value), np.diag(exact), rtol=3e-4)
    off = ~np.eye(4, dtype=bool)
    z = (w.value - exact)[off] / w.standard_deviation[off]
    assert 0.2 < np.mean(z**2) < 3
    again = prodigest.load(codes.to_bytes())
    assert np.array_equal(prodigest.estimate_product(codes, again).value, w.value)


def test_a_vector_is_multiplied_with_codes():
    documents = normal(n=40, d=128)
    operator = prodigest.CodesOperator(prodigest.quantize(documents, vectors=True))
    assert operator.shape == (40, 128)
    z = []
    for y in normal(n=50, d=128, seed=3):
        value, deviation = operator.apply(y)
        z.append((value - documents @ y) / deviation)
        assert np.array_equal(operator @ y, value)
    assert 0.85 < np.mean(np.square(z)) < 1.15


def test_threads_of_python_can_share_an_operator():
    documents = normal(n=200, d=64)
    operator = prodigest.CodesOperator(prodigest.quantize(documents, vectors=True))
    queries = normal(n=8, d=64, seed=3)
    expected = [operator @ y for y in queries]
    wrong = []

    def work(i):
        wrong.extend(i for _ in range(50) if not np.array_equal(operator @ queries[i], expected[i]))

    workers = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


def test_rows_with_keys_are_in_the_order_of_their_ids():
    a = normal(n=50)
    ids = np.random.default_rng(4).permutation(50) * 10
    codes = prodigest.quantize(a, "lattice:format=I8", row_ids=ids)
    assert np.allclose(prodigest.decode(codes), a[np.argsort(ids)], atol=0.05)


@pytest.mark.parametrize("vectors", [False, True])
def test_where_a_rotation_does_harm_a_warning_says_so(vectors):
    one_hot = np.eye(300)[:, :40]
    given = np.ascontiguousarray(one_hot.T) if vectors else one_hot
    with pytest.warns(UserWarning, match="group4"):
        prodigest.quantize(given, vectors=vectors)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prodigest.quantize(given, "lattice:format=group4", vectors=vectors)
        prodigest.quantize(normal(), vectors=vectors)


def test_codes_are_those_of_the_command(tmp_path):
    a = normal(dtype=np.float32)
    np.save(tmp_path / "a.npy", a)
    for i, flags in enumerate([(), ("--vectors",)]):
        spec = "lattice:format=F4pair,seed=3"
        command("quantize", tmp_path / "a.npy", "-m", spec, "-o", tmp_path / "a.pdg", *flags)
        codes = prodigest.quantize(a, spec, vectors=bool(i))
        assert (tmp_path / "a.pdg").read_bytes() == codes.to_bytes()
        command("decode", tmp_path / "a.pdg", "-o", tmp_path / "again.npy", *flags)
        decoded = prodigest.decode(codes, vectors=bool(i))
        assert np.array_equal(np.load(tmp_path / "again.npy"), decoded)


def test_what_cannot_be_coded_is_refused():
    a = normal()
    for arguments, options, message in [
        ((a, "priority:size=3"), {}, "lattice:format=NAME"),
        ((a, "lattice:format=F9"), {}, "F9"),
        ((a,), {"size": 2000}, "size"),
        ((a[:0],), {}, "rows"),
        ((np.where(a == a[7, 2], np.inf, a),), {}, "row 7, column 2"),
        ((np.where(a == a[7, 2], np.nan, a),), {"vectors": True}, "vector 7, entry 2"),
        ((a,), {"vectors": True, "row_ids": np.arange(1024)}, "no keys"),
        ((a[:, 0],), {}, "2 dimensions"),
    ]:
        with pytest.raises(ValueError, match=message):
            prodigest.quantize(*arguments, **options)
    with pytest.raises(TypeError):
        prodigest.quantize(a.astype(object))


def test_what_cannot_be_decoded_or_multiplied_is_refused():
    a = normal()
    codes, sample = prodigest.quantize(a), prodigest.sketch(a)
    for refused in (prodigest.decode, prodigest.gram, prodigest.CodesOperator):
        with pytest.raises(TypeError, match="expected lattice codes, got a RowSample"):
            refused(sample)
    with pytest.raises(ValueError, match="range of the 4 columns"):
        prodigest.decode(codes, first=3, count=2)
    with pytest.raises(ValueError, match="decode to int8"):
        prodigest.CodesOperator(prodigest.quantize(a, "lattice:format=lloyd4"))
    operator = prodigest.CodesOperator(codes)
    with pytest.raises(ValueError, match="1024 entries"):
        operator @ a[:5, 0]
    with pytest.raises(ValueError, match="finite"):
        operator @ np.full(1024, np.nan)
    with pytest.raises(prodigest.IncompatibleError, match="seed"):
        prodigest.estimate_product(codes, prodigest.quantize(a, seed=1))
    with pytest.raises(prodigest.IncompatibleError, match="rows"):
        prodigest.estimate_product(codes, prodigest.quantize(a[:100]))
    with pytest.raises(ValueError):
        prodigest.estimate_product(codes, a[:100])
