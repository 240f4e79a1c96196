"""Everything of some wearers in one zip for other programs: each table as CSV and as Parquet.

Rows are streamed: a day of seconds is in memory at a time, and is written while the next one is read.
"""

import csv
import io
import json
import math
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from domain import __version__
from domain.errors import InputError, NotFoundError
from service.export_sheets import (
    DAY_S,
    Cells,
    Column,
    Part,
    Sheet,
    Words,
    record_sheets,
    wearer_sheets,
)
from service.reading.parquet_table import arrow
from storage.contract import StoreReader

Told = Callable[[float, float], None]

README: Final = """# An export of Sitwell {version}

Posture and activity as Sitwell measured them. Not a medical device, no diagnosis.

- `WEARER/frames` has a row for every second that is kept (90 days, unless set otherwise), `minutes` and
  `hours` have all there ever was; `episodes`, `alerts` and `diary` are what was made of it, said and written.
- `wearers`, `sensors` (whose each was, where and when) and `calibrations` are of all wearers here.
- Each table is there as CSV (UTF-8, a header, a comma; empty where nothing is known) and as Parquet (null
  there){parquet}. `schema.json` says what each column means, as a JSON Schema of a row.
- Times are seconds since 1970-01-01 in UTC; `..._local` are the same in the wearer's time zone.

Rows:
{rows}
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """rows: of each table, by its name in the zip without an ending. parquet: whether they are there as
    Parquet too, which wants pyarrow."""

    rows: dict[str, int]
    parquet: bool


@dataclass(slots=True)
class _Sink:
    """One table on its way into the zip as CSV and into a file of its own as Parquet."""

    columns: Sequence[Column]
    stream: IO[bytes]
    parquet: Path
    arrow: Any
    rows: int = 0
    _writers: list[Any] = field(default_factory=list)

    def open(self) -> None:
        if self.arrow is None:
            self.stream.write(_csv_text([[column.name for column in self.columns]]))
            return
        types = {
            "integer": self.arrow.int64(), "number": self.arrow.float64(),
            "boolean": self.arrow.bool_(), "string": self.arrow.string(),
        }  # fmt: skip
        schema = self.arrow.schema([(each.name, types[each.kind]) for each in self.columns])
        options = self.arrow.csv.WriteOptions(include_header=True, quoting_style="needed")
        self._writers = [
            self.arrow.csv.CSVWriter(self.stream, schema, write_options=options),
            self.arrow.parquet.ParquetWriter(self.parquet, schema, compression="zstd"),
        ]

    def write(self, part: Part) -> None:
        count = len(next(iter(part.values())))
        if not count:
            return
        self.rows += count
        if self.arrow is None:
            cells = [_plain(part[each.name]) for each in self.columns]
            self.stream.write(_csv_text(zip(*cells, strict=True)))
            return
        arrays = [_arrow_array(self.arrow, part[each.name], each) for each in self.columns]
        table = self.arrow.table(arrays, names=[each.name for each in self.columns])
        for writer in self._writers:
            writer.write_table(table)

    def close(self) -> None:
        for writer in self._writers:
            writer.close()


def export(
    store: StoreReader,
    target: Path,
    *,
    wearers: Sequence[str] = (),
    start: int | None = None,
    end: int | None = None,
    told: Told = lambda done, of: None,
) -> Exported:
    """Write the new file `target` with all there is of `wearers`, or of everybody, in [start, end).

    Raises InputError when `target` is there or cannot be written, NotFoundError for a wearer nobody knows,
    StoreError; no file is left then.
    """
    if target.exists():
        raise InputError(f"{target} is there already; choose another name or remove it first")
    spans = store.spans()
    known = sorted({*spans, *(each.id for each in store.wearers())})
    for wearer in wearers:
        if wearer not in known:
            raise NotFoundError("wearer", wearer)
    chosen = sorted(wearers) or known
    zones = {each.id: each.timezone for each in store.wearers()}
    sheets: dict[str, Sheet] = {sheet.name: sheet for sheet in record_sheets(store, chosen)}
    days = 0
    for wearer in chosen:
        first, last = spans.get(wearer, (0, 0))
        # An episode or alert may begin before anything that is measured, and end after.
        begin, until = _cut(first, last, start, end)
        days += -(-(until - begin) // DAY_S)
        for sheet in wearer_sheets(store, wearer, zones.get(wearer, ""), begin, until):
            sheets[f"{wearer}/{sheet.name}"] = sheet
    partial = target.with_name(f".{target.name}.partial")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        done = _write(partial, sheets, days, told)
        os.replace(partial, target)  # noqa: PTH105 - as the other calls of os here
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return done


def _cut(first: int, last: int, start: int | None, end: int | None) -> tuple[int, int]:
    begin = first if start is None else max(first, start)
    until = last if end is None else min(last, end)
    return begin, max(begin, until)


def _write(partial: Path, sheets: dict[str, Sheet], days: int, told: Told) -> Exported:
    pa = _arrow()
    rows: dict[str, int] = {}
    done = 0
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(dir=partial.parent, prefix=".export-"))
        )
        file = stack.enter_context(
            zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        )
        pool = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="export"))
        for name, sheet in sheets.items():
            parquet = folder / "table.parquet"
            with file.open(f"{name}.csv", "w", force_zip64=True) as stream:
                sink = _Sink(sheet.columns, stream, parquet, pa)
                sink.open()
                for _ in _written(sink, sheet.parts(), pool):
                    done += sheet.name == "frames"
                    told(done, days)
                sink.close()
            if pa is not None:
                file.write(parquet, f"{name}.parquet", compress_type=zipfile.ZIP_STORED)
                parquet.unlink()
            rows[name] = sink.rows
        file.writestr("schema.json", json.dumps(json_schema(sheets), indent=1) + "\n")
        listed = "\n".join(f"- {name}: {count:,}" for name, count in rows.items())
        missing = "; Parquet was left out, since pyarrow was not installed" if pa is None else ""
        text = README.format(version=__version__, rows=listed, parquet=missing)
        file.writestr("README.md", text)
    return Exported(rows, pa is not None)


def _written(sink: _Sink, parts: Iterator[Part], pool: ThreadPoolExecutor) -> Iterator[None]:
    """Writes each part in another thread while the next one is read."""
    writing: Future[None] | None = None
    for part in parts:
        if writing is not None:
            writing.result()
        writing = pool.submit(sink.write, part)
        yield
    if writing is not None:
        writing.result()


def json_schema(sheets: dict[str, Sheet]) -> dict[str, Any]:
    """A JSON Schema of a row of each table, by its name without the wearer."""
    tables: dict[str, Any] = {}
    for sheet in sheets.values():
        tables[sheet.name] = {
            "description": sheet.words,
            "type": "object",
            "properties": {
                each.name: {
                    "type": [each.kind, "null"],
                    "description": each.words,
                    **({"unit": each.unit} if each.unit else {}),
                }
                for each in sheet.columns
            },
        }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": tables}


def _arrow() -> Any:
    """pyarrow with its CSV part, or None where it is not installed."""
    try:
        pa = arrow("Parquet")
    except InputError:
        return None
    import_module("pyarrow.csv")
    return pa


def _arrow_array(pa: Any, cells: Cells, column: Column) -> Any:
    if isinstance(cells, Words):
        return pa.array(cells.words).take(pa.array(cells.numbers))
    if isinstance(cells, np.ndarray):
        number = np.int64 if column.kind == "integer" else np.float64
        return pa.array(cells.astype(number, copy=False), from_pandas=True)
    kinds = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    return pa.array(cells, type=kinds.get(column.kind, pa.string()))


def _plain(cells: Cells) -> list[Any]:
    if isinstance(cells, Words):
        return [cells.words[number] for number in cells.numbers.tolist()]
    values = cells.tolist() if isinstance(cells, np.ndarray) else list(cells)
    return [_cell(value) for value in values]


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if isinstance(value, float) and math.isnan(value) else value


def _csv_text(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
