"""Digests as files, as bytes, and as people see them."""

import copy
import io
import json
import os
import pickle

import numpy as np
import prodigest
import pytest
from inputs import SPECS, matrix


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


def test_info_tells_what_the_command_line_tells(cli, tmp_path):
    for i, spec in enumerate(SPECS):
        digest = prodigest.sketch(matrix(), spec, columns=list("abcde"))
        path = tmp_path / f"{i}.pdg"
        prodigest.save(digest, path)
        told = json.loads(cli("info", path, "--json"))
        facts = prodigest.info(digest)
        for name in set(facts) & set(told):
            assert facts[name] == pytest.approx(told[name]), name
        assert {"kind", "spec", "rows", "cols", "bytes", "frobenius_norm"} <= set(facts) & set(told)


def a_state():
    q = np.random.default_rng(1).normal(size=(1, 2, 20, 8))
    _, state = prodigest.polysketch_attention(q, q, q, local_block=8, output_final_state=True)
    return state


def an_operator():
    return prodigest.GaussianOperator(matrix(), bandwidth=2)


@pytest.mark.parametrize("make", [a_state, an_operator])
def test_the_same_verbs_take_states_of_attention_and_kernel_operators(make, cli, tmp_path):
    saved, path = make(), tmp_path / "a.pdg"
    prodigest.save(saved, path)
    assert path.read_bytes() == saved.to_bytes()
    buffer = io.BytesIO()
    prodigest.save(saved, buffer)
    buffer.seek(0)
    for again in (prodigest.load(path), prodigest.load(buffer), prodigest.load(saved.to_bytes())):
        assert type(again) is type(saved) and again.to_bytes() == saved.to_bytes()
    told = json.loads(cli("info", path, "--json"))
    facts = prodigest.info(saved)
    assert facts == {name: told[name] for name in facts}


def test_what_has_no_file_is_refused(tmp_path):
    with pytest.raises(TypeError, match="save: expected a digest, .* got ndarray"):
        prodigest.save(matrix(), tmp_path / "a.pdg")
    with pytest.raises(TypeError, match="info: expected a digest, .* got str"):
        prodigest.info("a.pdg")
    with pytest.raises(TypeError, match="load: expected a path, bytes or an open file, got int"):
        prodigest.load(3)


@pytest.mark.parametrize("spec", SPECS)
def test_notebooks_show_a_table(spec):
    html = prodigest.sketch(matrix(), spec, columns=["<b>", *"bcde"])._repr_html_()
    assert html.startswith("<table>") and spec.split(",")[0] in html and "200 × 5" in html


def mapped_ranges(path):
    """Addresses at which this process has the file mapped."""
    with open("/proc/self/maps") as maps:
        lines = [line.split(maxsplit=5) for line in maps]
    return [
        tuple(int(x, 16) for x in line[0].split("-"))
        for line in lines
        if len(line) == 6 and line[5].strip() == str(path)
    ]


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
