import numpy as np
import prodigest


def test_a_digest_of_python_can_be_saved_and_loaded(tmp_path):
    a = np.random.default_rng(1).normal(size=(100, 3))
    digest = prodigest.sketch(a, "priority:size=10,seed=7")
    prodigest.save(digest, tmp_path / "a.pdg")
    assert np.array_equal(prodigest.load(tmp_path / "a.pdg").row_ids, digest.row_ids)
