"""Numbers of numpy, torch and pandas as plain values, for `grading.values`. Imports none of them before it
must. Kept by hand: numpy's own format needs pickle for objects, and nothing is unpickled here.
"""

import importlib
import sys
from typing import Any

NUMBERS = "biufcUS"  # numpy kinds that are plain bytes


def taken_apart(value: Any) -> tuple | None:
    """Numbers of numpy, torch and pandas; None for anything else. Imports none of them."""
    package = type(value).__module__.partition(".")[0]
    if package == "numpy":
        numpy = sys.modules["numpy"]
        if isinstance(value, numpy.generic) and value.dtype.kind in NUMBERS:
            return "scalar", value.dtype.str, value.tobytes()
        if isinstance(value, numpy.ndarray):
            if value.dtype.kind in NUMBERS:
                return "array", value.dtype.str, value.shape, numpy.ascontiguousarray(value).tobytes()
            return "objects", value.shape, value.ravel().tolist()
    if package == "torch" and type(value).__name__ in ("Tensor", "Parameter"):
        torch = sys.modules["torch"]
        plain = value.detach().cpu()
        name = str(plain.dtype).partition(".")[2]
        return "tensor", name, (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
    if package == "pandas" and type(value).__name__ in ("DataFrame", "Series", "Index", "RangeIndex"):
        return _table(value)
    return None


def _table(value: Any) -> tuple:
    if type(value).__name__ == "DataFrame":
        columns = [_column(value.iloc[:, place]) for place in range(value.shape[1])]
        return "DataFrame", value.columns.tolist(), columns, _column(value.index)
    if type(value).__name__ == "Series":
        return "Series", _column(value), _column(value.index), value.name
    return "Index", _column(value)


def _column(values: Any) -> list:
    return [str(values.dtype), values.tolist()]


def _numpy(dtype: str, data: bytes) -> Any:
    numpy = importlib.import_module("numpy")
    if numpy.dtype(dtype).kind not in NUMBERS:
        raise ValueError(f"an array of {dtype}")
    return numpy.frombuffer(data, dtype=dtype).copy()


def _objects(shape: tuple, values: list) -> Any:
    numpy = importlib.import_module("numpy")
    array = numpy.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


def _series(column: list, index: list, name: Any) -> Any:
    pandas = importlib.import_module("pandas")
    return pandas.Series(column[1], dtype=column[0], index=_index(index), name=name)


def _index(column: list) -> Any:
    return importlib.import_module("pandas").Index(column[1], dtype=column[0])


def _frame(names: list, columns: list, index: list) -> Any:
    pandas = importlib.import_module("pandas")
    frame = pandas.concat([_series(column, index, None) for column in columns], axis=1) if columns else None
    frame = pandas.DataFrame(index=_index(index)) if frame is None else frame
    frame.columns = names
    return frame


def _tensor(name: str, array: Any) -> Any:
    torch = importlib.import_module("torch")
    dtype = getattr(torch, name)
    if not isinstance(dtype, torch.dtype):
        raise ValueError(f"a tensor of {name}")
    return torch.from_numpy(array).to(dtype)


DECODERS = {
    "scalar": lambda dtype, data: _numpy(dtype, data)[0],
    "array": lambda dtype, shape, data: _numpy(dtype, data).reshape(shape),
    "objects": _objects,
    "tensor": _tensor,
    "DataFrame": _frame,
    "Series": _series,
    "Index": _index,
}
