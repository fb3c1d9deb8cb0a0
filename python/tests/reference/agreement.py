"""When two numbers are the same but for rounding."""

import numpy as np


def assert_close(ours, theirs, magnitude, share=1e-12):
    """Sums agree to a share of the sum of the sizes of their terms."""
    with np.errstate(invalid="ignore"):  # of equal infinities
        difference = np.abs(np.asarray(ours, np.longdouble) - theirs)
    assert np.all((difference <= share * np.asarray(magnitude, np.longdouble)) | (ours == theirs)), (ours, theirs)


def assert_roots_close(ours, theirs, magnitude=0.0, share=1e-12):
    """Square roots of differences of terms, whose own roots have this magnitude."""
    ours, theirs, magnitude = (np.asarray(x, np.longdouble) for x in (ours, theirs, magnitude))
    assert_close(ours**2, theirs**2, theirs**2 + 1e-2 * magnitude**2, share)
