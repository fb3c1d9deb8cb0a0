"""What is taken for a matrix or a vector, and what is refused."""

import types

import numpy as np
import prodigest
import pytest
import scipy.sparse as sp
from prodigest._arrays import as_csr, as_matrix, as_rows, as_vector


class Tensor:
    """What a tensor of another library looks like."""

    def __init__(self, array, place=(1, 0), **attributes):
        self.array, self.place = array, place
        self.__dict__.update(attributes)

    def __dlpack__(self, **how):
        return self.array.__dlpack__(**how)

    def __dlpack_device__(self):
        return self.place


def test_floats_with_contiguous_rows_are_passed_without_copying():
    for dtype in (np.float32, np.float64):
        a = np.arange(40, dtype=dtype).reshape(8, 5)
        assert as_matrix(a, "A") is a
        for view in (a[::2], a[:, 1:3], a[1:3, :2], a[:, :1], a[3:3], a[:, 2:2]):
            assert as_matrix(view, "A") is view
        a.flags.writeable = False
        assert as_matrix(a, "A") is a


def test_tensors_are_passed_without_copying():
    a = np.arange(40.0).reshape(8, 5)
    assert np.shares_memory(as_matrix(Tensor(a), "A"), a)
    assert np.shares_memory(as_matrix(Tensor(a, (3, 0)), "A"), a)  # pinned memory
    assert prodigest.sketch(Tensor(a)) == prodigest.sketch(a)


def test_what_cpp_cannot_walk_is_copied_and_means_the_same():
    a = np.random.default_rng(1).normal(size=(8, 6))
    unaligned = np.zeros(8 * 48 + 1, np.uint8)[1:].view(np.float64).reshape(8, 6)
    unaligned[:] = a
    fields = np.zeros((8, 6), np.dtype([("x", "f8"), ("y", "i1")]))
    fields["x"] = a
    for given in (np.asfortranarray(a), a[::-1], a[:, ::-1], a[:, ::2], unaligned, fields["x"],
                  np.broadcast_to(a[0], (3, 6)), a.astype(">f8"), a.tolist(),
                  np.lib.stride_tricks.sliding_window_view(a.ravel(), 5)):
        made = as_matrix(given, "A")
        assert made.flags.c_contiguous and made.flags.aligned and made.dtype == np.float64
        assert made.dtype.isnative and np.array_equal(made, given)
        assert prodigest.sketch(given) == prodigest.sketch(np.array(given, dtype=float, order="C"))


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_integers_and_booleans_become_doubles(dtype):
    a = np.array([[0, 1], [1, 0]], dtype)
    assert as_matrix(a, "A").dtype == np.float64
    assert np.array_equal(as_matrix(a, "A"), a)


def test_integers_that_no_double_holds_are_refused():
    assert as_matrix([[2**60, -(2**63)]], "A").tolist() == [[2.0**60, -(2.0**63)]]
    for value in (2**53 + 1, -(2**53) - 1, 2**63 - 1, 2**64 - 1):
        with pytest.raises(ValueError, match=f"A: row 1, column 0: {value} is not exact"):
            as_matrix(np.array([[1, 2], [value, 0]], np.int64 if value < 2**63 else np.uint64), "A")


def test_one_type_can_be_asked_for():
    a = np.ones((2, 2))
    assert as_matrix(a, "A", dtype=np.float64) is a
    assert as_matrix(a, "A", dtype=np.float32).dtype == np.float32
    assert as_matrix(a.astype(np.float16), "A").dtype == np.float32


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (np.ones(3), ValueError, r"A: .*2 dimensions, got shape \(3,\) \(a\[:, None\]"),
        (np.ones((1, 2, 3)), ValueError, r"got shape \(1, 2, 3\)"),
        (3.0, ValueError, r"got shape \(\)"),
        (np.ones((2, 2), complex), TypeError, "complex128 .*imaginary"),
        (np.array([["a"]]), TypeError, "got dtype <U1"),
        (np.array([[None]]), TypeError, r"got dtype object .*astype\(float\)"),
        (np.array([["2020-01-01"]], "M8[D]"), TypeError, "got dtype datetime64"),
        (np.ones((2, 2), np.longdouble), TypeError, "got dtype float128|longdouble"),
        ([[1, 2], [3]], TypeError, "A: expected an array of numbers, got builtins.list"),
        ([[1, "a"]], TypeError, "got dtype <U"),
        ([[1, None]], TypeError, "builtins.list"),
        (object(), TypeError, "builtins.object"),
        (None, TypeError, "NoneType"),
        (np.ma.masked_equal([[1.0, 2.0]], 2), TypeError, "masked array .*filled"),
        (sp.eye(3), TypeError, "sparse matrix, expected a dense one"),
        (Tensor(np.ones((2, 2)), (2, 0)), TypeError, r"device cuda:0; .*\.cpu\(\)"),
        (Tensor(np.ones((2, 2)), (8, 1), device="mps:1"), TypeError, r"device mps:1"),
        (Tensor(np.ones((2, 2)), requires_grad=True), ValueError, r"\.detach\(\)"),
        (Tensor(types.SimpleNamespace(__dlpack__=lambda **_: 3), dtype="bfloat16"), TypeError,
         "dtype bfloat16 that numpy cannot read"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(given, error, message):
    with pytest.raises(error, match=message):
        as_matrix(given, "A")
    if not sp.issparse(given):
        with pytest.raises(error, match=message.replace("A: ", "a: ", 1)):
            prodigest.sketch(given)


def test_vectors():
    v = np.arange(5.0)
    assert as_vector(v, "v", dtype=np.float64) is v
    assert as_vector(v[::2], "v", dtype=np.float64).flags.c_contiguous
    assert as_vector([1, 2], "v", dtype=np.float32).dtype == np.float32
    assert as_vector([-1], "v", dtype=np.uint64).tolist() == [2**64 - 1]
    assert as_vector(np.array([-1], np.int8), "v", dtype=np.uint64).tolist() == [2**64 - 1]
    assert as_vector([], "v", dtype=np.uint64).dtype == np.uint64
    with pytest.raises(ValueError, match=r"1 dimension, got shape \(2, 1\) \(call .ravel"):
        as_vector([[1], [2]], "v", dtype=float)
    with pytest.raises(TypeError, match="v: expected integers, got dtype float64"):
        as_vector(v, "v", dtype=np.int64)
    with pytest.raises(ValueError, match="v: expected integers of int32, got 1099511627776"):
        as_vector([2**40], "v", dtype=np.int32)
    with pytest.raises(ValueError, match="of int64, got 18446744073709551615"):
        as_vector([2**64 - 1], "v", dtype=np.int64)


@pytest.mark.parametrize("make", [sp.csr_matrix, sp.csr_array])
def test_csr_values_and_columns_are_not_copied(make):
    for dtype in (np.float32, np.float64):
        a = make(sp.random(50, 20, 0.1, random_state=1, format="csr", dtype=dtype))
        rows = as_csr(a, "A")
        assert np.shares_memory(rows.values, a.data) and rows.values.dtype == dtype
        assert np.shares_memory(rows.columns, a.indices)
        assert rows.row_start.dtype == np.int64 and (rows.rows, rows.cols) == (50, 20)


def test_other_sparse_matrices_are_converted():
    a = sp.random(50, 20, 0.1, random_state=1, format="csr")
    wide = a.copy()
    wide.indices, wide.indptr = a.indices.astype(np.int64), a.indptr.astype(np.int64)
    for other in (a.tocsc(), a.tocoo(), a.tolil(), a.todok(), wide):
        assert prodigest.sketch(other) == prodigest.sketch(a)
    counts = sp.csr_array(np.array([[0, 2], [1, 0]]))
    assert as_rows(counts, "A").values.dtype == np.float64
    with pytest.raises(TypeError, match="complex"):
        as_rows(a.astype(complex), "A")


def test_entries_that_stand_twice_are_summed_in_a_copy():
    a = sp.csr_matrix((np.array([1.0, 2.0, 4.0]), np.array([1, 0, 1]), np.array([0, 3, 3])), (2, 2))
    assert prodigest.sketch(a) == prodigest.sketch(np.array([[2.0, 5.0], [0.0, 0.0]]))
    assert a.data.tolist() == [1, 2, 4] and a.indices.tolist() == [1, 0, 1]


def test_rows_of_a_sparse_matrix_can_be_reordered():
    a = sp.random(30, 8, 0.2, random_state=1, format="csr")
    order = np.random.default_rng(1).permutation(30)
    rows = as_csr(a, "A").take(order)
    again = sp.csr_array((rows.values, rows.columns, rows.row_start), (30, 8))
    assert np.array_equal(again.toarray(), a.toarray()[order])
