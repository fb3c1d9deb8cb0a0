"""Makes the golden .npy and .npz files beside this script with numpy and scipy, to be run by hand."""

import pathlib

import numpy as np
import scipy.sparse as sp

HERE = pathlib.Path(__file__).parent

# The matrix in all dense files: element (i, j) is 10 i + j - 7.5 for f4 and f8, 10 i + j - 7 for i8.
I, J = np.mgrid[0:5, 0:3]
np.save(HERE / "f8.npy", 10.0 * I + J - 7.5)
np.save(HERE / "f4.npy", (10.0 * I + J - 7.5).astype("<f4"))
np.save(HERE / "i8_fortran.npy", np.asfortranarray(10 * I + J - 7))
np.save(HERE / "vector.npy", np.arange(4.0))
np.savez(HERE / "two.npz", a=10.0 * I + J - 7.5, b=np.arange(4))
np.savez_compressed(HERE / "one.npz", (10.0 * I + J - 7.5).astype("<f4"))

# The matrix in all sparse files: 6 x 4, row 1 empty, an entry in two parts, row 4 unsorted.
rows = np.array([0, 0, 2, 3, 4, 4, 4, 5])
cols = np.array([1, 3, 0, 2, 3, 0, 3, 1])
values = np.array([1.5, -2.0, 4.0, 8.0, 0.25, 16.0, 0.5, -32.0])
coo = sp.coo_matrix((values, (rows, cols)), shape=(6, 4))
indptr = np.array([0, 2, 2, 3, 4, 7, 8])
raw_csr = sp.csr_matrix((values, cols, indptr), shape=(6, 4))
sp.save_npz(HERE / "coo.npz", coo)
sp.save_npz(HERE / "csc.npz", coo.tocsc())
sp.save_npz(HERE / "csr.npz", raw_csr)
sp.save_npz(HERE / "csr_f4.npz", raw_csr.astype("<f4"), compressed=False)
wide = raw_csr.copy()
wide.indices = wide.indices.astype(np.int64)
wide.indptr = wide.indptr.astype(np.int64)
sp.save_npz(HERE / "csr_i64.npz", wide)
sp.save_npz(HERE / "csr_array.npz", sp.csr_array(coo))
sp.save_npz(HERE / "bsr.npz", coo.tobsr(blocksize=(2, 2)))
