"""Digests and their verbs."""

import copy
import io
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import prodigest
import pytest
import scipy.sparse as sp

SPECS = [
    "priority:size=40,seed=7",
    "threshold:size=40,seed=7",
    "countsketch:size=40,seed=7",
    "osnap:size=40,seed=7",
    "srht:size=40,seed=7",
    "gaussian:size=40,seed=7",
    "sign:size=40,seed=7",
    "lattice:format=F4,seed=7",
]
SAMPLES, SKETCHES, CODES = SPECS[:2], SPECS[2:7], SPECS[7:]


def matrix(rows=200, cols=5, seed=1, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=(rows, cols)).astype(dtype)


def sparse_matrix(rows=200, cols=50, seed=1, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return sp.random(rows, cols, 0.05, format="csr", random_state=rng, dtype=dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("spec", SPECS)
def test_threads_blocks_and_row_strides_do_not_change_a_digest(spec, dtype):
    a = matrix(dtype=dtype)
    wide = np.zeros((200, 9), dtype)
    wide[:, 2:7] = a
    digest = prodigest.sketch(a, spec, threads=1)
    assert prodigest.sketch(wide[:, 2:7], spec, threads=2) == digest
    assert digest != prodigest.sketch(a + 1, spec)


@pytest.mark.parametrize("spec", SPECS)
def test_a_fortran_array_has_the_digest_of_its_copy_in_c_order(spec):
    a = matrix()
    assert prodigest.sketch(np.asfortranarray(a), spec) == prodigest.sketch(a, spec)


@pytest.mark.parametrize("spec", [s for s in SPECS if not s.startswith(("gaussian", "sign"))])
def test_a_sparse_matrix_has_the_digest_of_the_dense_one(spec):
    a = sparse_matrix()
    digest = prodigest.sketch(a, spec)
    assert prodigest.sketch(a.toarray(), spec) == digest
    assert prodigest.sketch(a.tocsc(), spec) == digest


@pytest.mark.parametrize("spec", SPECS)
def test_digests_survive_files_bytes_and_pickle(spec, tmp_path):
    digest = prodigest.sketch(matrix(), spec, columns=list("abcde"))
    prodigest.save(digest, tmp_path / "a.pdg")
    buffer = io.BytesIO()
    prodigest.save(digest, buffer)
    assert (tmp_path / "a.pdg").read_bytes() == buffer.getvalue() == digest.to_bytes()
    buffer.seek(0)
    for again in (
        prodigest.load(tmp_path / "a.pdg"),
        prodigest.load(str(tmp_path / "a.pdg")),
        prodigest.load(buffer.getvalue()),
        prodigest.load(buffer),
        pickle.loads(pickle.dumps(digest)),
        copy.deepcopy(digest),
    ):
        assert again == digest
        assert type(again) is type(digest)
        assert again.columns == list("abcde")


def test_a_sample_has_its_attributes():
    a = matrix()
    s = prodigest.sketch(a, "priority:size=40,seed=7,totals=full")
    assert (s.rows, s.cols, s.size, s.seed) == (200, 5, 40, 7)
    assert s.spec == "priority:size=40,seed=7,totals=full"
    assert s.key == [] and s.columns == [] and not s.complete and not s.sparse
    assert np.array_equal(s.values, a[s.row_ids.astype(int)])
    assert np.allclose(s.weights, (s.values**2).sum(1), rtol=1e-14)
    assert np.array_equal(s.inclusion, np.minimum(1, s.weights * s.tau))
    assert s.squared_norm == pytest.approx((a**2).sum(), rel=1e-14)
    assert s.column_sums == pytest.approx(a.sum(0), rel=1e-12)
    assert s.nonzero_rows == 200
    assert "priority:size=40" in repr(s)


def test_a_sample_of_all_rows_is_the_matrix():
    for dtype in (np.float32, np.float64):
        a = matrix(dtype=dtype)
        s = prodigest.sketch(a, size=1000)
        assert s.complete and s.tau == np.inf
        assert s.values.dtype == dtype and np.array_equal(s.values, a)


def test_values_of_a_sparse_sample_are_csr():
    a = sparse_matrix(dtype=np.float32)
    s = prodigest.sketch(a, "priority:size=60")
    assert s.sparse and s.values.dtype == np.float32 and s.values.shape == (60, 50)
    assert np.array_equal(s.values.toarray(), a.toarray()[s.row_ids.astype(int)])
    assert np.shares_memory(s.values.data, s.values.data)


def test_a_linear_sketch_and_codes_have_their_attributes():
    a = matrix()
    s = prodigest.sketch(a, "countsketch:size=40,seed=7")
    assert (s.rows, s.cols, s.size, s.values.shape) == (200, 5, 40, (40, 5))
    assert s.values.sum(0).shape == (5,)
    c = prodigest.sketch(a, "lattice:format=F4,seed=7")
    assert (c.rows, c.cols, c.size) == (200, 5, 200)
    assert c.codes.dtype == np.uint8 and len(c.codes) == len(c.scales) == len(c.means) == 5
    assert c.means == pytest.approx(a.mean(0), abs=1e-12)
    assert 4 < c.bits_per_entry < 6


def test_arrays_of_a_digest_are_read_only_views_that_keep_it_alive():
    arrays = []
    for spec in ("priority:size=100", "countsketch:size=100"):
        digest = prodigest.sketch(matrix(), spec)
        assert np.shares_memory(digest.values, digest.values)
        expected = digest.values.copy()
        arrays.append((digest.values, expected))
        with pytest.raises(ValueError, match="read-only"):
            digest.values[0, 0] = 1
    del digest
    junk = [np.ones((100, 5)) for _ in range(100)]
    for array, expected in arrays:
        assert np.array_equal(array, expected)
    assert len(junk) == 100


def test_digests_cannot_be_hashed_and_equal_only_their_like():
    digest = prodigest.sketch(matrix())
    with pytest.raises(TypeError, match="unhashable"):
        hash(digest)
    assert digest != "priority" and digest != prodigest.sketch(matrix(), "countsketch:size=9")


@pytest.mark.parametrize("spec", SAMPLES)
def test_samples_of_parts_merge_into_the_sample_of_the_whole(spec):
    a, ids = matrix(), np.arange(200)
    parts = [prodigest.sketch(a[i::3], spec, row_ids=ids[i::3]) for i in range(3)]
    whole = prodigest.sketch(a, spec)
    assert prodigest.merge(parts) == prodigest.merge(*parts[::-1]) == whole
    assert prodigest.merge(whole) == whole


def test_linear_sketches_are_added_and_subtracted():
    a, b = matrix(seed=1), matrix(seed=2)
    sa, sb, sab = (prodigest.sketch(m, "countsketch:size=40") for m in (a, b, a - b))
    assert np.allclose(prodigest.subtract(sa, sb).values, sab.values, atol=1e-12)
    halves = [prodigest.sketch(a[h], "countsketch:size=40", row_ids=np.arange(200)[h])
              for h in (slice(0, 99), slice(99, 200))]
    assert np.allclose(prodigest.merge(halves).values, sa.values, atol=1e-12)


def test_a_truncated_sample_is_the_smaller_sample():
    a = matrix()
    small = prodigest.truncate(prodigest.sketch(a, size=40), 20)
    assert small == prodigest.sketch(a, size=20)


def test_what_cannot_be_combined_is_refused():
    sample, sketch, codes = (prodigest.sketch(matrix(), s) for s in (SPECS[0], SPECS[2], SPECS[7]))
    with pytest.raises(prodigest.IncompatibleError, match="one method family"):
        prodigest.merge(sample, sketch)
    with pytest.raises(prodigest.IncompatibleError, match="one method family"):
        prodigest.estimate_product(sample, sketch)
    with pytest.raises(prodigest.IncompatibleError, match="seeds must be equal, got 7 and 0"):
        prodigest.estimate_product(sample, prodigest.sketch(matrix()))
    with pytest.raises(prodigest.UnsupportedError, match="rotated as a whole"):
        prodigest.merge(codes, codes)
    with pytest.raises(ValueError, match="at least one digest"):
        prodigest.merge([])
    with pytest.raises(TypeError, match="expected a digest, got ndarray"):
        prodigest.merge(sample, matrix())
    with pytest.raises(TypeError, match="expected linear sketches, got RowSample"):
        prodigest.subtract(sample, sample)
    with pytest.raises(TypeError, match="expected a sample, got LinearSketch"):
        prodigest.truncate(sketch, 3)
    with pytest.raises(ValueError, match="size"):
        prodigest.truncate(sample, 41)
    with pytest.raises(TypeError, match="at least one digest, got ndarray and ndarray"):
        prodigest.estimate_product(matrix(), matrix())
    with pytest.raises(ValueError, match="confidence must be in"):
        prodigest.estimate_product(sample, sample, confidence=1.5)


@pytest.mark.parametrize("spec", SPECS)
def test_products_lie_within_their_bound(spec):
    a = matrix(4000, 5)
    b = a @ np.ones((5, 3)) + matrix(4000, 3, seed=2)
    spec = spec.replace("size=40", "size=1000")
    w = prodigest.estimate_product(
        prodigest.sketch(a, spec), prodigest.sketch(b, spec), standard_deviations=True
    )
    error = np.linalg.norm(w.value - a.T @ b)
    e = w.frobenius_error
    assert w.value.shape == w.standard_deviation.shape == (5, 3)
    assert 0 < error < e.bound and e.confidence == 0.95 and e.estimated > 0 and e.apriori > 0
    assert (np.abs(w.value - a.T @ b) < 6 * w.standard_deviation).all()
    w2 = prodigest.estimate_product(prodigest.sketch(a, spec), prodigest.sketch(b, spec),
                                    confidence=0.5)
    assert w2.standard_deviation is None and w2.frobenius_error.bound < e.bound


@pytest.mark.parametrize("spec", SPECS)
def test_a_matrix_at_hand_can_stand_beside_a_digest(spec):
    a, b = matrix(1000, 4), matrix(1000, 3, seed=2) + matrix(1000, 3)[:, :1]
    spec = spec.replace("size=40", "size=500")
    d = prodigest.sketch(a, spec)
    w = prodigest.estimate_product(d, b, standard_deviations=True)
    assert np.linalg.norm(w.value - a.T @ b) < w.frobenius_error.bound
    turned = prodigest.estimate_product(b, d, standard_deviations=True)
    assert np.array_equal(turned.value, w.value.T)
    assert np.array_equal(turned.standard_deviation, w.standard_deviation.T)

    ids = np.random.default_rng(3).permutation(1000)
    named = prodigest.estimate_product(d, b[ids], row_ids=ids)
    assert np.allclose(named.value, w.value, atol=1e-9)
    mixed = prodigest.estimate_product(d, sp.csr_array(b[ids]), row_ids=ids)
    assert np.allclose(mixed.value, w.value, atol=1e-9)


def test_codes_refuse_a_matrix_of_other_rows():
    codes = prodigest.sketch(matrix(), SPECS[7])
    with pytest.raises(prodigest.IncompatibleError, match="row ids differ"):
        prodigest.estimate_product(codes, matrix(), row_ids=np.arange(1, 201))
    with pytest.raises(ValueError, match="inner dimensions differ"):
        prodigest.estimate_product(codes, matrix(100))
    with pytest.raises(TypeError, match="read a matrix"):
        prodigest.estimate_product(codes, codes, row_ids=np.arange(200))


def test_codes_with_themselves_know_the_diagonal():
    a = matrix()
    first, again = prodigest.sketch(a, SPECS[7]), prodigest.sketch(a, SPECS[7])
    assert first is not again
    w = prodigest.estimate_product(first, again)
    assert np.diag(w.value) == pytest.approx((a**2).sum(0), rel=1e-3)


@pytest.mark.parametrize("spec", SAMPLES + SKETCHES)
def test_streams_make_the_digest_of_the_whole(spec):
    spec += ",length=256" if spec.startswith("srht") else ""
    a = matrix()
    stream = (prodigest.RowSampler if spec in SAMPLES else prodigest.LinearSketcher)(spec, 5)
    whole = prodigest.sketch(a, spec)
    assert stream.update(a[:70]) is stream
    stream.update(a[70:70]).update(a[70:]).update(sp.csr_array((0, 5)))
    assert stream.rows == 200
    digest = stream.finish()
    if spec in SAMPLES:
        assert digest == whole
    else:
        assert np.allclose(digest.values, whole.values, atol=1e-12)
    with pytest.raises(ValueError, match="finish"):
        stream.update(a)
    with pytest.raises(ValueError, match="finish"):
        stream.finish()


def test_a_stream_takes_named_rows_in_any_order_and_weights():
    a, order = matrix(), np.random.default_rng(5).permutation(200)
    stream = prodigest.RowSampler("priority:size=40", 5)
    for block in np.array_split(order, 7):
        stream.update(a[block], block)
    assert stream.finish() == prodigest.sketch(a, "priority:size=40")

    weights = np.random.default_rng(6).random(200) + 0.1
    stream = prodigest.RowSampler("priority:size=40,weight=user", 5)
    stream.update(a[:50], weights=weights[:50]).update(a[50:], weights=weights[50:])
    whole = prodigest.sketch(a, "priority:size=40,weight=user", weights=weights)
    assert stream.finish() == whole
    assert np.array_equal(whole.weights, weights[whole.row_ids.astype(int)])


def test_a_refused_block_leaves_a_stream_as_it_was():
    a = matrix()
    bad = a.copy()
    bad[3, 2] = np.nan
    stream = prodigest.LinearSketcher("countsketch:size=40", 5).update(a[:100])
    with pytest.raises(ValueError, match="NaN|nan"):
        stream.update(bad[:50])
    with pytest.raises(ValueError, match="column"):
        stream.update(matrix(10, 4))
    assert stream.rows == 100
    digest = stream.update(a[100:]).finish()
    assert np.allclose(digest.values, prodigest.sketch(a, "countsketch:size=40").values, atol=1e-12)


def test_an_encoder_takes_columns_and_vectors():
    a = matrix(64, 20)
    encoder = prodigest.LatticeEncoder("lattice:format=F4,seed=7", 64)
    encoder.append(a[:, :12]).append_vectors(np.ascontiguousarray(a[:, 12:].T))
    assert encoder.cols == 20
    assert encoder.snapshot() == encoder.finish() == prodigest.sketch(a, "lattice:format=F4,seed=7")


def test_weights_go_with_weight_user_alone():
    a = matrix()
    with pytest.raises(ValueError, match="weight=user"):
        prodigest.sketch(a, weights=np.ones(200))
    with pytest.raises(ValueError, match="weight=user"):
        prodigest.sketch(a, "countsketch:size=4", weights=np.ones(200))
    with pytest.raises(ValueError, match="weight=user"):
        prodigest.sketch(a, "priority:size=4,weight=user")
    with pytest.raises(ValueError, match="weight"):
        prodigest.sketch(a, "priority:size=4,weight=user", weights=np.ones(199))
    with pytest.raises(ValueError, match="weight"):
        prodigest.sketch(a, "priority:size=4,weight=user", weights=-np.ones(200))


def test_size_and_seed_stand_for_those_of_the_spec():
    a = matrix()
    assert prodigest.sketch(a, size=10, seed=3).spec == "priority:size=10,seed=3"
    assert prodigest.sketch(a, "countsketch", size=10).spec.startswith("countsketch:size=10")
    with pytest.raises(ValueError, match="given both"):
        prodigest.sketch(a, "priority:size=10", size=10)
    with pytest.raises(ValueError, match="priority"):
        prodigest.sketch(a, "priorty:size=10")


def test_nan_infinity_and_huge_rows_are_named_by_row_and_column():
    for bad in (np.nan, np.inf):
        a = matrix()
        a[17, 3] = bad
        for spec in SPECS:
            with pytest.raises(ValueError, match="row 17.*column 3|column 3.*row 17"):
                prodigest.sketch(a, spec)
    a = matrix()
    a[17] = 1e200
    with pytest.raises(ValueError, match="row 17"):
        prodigest.sketch(a)


def test_negative_row_ids_are_taken_in_twos_complement():
    a = matrix(3, 2)
    s = prodigest.sketch(a, row_ids=np.array([-1, 5, -(2**63)]))
    assert s.row_ids.tolist() == [5, 2**63, 2**64 - 1]
    assert s == prodigest.sketch(a, row_ids=np.array([2**64 - 1, 5, 2**63], np.uint64))


def test_row_ids_must_fit():
    a = matrix(4, 2)
    with pytest.raises(ValueError, match="4 rows.*got 3"):
        prodigest.sketch(a, row_ids=[1, 2, 3])
    with pytest.raises(ValueError, match="4 rows.*got 0"):
        prodigest.sketch(a, row_ids=[])
    with pytest.raises(TypeError, match="expected integers, got dtype float64"):
        prodigest.sketch(a, row_ids=[1.0, 2.0, 3.0, 4.0])
    with pytest.raises(ValueError, match="unique"):
        prodigest.sketch(a, row_ids=[1, 2, 2, 4])
    with pytest.raises(ValueError, match="expected 2 column names, got 3"):
        prodigest.sketch(a, columns=["a", "b", "c"])
    with pytest.raises(ValueError, match="key= names the key columns of a table"):
        prodigest.sketch(a, key="k")
    with pytest.raises(ValueError, match="missing= is for tables"):
        prodigest.sketch(a, missing="zero")
    with pytest.raises(ValueError, match="key_as"):
        prodigest.sketch(a, key_as="number")


def test_rows_may_be_none_or_one_or_zero():
    none = prodigest.sketch(np.empty((0, 3)))
    assert (none.rows, none.size, none.values.shape) == (0, 0, (0, 3))
    assert prodigest.load(none.to_bytes()) == none
    one = prodigest.sketch(np.ones((1, 3)))
    assert one.complete and one.values.tolist() == [[1, 1, 1]]
    zeros = prodigest.sketch(np.zeros((10, 3)))
    assert (zeros.rows, zeros.size, zeros.nonzero_rows) == (10, 0, 0)
    sparse_none = prodigest.sketch(sp.csr_array((0, 3)), "countsketch:size=4")
    assert not sparse_none.values.any()
    with pytest.raises(ValueError, match="column"):
        prodigest.sketch(np.empty((3, 0)))
    w = prodigest.estimate_product(none, zeros)
    assert not w.value.any() and w.matched_rows == 0


def test_broken_sparse_matrices_are_refused():
    a = sp.csr_matrix((np.ones(2), np.array([0, 7], np.int32), np.array([0, 1, 2], np.int32)),
                      shape=(2, 9))
    a._shape = (2, 3)
    with pytest.raises(ValueError, match="column"):
        prodigest.sketch(a)
    b = sparse_matrix()
    b.indptr[5] = 2**30
    with pytest.raises(ValueError):
        prodigest.sketch(b)


def test_text_row_ids_are_those_of_the_page_on_keys():
    of = lambda *columns, **how: prodigest.row_ids(*columns, **how).tolist()  # noqa: E731
    assert of([7, -5]) == [7, 0xFFFFFFFFFFFFFFFB]
    assert of(np.array([2**64 - 1], np.uint64)) == [2**64 - 1]
    assert of(["libc6", "Zürich", "7", "007", "-0"]) == [
        0x4729EA96A23EA949, 0x0BA44FCC12CCA74E, 7, 0x00983B6DD0C94D82, 0x773D18EEDB6ED630,
    ]
    assert of(["7"], key_as="text") == of([7], key_as="text") == [0x06EED105B82285FA]
    assert of(["Germany"], [1990]) == of(["Germany"], ["1990"]) == [0x29DBBBBC97F1E44E]
    assert of(["Germany"], [1990], key_as="text") == [0x34C6D62E13E06F7E]
    assert of(["a", "ab"], ["bc", "c"]) == [0xECF549278D0C21FF, 0xB8A626749C9CCDF5]
    s = prodigest.sketch(np.ones((1, 2)), row_ids=["libc6"], key="package")
    assert s.row_ids.tolist() == [0x4729EA96A23EA949] and s.key == ["package"]


def test_bad_keys_are_refused():
    with pytest.raises(ValueError, match="row 1: the key is empty"):
        prodigest.row_ids(["a", " "])
    with pytest.raises(TypeError, match="row 1: expected a text, got None"):
        prodigest.row_ids(np.array(["a", None], object))
    with pytest.raises(TypeError, match="expected integers or texts, got dtype float64"):
        prodigest.row_ids([1.5])
    with pytest.raises(ValueError, match="one length, got 2 and 1"):
        prodigest.row_ids(["a", "b"], [1])
    with pytest.raises(ValueError, match="one or more"):
        prodigest.row_ids()


def test_info_tells_what_the_command_line_tells(cli, tmp_path):
    import json

    for i, spec in enumerate(SPECS):
        digest = prodigest.sketch(matrix(), spec, columns=list("abcde"))
        path = tmp_path / f"{i}.pdg"
        prodigest.save(digest, path)
        told = json.loads(cli("info", path, "--json").stdout)
        facts = prodigest.info(digest)
        for name in set(facts) & set(told):
            assert facts[name] == pytest.approx(told[name]), name
        assert {"kind", "spec", "rows", "cols", "bytes", "frobenius_norm"} <= set(facts) & set(told)


@pytest.mark.parametrize("spec", SPECS)
def test_notebooks_show_a_table(spec):
    html = prodigest.sketch(matrix(), spec, columns=["<b>", *"bcde"])._repr_html_()
    assert html.startswith("<table>") and spec.split(",")[0] in html and "200 × 5" in html


def mapped_ranges(path):
    """Addresses at which this process has the file mapped."""
    with open("/proc/self/maps") as maps:
        lines = [line.split(maxsplit=5) for line in maps]
    return [tuple(int(x, 16) for x in line[0].split("-"))
            for line in lines if len(line) == 6 and line[5].strip() == str(path)]


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="no /proc/self/maps here")
def test_a_digest_file_is_mapped_without_copying(tmp_path):
    a = matrix(dtype=np.float64)
    path = tmp_path / "a.pdg"
    prodigest.save(prodigest.sketch(a, size=1000), path)
    for checksums in (False, True):
        metadata, tensors = prodigest.map_tensors(path, checksums=checksums)
        assert np.array_equal(tensors["values"], a)
        assert np.array_equal(tensors["row_ids"], np.arange(200, dtype=np.uint64))
        ranges = mapped_ranges(path)
        for tensor in tensors.values():
            address = tensor.__array_interface__["data"][0]
            assert any(begin <= address and address + tensor.nbytes <= end for begin, end in ranges)
            assert not tensor.flags.writeable
    assert metadata["rows"] == "200" and metadata["prodigest.kind"] == "row_sample"
    assert metadata["prodigest.writer"] == f"prodigest {prodigest.__version__}"
    values = tensors["values"]
    del tensors, tensor
    assert np.array_equal(values, a) and mapped_ranges(path)
    del values
    assert not mapped_ranges(path)


def test_damaged_files_are_refused(tmp_path):
    path = tmp_path / "a.pdg"
    prodigest.save(prodigest.sketch(matrix(), size=1000), path)
    good = bytearray(path.read_bytes())

    def both(bytes_, error, match, checksums=False):
        path.write_bytes(bytes_)
        with pytest.raises(error, match=match):
            prodigest.load(path)
        with pytest.raises(error, match=match):
            prodigest.load(bytes(bytes_))
        with pytest.raises(error, match=match):
            prodigest.map_tensors(path, checksums=checksums)

    both(good[:-1], prodigest.FormatError, "cut off")
    both(good + b"x", prodigest.FormatError, "bytes follow")
    both(b"PK\x03\x04", prodigest.FormatError, "zip archive")
    both(b"", prodigest.FormatError, "empty")
    header = good.copy()
    header[200] ^= 1
    both(header, prodigest.FormatError, "header")
    payload = good.copy()
    payload[-20] ^= 1
    both(payload, prodigest.FormatError, "checksum does not match", checksums=True)
    assert "values" in prodigest.map_tensors(path)[1]
    with pytest.raises(OSError, match="missing.pdg"):
        prodigest.load(tmp_path / "missing.pdg")
    with pytest.raises(OSError):
        prodigest.save(prodigest.sketch(matrix()), tmp_path / "no" / "such.pdg")
    with pytest.raises(TypeError, match="expected a digest"):
        prodigest.save(matrix(), path)


def run_python(code):
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def test_ctrl_c_stops_a_long_sketch():
    # A minute of work, and a signal after it began.
    child = run_python("""
import numpy as np, prodigest, time
a = np.random.default_rng(1).normal(size=(60_000, 64))
print("ready", flush=True)
start = time.monotonic()
try:
    prodigest.sketch(a, "sign:size=60000")
    print("finished")
except KeyboardInterrupt:
    print("stopped", time.monotonic() - start)
""")
    assert child.stdout.readline() == "ready\n"
    time.sleep(1)
    sent = time.monotonic()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert out.startswith("stopped"), (out, err)
    assert time.monotonic() - sent < 5


def test_other_threads_run_during_a_sketch():
    ticks, done = [], threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    a = matrix(20_000, 64)
    thread.start()
    start = time.monotonic()
    prodigest.sketch(a, "sign:size=2000", threads=1)
    end = time.monotonic()
    done.set()
    thread.join()
    during = [t for t in ticks if start < t < end]
    assert end - start > 0.1 and len(during) > 20


def test_a_sketch_can_be_made_on_another_thread():
    a, made = matrix(), []
    thread = threading.Thread(target=lambda: made.append(prodigest.sketch(a)))
    thread.start()
    thread.join()
    assert made == [prodigest.sketch(a)]


def test_progress_counts_all_rows(monkeypatch):
    shown = []

    class Bar:
        n = 0

        def __init__(self, **how):
            self.total = how["total"]

        def __enter__(self):
            return self

        def __exit__(self, *_):
            shown.append((self.n, self.total))

        def update(self, more):
            self.n += more

    monkeypatch.setitem(sys.modules, "tqdm", type(sys)("tqdm"))
    auto = type(sys)("tqdm.auto")
    auto.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    a = matrix(5000)
    assert prodigest.sketch(a, progress=True) == prodigest.sketch(a)
    assert shown == [(5000, 5000)]
