"""Estimators with the interface of scikit-learn, which must be installed (``prodigest[sklearn]``).

Their randomness is a `seed`, 0 unless it is given, not a ``random_state``: digests made with one
seed can be combined, wherever they were made.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted, validate_data

from . import _core
from ._digests import Digest, estimate_product, sketch

__all__ = ["CoordinatedSampler", "PolynomialSketch", "SketchedRegressor"]

_REALS = (np.float64, np.float32)


def _scaled_rows(digest: Digest) -> Any:
    """Rows whose Gram matrix is an unbiased estimate of that of all rows."""
    if isinstance(digest, _core.LinearSketch):
        return digest.values
    if not isinstance(digest, _core.RowSample):
        raise ValueError("spec: expected a sample or a linear sketch, got lattice codes")
    factors = 1 / np.sqrt(digest.inclusion)[:, np.newaxis]
    values: Any = digest.values
    return values.multiply(factors).tocsr() if digest.sparse else values * factors


class SketchedRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Least squares on a digest of the rows [X, y], ridge regression with ``alpha > 0``.

    Parameters
    ----------
    spec : str
        A sample or a linear sketch. By leverage, the default, the squared error of the fit on all
        rows is within 1 + O(d / size) of the least. With no more rows than `size` the fit is exact.
    alpha : float
        ``|X w - y|² + alpha |w|²`` of all rows, as in ``sklearn.linear_model.Ridge``.
    fit_intercept : bool
        Fit a constant too, not penalised.

    Attributes
    ----------
    coef_ : array of shape (n_features,) or (n_targets, n_features)
    intercept_ : float or array of shape (n_targets,)
    digest_ : RowSample or LinearSketch
        Of the rows [1, X, y] (no 1 without an intercept); it is all that the fit was made from.
    n_features_in_ : int

    Notes
    -----
    O(n d²) for leverages (O(n d) for specs without), O(size d²) for the fit.
    """

    def __init__(
        self,
        spec: str = "priority:size=1024,weight=leverage,mixture=0.5",
        *,
        alpha: float = 0.0,
        fit_intercept: bool = True,
    ) -> None:
        self.spec = spec
        self.alpha = alpha
        self.fit_intercept = fit_intercept

    def fit(self, X: Any, y: Any) -> SketchedRegressor:
        """Digest [X, y] and solve.

        Parameters
        ----------
        X : array of shape (n, n_features)
        y : array of shape (n,) or (n, n_targets)
        """
        X, y = validate_data(self, X, y, dtype=_REALS, y_numeric=True, multi_output=True)
        if not self.alpha >= 0:
            raise ValueError(f"alpha: expected at least 0, got {self.alpha}")
        features = X.shape[1]
        ones = np.ones((len(X), 1 if self.fit_intercept else 0), X.dtype)
        columns = np.column_stack([ones, X, y]).astype(X.dtype, copy=False)
        self.digest_ = sketch(columns, self.spec)

        rows = _scaled_rows(self.digest_)
        rows = rows.toarray() if hasattr(rows, "toarray") else rows
        one, rest = np.split(np.asarray(rows, np.float64), [ones.shape[1]], axis=1)
        means = np.linalg.pinv(one) @ rest  # of no rows without an intercept
        centred = rest - one @ means
        penalty = np.sqrt(self.alpha) * np.eye(features, rest.shape[1])
        design, targets = np.split(np.vstack([centred, penalty]), [features], axis=1)
        weights = np.linalg.lstsq(design, targets, rcond=None)[0]
        constants = (means[:, features:] - means[:, :features] @ weights).sum(axis=0)
        self.coef_ = weights[:, 0] if y.ndim == 1 else weights.T
        self.intercept_ = float(constants[0]) if y.ndim == 1 else constants
        return self

    def predict(self, X: Any) -> Any:
        """X coef_ᵀ + intercept_."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=_REALS, reset=False)
        return X @ self.coef_.T + self.intercept_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


class CoordinatedSampler(BaseEstimator):  # type: ignore[misc]
    """A coordinated sample of rows: samples of two tables made with one seed, anywhere, hold the
    rows that the tables share, so that products of the tables can be estimated from them.

    It is no transformer, as it keeps few of the rows.

    Parameters
    ----------
    spec : str
        ``"priority:size=1024"`` and others, ``seed=`` included; see `prodigest.sketch`.

    Attributes
    ----------
    digest_ : RowSample
        ``row_ids``, ``values``, ``inclusion`` and so on of the rows that were kept.
    n_features_in_ : int
    """

    digest_: _core.RowSample

    def __init__(self, spec: str = "priority:size=1024") -> None:
        self.spec = spec

    def fit(self, X: Any, y: Any = None, *, row_ids: Any = None) -> CoordinatedSampler:
        """Sample the rows of X.

        Parameters
        ----------
        X : array or scipy.sparse matrix of shape (n, n_features)
        y : ignored
        row_ids : array of n integers, optional
            Names of the rows, the same in other tables; None: 0, 1, 2...
        """
        return self._add(X, row_ids, first=True)

    def partial_fit(self, X: Any, y: Any = None, *, row_ids: Any = None) -> CoordinatedSampler:
        """Sample further rows, numbered on where they have no names. Specs whose weights depend
        on the whole table (leverage) are refused from the second call on."""
        return self._add(X, row_ids, first=not hasattr(self, "digest_"))

    def _add(self, X: Any, row_ids: Any, first: bool) -> CoordinatedSampler:
        X = validate_data(self, X, dtype=_REALS, accept_sparse="csr", reset=first)
        seen = 0 if first else self.digest_.rows
        if row_ids is None:
            row_ids = np.arange(seen, seen + X.shape[0], dtype=np.uint64)
        part = sketch(X, self.spec, row_ids=row_ids)
        if not isinstance(part, _core.RowSample):
            raise ValueError(f"spec: expected a sample, got {self.spec!r}")
        self.digest_ = part if first else _core.merge(self.digest_, part)
        return self

    def sample(self) -> Any:
        """The rows that were kept, each divided by the root of the probability that it was, so
        that ``S.T @ S`` is an unbiased estimate of ``X.T @ X``.

        Returns
        -------
        array or CSR matrix of shape (rows kept, n_features), whichever is smaller
        """
        check_is_fitted(self)
        return _scaled_rows(self.digest_)

    def product(self, other: CoordinatedSampler) -> _core.ProductEstimate:
        """Estimate of ``X.T @ Y`` of two tables whose rows have the same names."""
        check_is_fitted(self)
        return estimate_product(self.digest_, other.digest_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class PolynomialSketch(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator  # type: ignore[misc]
):
    """Features whose inner products are, on average, ``(gamma <x, y> + coef0)^degree``.

    What ``sklearn.kernel_approximation.PolynomialCountSketch`` is, by products of dense random
    matrices as in `prodigest`'s attention: less variance for as many features, and more time.

    Parameters
    ----------
    degree : {1, 2, 4}
    n_components : int
        Features. For degree 2 and unit vectors of cosine c the variance of an inner product is at
        most ``((1 + 2c²)² - c⁴) / n_components``.
    gamma, coef0 : float
        Of the kernel; gamma positive, coef0 not negative.
    sketch : {"orthogonal", "gaussian", "hadamard"}
        The random matrices; of hadamard `n_components` must be a power of two.
    seed : int
        Other matrices.

    Attributes
    ----------
    n_features_in_ : int

    Notes
    -----
    A row takes 2 t n_features n_components multiplications for degree t, degree 4 as many
    more as ``4 n_components²``; matrices are drawn again in every call.
    """

    def __init__(
        self,
        degree: int = 2,
        n_components: int = 100,
        *,
        gamma: float = 1.0,
        coef0: float = 0.0,
        sketch: str = "orthogonal",
        seed: int = 0,
    ) -> None:
        self.degree = degree
        self.n_components = n_components
        self.gamma = gamma
        self.coef0 = coef0
        self.sketch = sketch
        self.seed = seed

    def fit(self, X: Any, y: Any = None) -> PolynomialSketch:
        """Learn the number of columns; nothing else is taken from X."""
        X = validate_data(self, X, dtype=_REALS)
        if self.degree not in (1, 2, 4):
            raise ValueError(f"degree: expected 1, 2 or 4, got {self.degree}")
        if not (self.gamma > 0 and self.coef0 >= 0):
            raise ValueError(
                "expected gamma above 0 and coef0 at least 0, "
                f"got gamma={self.gamma} and coef0={self.coef0}"
            )
        self._features(X[:0])  # so that other parameters are refused here
        self._n_features_out = self.n_components
        return self

    def transform(self, X: Any) -> Any:
        """Array of shape (n, n_components), float32 of float32."""
        check_is_fitted(self, "_n_features_out")
        return self._features(validate_data(self, X, dtype=_REALS, reset=False))

    def _features(self, X: Any) -> Any:
        points = np.sqrt(self.gamma).astype(X.dtype) * X
        if self.coef0:
            constant = np.full((len(X), 1), np.sqrt(self.coef0), X.dtype)
            points = np.hstack([points, constant])
        spec = (
            f"polysketch:degree={2 * self.degree},size={self.n_components},"
            f"sketch={self.sketch},seed={self.seed}"
        )
        single = points.dtype == np.float32
        kind = _core.PolynomialSketch32 if single else _core.PolynomialSketch64
        return kind.random(spec, points.shape[1], 0).apply(np.ascontiguousarray(points))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
