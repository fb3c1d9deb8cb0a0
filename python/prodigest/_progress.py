"""Progress of long calls, through tqdm where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(
    wanted: bool, what: str, total: int | None = None
) -> Iterator[Callable[[int], None] | None]:
    """What to call with the rows done so far: None unless it is wanted and tqdm is installed."""
    if not wanted:
        yield None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        yield None
        return
    with tqdm(total=total, desc=what, unit=" rows", unit_scale=True) as bar:

        def show(done: int) -> None:
            bar.update(done - bar.n)

        yield show
