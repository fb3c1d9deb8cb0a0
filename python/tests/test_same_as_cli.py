"""Python and the command line make the same bytes of the same data."""

import unicodedata

import numpy as np
import prodigest
import pytest
import scipy.sparse as sp
from inputs import SPECS

pd = pytest.importorskip("pandas")

OPTIONS = [
    "priority:size=40,weight=norm,mixture=0.3,totals=full",
    "priority:size=40,values=lattice:F4",
    "priority:size=40,weight=uniform",
    "threshold:size=40,tau=plain,weight=leverage,mixture=0.5",
    "countsketch:size=40,rows=parts,values=f32",
    "lattice:format=group4",
]
PRIORITY, THRESHOLD, COUNTSKETCH, OSNAP, SRHT, GAUSSIAN, SIGN, LATTICE = SPECS


def of_cli(cli, path, spec, tmp_path, *options):
    out = tmp_path / "cli.pdg"
    cli("sketch", path, "-o", out, "-q", "--method", spec, *options)
    return out.read_bytes()


@pytest.mark.parametrize("spec", SPECS + OPTIONS)
def test_of_an_array(cli, tmp_path, spec):
    a = np.random.default_rng(1).normal(size=(300, 6))
    np.save(tmp_path / "a.npy", a)
    assert prodigest.sketch(a, spec).to_bytes() == of_cli(cli, tmp_path / "a.npy", spec, tmp_path)


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
@pytest.mark.parametrize("spec", SPECS)
def test_of_an_array_of_another_type(cli, tmp_path, spec, dtype):
    a = (np.random.default_rng(1).normal(size=(300, 6)) * 10).astype(dtype)
    np.save(tmp_path / "a.npy", a)
    assert prodigest.sketch(a, spec).to_bytes() == of_cli(cli, tmp_path / "a.npy", spec, tmp_path)


# But for weights of leverage: the last bits of a Gram matrix depend on blocks (docs/format.md).
@pytest.mark.parametrize("spec", SPECS + OPTIONS[:1])
def test_of_an_array_of_more_than_one_block(cli, tmp_path, spec):
    a = np.random.default_rng(1).normal(size=(30_001, 40))  # 9.6 MB, of blocks of 8
    np.save(tmp_path / "a.npy", a)
    assert prodigest.sketch(a, spec).to_bytes() == of_cli(cli, tmp_path / "a.npy", spec, tmp_path)


@pytest.mark.parametrize("spec", SPECS + OPTIONS)
def test_of_a_sparse_matrix(cli, tmp_path, spec):
    a = sp.random(300, 50, 0.1, format="csr", random_state=np.random.default_rng(2))
    sp.save_npz(tmp_path / "a.npz", a)
    assert prodigest.sketch(a, spec).to_bytes() == of_cli(cli, tmp_path / "a.npz", spec, tmp_path)


def table(rows=300):
    rng = np.random.default_rng(3)
    words = np.array(["alpha", "β", "Zu\u0308rich", "naïve", "x,y", 'quoted "q"', "007", "NA"])
    return pd.DataFrame(
        {
            "number": rng.permutation(rows) - 20,
            "code": [f"{words[i % 8]}{i}" if i % 3 else str(i) for i in range(rows)],
            "city": words[rng.integers(8, size=rows)],
            "year": 1900 + np.arange(rows),
            "x": rng.normal(size=rows),
            "y": rng.integers(0, 99, size=rows),
            "z": rng.normal(size=rows) ** 3,
        }
    )


@pytest.mark.parametrize("key", ["number", "code", ["city", "year"], None])
@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec != SRHT])
def test_of_a_table(cli, tmp_path, spec, key):
    frame = table()
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False)
    options = ["--key", ",".join([key] if isinstance(key, str) else key)] if key else []
    expected = of_cli(cli, path, spec, tmp_path, *options, "--columns", "x,y,z")
    digest = prodigest.sketch(frame, spec, key=key, columns=["x", "y", "z"])
    assert digest.to_bytes() == expected
    assert digest.columns == ["x", "y", "z"]


@pytest.mark.parametrize("key", ["number", ["code", "year"]])
def test_of_keys_as_text(cli, tmp_path, key):
    frame = table()
    frame.to_csv(tmp_path / "a.csv", index=False)
    names = ",".join([key] if isinstance(key, str) else key)
    expected = of_cli(
        cli,
        tmp_path / "a.csv",
        PRIORITY,
        tmp_path,
        "--key",
        names,
        "--key-as",
        "text",
        "--columns",
        "x,y,z",
    )
    columns = ["x", "y", "z"]
    digest = prodigest.sketch(frame, PRIORITY, key=key, key_as="text", columns=columns)
    assert digest.to_bytes() == expected


@pytest.mark.parametrize("key", [None, "number"])
@pytest.mark.parametrize("missing", ["zero", "drop"])
def test_of_missing_numbers(cli, tmp_path, missing, key):
    frame = table().drop(columns=["code", "city", "year"])
    frame.loc[[5, 17], "x"] = np.nan
    frame.loc[40, "z"] = np.nan
    frame.to_csv(tmp_path / "a.csv", index=False)
    options = ["--key", key] if key else ["--columns", "x,y,z"]
    for spec in (PRIORITY, COUNTSKETCH):
        expected = of_cli(cli, tmp_path / "a.csv", spec, tmp_path, "--missing", missing, *options)
        columns = None if key else ["x", "y", "z"]
        digest = prodigest.sketch(frame, spec, key=key, missing=missing, columns=columns)
        assert digest.to_bytes() == expected


def test_of_named_arrays(cli, tmp_path):
    frame = table()
    frame.to_csv(tmp_path / "a.csv", index=False)
    expected = of_cli(
        cli, tmp_path / "a.csv", PRIORITY, tmp_path, "--key", "code", "--columns", "x,z"
    )
    digest = prodigest.sketch(
        frame[["x", "z"]].to_numpy(),
        PRIORITY,
        row_ids=frame["code"].to_numpy(),
        key="code",
        columns=["x", "z"],
    )
    assert digest.to_bytes() == expected


def test_of_merged_subtracted_and_truncated_digests(cli, tmp_path):
    a = np.random.default_rng(1).normal(size=(300, 6))
    ids = np.arange(300)
    for i, spec in enumerate([PRIORITY, THRESHOLD, COUNTSKETCH, SIGN]):
        parts = [prodigest.sketch(a[j::3], spec, row_ids=ids[j::3]) for j in range(3)]
        paths = [tmp_path / f"{i}{j}.pdg" for j in range(3)]
        for part, path in zip(parts, paths, strict=True):
            prodigest.save(part, path)
        out = tmp_path / "out.pdg"
        cli("merge", *paths, "-o", out)
        assert prodigest.load(out) == prodigest.merge(parts)
        if i < 2:
            cli("truncate", paths[0], "-k", 20, "-o", out)
            assert prodigest.load(out) == prodigest.truncate(parts[0], 20)
        else:
            cli("subtract", paths[0], paths[1], "-o", out)
            assert prodigest.load(out) == prodigest.subtract(*parts[:2])


@pytest.mark.parametrize("spec", [PRIORITY, COUNTSKETCH, LATTICE])
def test_of_products(cli, tmp_path, spec):
    a, b = np.random.default_rng(1).normal(size=(2, 300, 6))
    digests = [prodigest.sketch(m, spec) for m in (a, b)]
    for digest, name in zip(digests, "ab", strict=True):
        prodigest.save(digest, tmp_path / f"{name}.pdg")
    np.save(tmp_path / "b.npy", b)
    for other, right in (("b.pdg", digests[1]), ("b.npy", b), ("a.pdg", digests[0])):
        for order in (1, -1):
            files, sides = (
                [tmp_path / "a.pdg", tmp_path / other][::order],
                [digests[0], right][::order],
            )
            out, deviations = tmp_path / "w.npy", tmp_path / "s.npy"
            cli("product", *files, "-o", out, "--deviations", deviations)
            w = prodigest.estimate_product(*sides, standard_deviations=True)
            assert np.array_equal(np.load(out), w.value)
            assert np.array_equal(np.load(deviations), w.standard_deviation)


def test_composed_and_decomposed_texts_are_one_key():
    composed, decomposed = (unicodedata.normalize(f, "Zürich") for f in ("NFC", "NFD"))
    assert composed != decomposed
    assert prodigest.row_ids([composed]) == prodigest.row_ids([decomposed])
