"""Lattice codes against the reference: codes decode to the same numbers, products agree."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import digest_file, lattice
from reference.agreement import assert_close
from reference.strategies import SEEDS, examples, matrices

import prodigest

CODES = ["F4", "F4pair", "F4fast", "F3", "F2", "I8", "int2", "int4", "int7", "group2", "group4", "group5", "lloyd2",
         "lloyd4", "lloyd6"]
NORMAL = {"F4": 0.0043, "F4pair": 0.0046, "F4fast": 0.0053, "F3": 0.0173, "F2": 0.117, "lloyd2": 0.1388, "lloyd4": 0.0096}


def bytes_of(digest):
    return digest.to_bytes()


def test_the_shortest_point_of_a_label_is_in_its_coset_and_shortest():
    """Against the nearest point of E8, found in another way."""
    rng = np.random.default_rng(1)
    for q in (2, 4, 8, 16):
        for labels in rng.integers(0, q, (200, 8)):
            basis_sum = np.full(8, labels[0] / 2.0)
            basis_sum[1:7] += labels[1:7]
            basis_sum[7] += labels[1:7].sum() + 2 * labels[7]
            shortest = basis_sum - q * lattice.nearest_e8(basis_sum / q)
            found = lattice.voronoi_values(labels, q) / 2
            assert np.isclose((found**2).sum(), (shortest**2).sum())
            difference = (found - basis_sum) / q  # a point of E8
            assert np.array_equal(difference, lattice.nearest_e8(difference))


def test_the_nearest_point_of_e8_is_no_further_than_any_near_it():
    rng = np.random.default_rng(2)
    roots = [np.array(root) for root in itertools.product([-0.5, 0.5], repeat=8) if sum(root) % 2 == 0]
    for i, j in itertools.combinations(range(8), 2):
        for s, t in itertools.product([-1, 1], repeat=2):
            root = np.zeros(8)
            root[i], root[j] = s, t
            roots.append(root)
    assert len(roots) == 240
    for x in rng.normal(size=(100, 8)) * 3:
        point = lattice.nearest_e8(x)
        assert all(((x - point) ** 2).sum() <= ((x - point - root) ** 2).sum() for root in roots)


@examples(100)
@given(st.data())
def test_codes_decode_to_the_same_matrix(data):
    a = data.draw(matrices(rows=data.draw(st.integers(1, 9) | st.sampled_from([64, 100, 513, 600])), scaled=False))
    code = data.draw(st.sampled_from(CODES))
    spec = f"lattice:format={code},seed={data.draw(SEEDS)}"
    if data.draw(st.booleans()):
        spec += f",rotation={data.draw(st.sampled_from(['hadamard', 'none']))},centre={data.draw(st.sampled_from(['yes', 'no']))}"
    digest = prodigest.sketch(a, spec)
    codes = lattice.read(bytes_of(digest))
    reference = lattice.decode(codes)
    size = np.sqrt(((reference - codes.means) ** 2).sum(axis=0)) + np.abs(codes.means)
    assert np.all(np.abs(prodigest.decode(digest) - reference) <= 2e-6 * size)


@examples(60)
@given(st.data())
def test_scales_and_noises_are_those_of_the_codes(data):
    """Unbiased: <x, decoded> = |x|²; noise is 1/cos² - 1, rounded up to half precision."""
    n = data.draw(st.integers(8, 700))
    a = data.draw(matrices(rows=n, kinds=("normal", "heavy", "spikes"), scaled=False, dtypes=(np.float64,)))
    code = data.draw(st.sampled_from([c for c in CODES if "int" not in c and "group" not in c]))
    codes = lattice.read(bytes_of(prodigest.sketch(a, f"lattice:format={code},seed={data.draw(SEEDS)},gain=unbiased")))
    centred = a - a.mean(axis=0)
    np.testing.assert_allclose(codes.means, a.mean(axis=0), rtol=1e-12, atol=1e-12 * np.abs(a).max())
    x = lattice.rotate(centred, codes.seed)
    squares, products = (x**2).sum(axis=0), (x * codes.decoded).sum(axis=0)
    np.testing.assert_allclose(codes.scales, squares / products, rtol=2e-6)
    noise = squares * (codes.decoded**2).sum(axis=0) / products**2 - 1
    assert np.all(codes.noises >= noise * (1 - 1e-4) - 1e-7)
    assert np.all(codes.noises <= noise * (1 + 2.0**-10 + 1e-4) + 1e-6)


@pytest.mark.parametrize("code", list(NORMAL))
def test_the_error_is_that_of_the_document(code):
    """1 - cos² of normal columns, decoded by the reference alone; that of scalars is within 2 % of Max's table."""
    a = np.random.default_rng(3).normal(size=(4096, 16))
    codes = lattice.read(bytes_of(prodigest.sketch(a, f"lattice:format={code}")))
    error = ((lattice.decode(codes) - a) ** 2).sum(axis=0) / ((a - a.mean(axis=0)) ** 2).sum(axis=0)
    assert abs(error.mean() / NORMAL[code] - 1) < 0.04


def test_lloyd_levels_are_those_of_max():
    assert np.allclose(lattice.lloyd_levels(2), [-1.510, -0.4528, 0.4528, 1.510], atol=6e-4)
    assert np.allclose(lattice.lloyd_levels(4)[8:], [0.1284, 0.3881, 0.6568, 0.9424, 1.256, 1.618, 2.069, 2.733], atol=6e-4)


def check_product(estimate, reference, exact):
    """What errors that are alike add is refined by the library only where it is more than 1e-3 of the rest."""
    assert_close(estimate.value, reference.value, reference.magnitude, 1e-12 if exact else 1e-6)
    error, failure = estimate.frobenius_error, 1 - estimate.frobenius_error.confidence
    share = 1e-6 if exact else 2e-5
    assert_close(error.apriori, reference.apriori, reference.apriori, share)

    def assert_squares_close(ours, theirs, scale, left_out):
        assert_close(ours**2, theirs**2, theirs**2 + 1e-3 * scale**2 + left_out / share, share)
    assert_squares_close(error.estimated, reference.estimated, reference.scale, reference.left_out.sum())
    if error.bound != error.apriori:
        assert_squares_close(error.bound * failure**0.5, reference.bound * failure**0.5, reference.scale, reference.left_out.sum())
    assert_squares_close(estimate.standard_deviation, reference.standard_deviation, reference.deviation_scale, reference.left_out)


@examples(100)
@given(st.data())
def test_products_of_codes(data):
    """Formats, gains and centring of the two sides may differ; columns may be alike."""
    n = data.draw(st.integers(1, 9) | st.integers(64, 600))
    a, b = (data.draw(matrices(rows=n, scaled=False)) for _ in range(2))
    if data.draw(st.booleans()):
        b = (a + np.float32(data.draw(st.sampled_from([0.0, 0.01, 0.1, 1.0]))) * b[:, :1]).astype(b.dtype)
    rotation = data.draw(st.sampled_from(["hadamard", "hadamard", "none"]))
    seed = data.draw(SEEDS)
    size = n if rotation == "none" else data.draw(st.sampled_from([n, -(-n // 2)]))
    sides, read = [], []
    for matrix in (a, b):
        code = data.draw(st.sampled_from(CODES))
        gain, centre = data.draw(st.sampled_from(["auto", "unbiased", "mmse", "plain"])), data.draw(st.sampled_from(["yes", "no"]))
        spec = f"lattice:format={code},seed={seed},rotation={rotation},gain={gain},centre={centre},size={size}"
        sides.append(prodigest.sketch(matrix, spec))
        read.append(lattice.read(bytes_of(sides[-1])))
    estimate = prodigest.estimate_product(*sides, standard_deviations=True)
    # Whole numbers are multiplied exactly; what a mean of one side meets is decoded to float.
    exact = all("group" not in c.code and "lloyd" not in c.code for c in read) and read[0].centred == read[1].centred
    same = sides[0].to_bytes() == sides[1].to_bytes()  # then the diagonal is known from the norms
    check_product(estimate, lattice.estimate_product(*read, gram=same), exact)


@examples(30)
@given(st.data())
def test_the_gram_matrix_of_codes(data):
    a = data.draw(matrices(rows=data.draw(st.integers(8, 600)), scaled=False))
    digest = prodigest.sketch(a, f"lattice:format={data.draw(st.sampled_from(CODES[:6]))},seed={data.draw(SEEDS)}")
    codes = lattice.read(bytes_of(digest))
    check_product(prodigest.estimate_product(digest, digest, standard_deviations=True),
                  lattice.estimate_product(codes, codes, gram=True), True)


def test_the_set_of_rows_has_the_name_of_the_document():
    xxhash = pytest.importorskip("xxhash")
    ids = np.random.default_rng(1).integers(0, 2**64, 50, dtype=np.uint64)
    a = np.random.default_rng(2).normal(size=(50, 3))
    metadata, _ = digest_file.of(prodigest.sketch(a, "lattice:format=F3", row_ids=ids))
    assert metadata["row_set"] == f"{xxhash.xxh3_64_intdigest(np.sort(ids).astype('<u8').tobytes()):016x}"
    order = np.argsort(ids)
    named, numbered = prodigest.sketch(a, "lattice:format=F3", row_ids=ids), prodigest.sketch(a[order], "lattice:format=F3")
    assert np.array_equal(lattice.read(bytes_of(named)).decoded, lattice.read(bytes_of(numbered)).decoded)
