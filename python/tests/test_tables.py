"""Tables of pandas, polars, pyarrow and DuckDB."""

import decimal
import subprocess
import sys

import numpy as np
import prodigest
import pytest

pd = pytest.importorskip("pandas")

VALUES = np.array([[1.5, 2.0], [3.0, -4.0], [0.0, 6.25]])
KEYS = ["b", "a", "Zürich"]


def frames():
    """The same table, of every kind that is installed."""
    frame = pd.DataFrame({"k": KEYS, "x": VALUES[:, 0], "y": VALUES[:, 1]})
    made = {"pandas": frame}
    for name in ("pyarrow", "polars", "duckdb"):
        try:
            module = __import__(name)
        except ImportError:
            continue
        if name == "pyarrow":
            table = module.table({"k": KEYS, "x": VALUES[:, 0], "y": VALUES[:, 1]})
            made[name] = table
            made["pyarrow, chunks"] = module.concat_tables([table.slice(0, 1), table.slice(1, 2)])
            dictionary = table.column("k").dictionary_encode()
            made["pyarrow, dictionary"] = table.set_column(0, "k", dictionary)
            made["pandas, arrow types"] = table.to_pandas(types_mapper=pd.ArrowDtype)
        elif name == "polars":
            made[name] = module.DataFrame({"k": KEYS, "x": VALUES[:, 0], "y": VALUES[:, 1]})
        else:
            made[name] = module.sql(
                "select * from (values ('b', 1.5, 2.0), ('a', 3.0, -4.0), ('Zürich', 0.0, 6.25)) "
                "t(k, x, y)"
            )
    made["pandas, category"] = frame.astype({"k": "category"})
    made["pandas, nullable"] = frame.convert_dtypes()
    made["pandas, objects"] = frame.astype({"k": object})
    made["pandas, index"] = frame.set_index("k")
    return made


FRAMES = frames()


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_table_makes_one_digest(kind):
    expected = prodigest.sketch(VALUES, row_ids=KEYS, key="k", columns=["x", "y"])
    digest = prodigest.sketch(FRAMES[kind], key="k")
    assert digest == expected and digest.columns == ["x", "y"] and digest.key == ["k"]
    only = prodigest.sketch(FRAMES[kind], columns="y")
    assert only == prodigest.sketch(VALUES[:, 1:], columns=["y"])


@pytest.mark.parametrize("kind", FRAMES)
def test_a_text_column_that_nobody_named_is_refused(kind):
    if kind == "pandas, index":
        return
    with pytest.raises(ValueError, match=r'a: expected numeric columns, got "k" \(.*columns='):
        prodigest.sketch(FRAMES[kind])
    with pytest.raises(ValueError, match='got "k"'):
        prodigest.sketch(FRAMES[kind], columns=["x", "k"])


@pytest.mark.parametrize("kind", FRAMES)
def test_columns_that_are_not_there_are_refused(kind):
    with pytest.raises(ValueError, match=r'no column "z" \(there are .*x, y'):
        prodigest.sketch(FRAMES[kind], key="z")
    with pytest.raises(ValueError, match='no column "z"'):
        prodigest.sketch(FRAMES[kind], key="k", columns=["x", "z"])
    with pytest.raises(ValueError, match='"x" is named twice'):
        prodigest.sketch(FRAMES[kind], columns=["x", "x"])
    with pytest.raises(ValueError, match="not by both"):
        prodigest.sketch(FRAMES[kind], key="k", row_ids=[1, 2, 3])


def with_gaps():
    frame = pd.DataFrame({"k": [5, 6, 7, 8], "x": [1.0, np.nan, 3.0, 4.0], "n": [1, 2, 3, 4]})
    made = {"pandas": frame, "pandas, nullable": frame.convert_dtypes()}
    for name in ("pyarrow", "polars"):
        module = pytest.importorskip(name)
        columns = {"k": [5, 6, 7, 8], "x": [1.0, None, 3.0, 4.0], "n": [1, 2, 3, 4]}
        made[name] = module.table(columns) if name == "pyarrow" else module.DataFrame(columns)
        columns["x"] = np.array([1.0, np.nan, 3.0, 4.0])
        made[name + ", NaN"] = module.table(columns) if name == "pyarrow" else module.DataFrame(columns)
    return made


def test_missing_numbers_are_refused_or_zero_or_dropped():
    full = np.array([[1.0, 1], [0, 2], [3, 3], [4, 4]])
    kept = [0, 2, 3]
    for frame in with_gaps().values():
        with pytest.raises(ValueError, match='a: row 1, column "x": expected a number.*missing="zero"'):
            prodigest.sketch(frame, key="k")
        zero = prodigest.sketch(frame, key="k", missing="zero")
        assert zero == prodigest.sketch(full, row_ids=[5, 6, 7, 8], key="k", columns=["x", "n"])
        drop = prodigest.sketch(frame, key="k", missing="drop")
        assert drop == prodigest.sketch(full[kept], row_ids=[5, 7, 8], key="k", columns=["x", "n"])
        numbered = prodigest.sketch(frame, columns=["x", "n"], missing="drop")
        assert numbered == prodigest.sketch(full[kept], row_ids=kept, columns=["x", "n"])
        named = prodigest.sketch(frame, columns=["x", "n"], missing="drop", row_ids=[9, 8, 7, 6])
        assert named == prodigest.sketch(full[kept], row_ids=[9, 7, 6], columns=["x", "n"])
        with pytest.raises(ValueError, match="missing: expected"):
            prodigest.sketch(frame, missing="ignore")


def test_missing_keys_are_refused():
    pa = pytest.importorskip("pyarrow")
    for frame in (
        pd.DataFrame({"k": ["a", None], "x": [1.0, 2.0]}),
        pa.table({"k": ["a", None], "x": [1.0, 2.0]}),
        pa.table({"k": [1, None], "x": [1.0, 2.0]}),
        pd.DataFrame({"k": pd.array([1, None], dtype="Int64"), "x": [1.0, 2.0]}),
    ):
        with pytest.raises(ValueError, match='row 1, key column "k": the key is missing'):
            prodigest.sketch(frame, key="k")
    with pytest.raises(ValueError, match='key column "k": row 1: the key is empty'):
        prodigest.sketch(pd.DataFrame({"k": ["a", " "], "x": [1.0, 2.0]}), key="k")


@pytest.mark.parametrize("dtype", ["float64", "datetime64[ns]", "bool", "timedelta64[ns]"])
def test_keys_are_integers_or_texts(dtype):
    frame = pd.DataFrame({"k": np.array([1, 0]).astype(dtype), "x": [1.0, 2.0]})
    with pytest.raises(TypeError, match='key column "k": expected integers or texts, got'):
        prodigest.sketch(frame, key="k")


def test_negative_and_unsigned_keys():
    pa = pytest.importorskip("pyarrow")
    for signed, unsigned in ((np.int8, np.uint8), (np.int64, np.uint64)):
        for make in (pd.DataFrame, pa.table):
            s = prodigest.sketch(make({"k": np.array([-1, 3], signed), "x": [1.0, 2.0]}), key="k")
            assert s.row_ids.tolist() == [3, 2**64 - 1]
            top = np.iinfo(unsigned).max
            s = prodigest.sketch(make({"k": np.array([top, 3], unsigned), "x": [1.0, 2.0]}), key="k")
            assert s.row_ids.tolist() == [3, int(top)]


def test_types_of_numbers():
    pa = pytest.importorskip("pyarrow")
    n = np.arange(3)
    for make in (pd.DataFrame, pa.table):
        single = make({"x": n.astype(np.float32), "y": n.astype(np.float32)})
        assert prodigest.sketch(single).single_precision
        mixed = make({"x": n.astype(np.float32), "y": n, "z": n > 0})
        s = prodigest.sketch(mixed)
        assert not s.single_precision
        assert s.values.tolist() == [[1, 1, 1], [2, 2, 1]]
        with pytest.raises(ValueError, match='column "x": row 1: 9007199254740993 is not exact'):
            prodigest.sketch(make({"x": np.array([0, 2**53 + 1])}))
    money = pa.table({"x": [decimal.Decimal("1.25"), decimal.Decimal("2.50")]})
    assert prodigest.sketch(money).values.tolist() == [[1.25], [2.5]]


def test_whole_decimals_of_duckdb_can_be_keys():
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("select sum(i) as k, i / 2 as x from range(1, 4) t(i) group by i order by i")
    assert sorted(prodigest.sketch(relation, key="k").row_ids.tolist()) == [1, 2, 3]


def test_tables_may_be_empty_and_names_must_differ():
    assert prodigest.sketch(pd.DataFrame({"x": np.empty(0)})).rows == 0
    pa = pytest.importorskip("pyarrow")
    empty = pa.table({"k": pa.array([], pa.string()), "x": pa.array([], pa.float64())})
    assert prodigest.sketch(empty, key="k").rows == 0
    with pytest.raises(ValueError, match="expected numeric columns, got none"):
        prodigest.sketch(pd.DataFrame({"k": [1]}), key="k")
    with pytest.raises(ValueError, match='two columns are named "x"'):
        prodigest.sketch(pd.DataFrame([[1.0, 2.0]], columns=["x", "x"]))


def test_infinite_numbers_are_refused_by_row_and_column():
    with pytest.raises(ValueError, match="row 1.*column 0|column 0.*row 1"):
        prodigest.sketch(pd.DataFrame({"x": [1.0, np.inf]}))


def test_a_table_at_hand_meets_a_digest_by_its_key():
    rng = np.random.default_rng(1)
    names = [f"p{i}" for i in range(500)]
    left = pd.DataFrame({"p": names, "x": rng.normal(size=500)})
    right = pd.DataFrame({"p": names, "y": rng.normal(size=500) + left["x"]}).sample(
        frac=1, random_state=1
    )
    truth = left["x"] @ right.sort_index()["y"]
    for spec in ("priority:size=2000", "lattice:format=I8"):
        digest = prodigest.sketch(left, spec, key="p")
        for w in (
            prodigest.estimate_product(digest, right).value,
            prodigest.estimate_product(right, digest).value,
            prodigest.estimate_product(digest, right, key="p", columns="y").value,
        ):
            assert w[0, 0] == pytest.approx(truth, rel=1e-12 if "priority" in spec else 0.05)
    with pytest.raises(prodigest.IncompatibleError, match="keys must have equally many columns"):
        two = right.assign(q=1)
        prodigest.estimate_product(digest, two, key=["p", "q"])


def test_streams_take_tables():
    frame = pd.DataFrame({"k": list("abcdef"), "x": np.arange(6.0), "t": list("uvwxyz")})
    stream = prodigest.RowSampler("priority:size=4", 1, key="k", columns="x")
    stream.update(frame[:2]).update(frame[2:])
    assert stream.finish() == prodigest.sketch(frame, "priority:size=4", key="k", columns="x")

    gaps = pd.DataFrame({"x": [1.0, np.nan, 3.0, 4.0, np.nan, 6.0]})
    stream = prodigest.LinearSketcher("countsketch:size=4", 1, columns="x", missing="drop")
    stream.update(gaps[:3]).update(gaps[3:])
    whole = prodigest.sketch(gaps, "countsketch:size=4", missing="drop")
    assert stream.rows == 4 and stream.finish() == whole


def test_a_missing_pyarrow_is_named():
    code = """
import sys
sys.modules["pyarrow"] = None
import prodigest
class Table:
    def __arrow_c_stream__(self, schema=None): ...
try:
    prodigest.sketch(Table())
except ImportError as error:
    assert "pip install prodigest[io]" in str(error), error
    print("named")
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "named\n"
