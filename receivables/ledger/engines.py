"""Hand the linked ledger to an engine: the same Narwhals text runs on each of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl

from receivables.errors import BadValueError, NotAvailableError
from receivables.ledger.inline import inlined
from receivables.ledger.posted import Posted

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINES = ("polars", "duckdb", "pandas", "pyspark")


def frames(posted: Posted, engine: str = "polars") -> dict[str, nw.LazyFrame[Any]]:
    """Items, adjustments and applications (see `inlined`) as lazy frames of an engine.

    Args:
        posted: the linked ledger.
        engine: one of `ENGINES`; duckdb and pyspark need the extra of that name.
    """
    if engine not in ENGINES:
        raise BadValueError(f"There is no engine '{engine}'. Engines: {', '.join(ENGINES)}.")
    if engine not in posted.native:
        make = _MAKERS[engine]()
        ready = inlined(posted)
        posted.native[engine] = {name: make(frame) for name, frame in ready.items()}
    natives: Any = posted.native[engine]
    return {name: nw.from_native(frame).lazy() for name, frame in natives.items()}


def collect(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Fetch a lazy frame of any engine as Polars, dates as dates and sums as 64-bit integers."""
    if isinstance(frame.to_native(), pl.LazyFrame):
        native: pl.DataFrame = frame.to_native().collect(engine="streaming")
        return native
    result: pl.DataFrame = frame.collect("polars").to_native()
    return result.with_columns(
        pl.col(pl.Datetime).cast(pl.Date),
        pl.col(pl.Decimal).cast(pl.Int64),
    )


def kept(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The same frame computed once and held by its engine, for several questions."""
    native: Any = frame.to_native()
    if isinstance(native, pl.LazyFrame):
        return nw.from_native(collect(frame).lazy())
    held = next((name for name in ("persist", "materialize") if hasattr(native, name)), "")
    same: nw.LazyFrame[Any] = nw.from_native(getattr(native, held)()) if held else frame
    return same


def _polars() -> Callable[[pl.DataFrame], Any]:
    return lambda frame: frame.lazy()


def _pandas() -> Callable[[pl.DataFrame], Any]:
    return lambda frame: frame.to_pandas(use_pyarrow_extension_array=True)


def _duckdb() -> Callable[[pl.DataFrame], Any]:
    try:
        import duckdb
    except ImportError:
        raise NotAvailableError(_missing("duckdb")) from None
    connection = duckdb.connect()
    return lambda frame: connection.from_arrow(frame.to_arrow())


def _pyspark() -> Callable[[pl.DataFrame], Any]:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise NotAvailableError(_missing("pyspark")) from None
    session = SparkSession.getActiveSession() or (
        SparkSession.builder.master(os.environ.get("SPARK_MASTER", "local[2]"))
        .appName("receivables")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    return lambda frame: session.createDataFrame(frame.to_arrow())


def _missing(engine: str) -> str:
    return (
        f"The engine {engine} is not installed. Run: pip install 'receivables[{engine}]', "
        "or leave out --engine."
    )


_MAKERS = {"polars": _polars, "duckdb": _duckdb, "pandas": _pandas, "pyspark": _pyspark}
