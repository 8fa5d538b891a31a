"""The encoding of all data that crosses between tests and submissions: msgpack with extension types.

Only data crosses by value. Encoding looks at the real type of an object and reads it through the methods of the base
class, so that nothing which a student's subclass overrides is ever called. Sizes are checked before anything is
allocated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import EllipsisType, GeneratorType
from typing import TYPE_CHECKING, Any

import msgpack
import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable

(
    _BIG_INT, _COMPLEX, _LIST, _TUPLE, _DICT, _SET, _ARRAY, _SCALAR, _TENSOR, _SLICE, _ELLIPSIS, _REFERENCE,
) = range(1, 13)  # fmt: skip

_ARRAY_DTYPES = tuple(
    np.dtype(name)
    for name in (
        [
            "bool",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
            "float16",
            "float32",
            "float64",
            "complex64",
            "complex128",
        ]
    )
)
_TENSOR_DTYPES = (
    torch.bool, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.float16, torch.bfloat16,
    torch.float32, torch.float64, torch.complex64, torch.complex128,
)  # fmt: skip


class WireError(Exception):
    """Data that cannot cross: the wrong type, too large, too deep or malformed."""


class GeneratorRefused(WireError):
    """A generator cannot cross: its values do not exist yet."""


@dataclass(frozen=True)
class WireLimits:
    """How much may cross in one message.

    Args:
        size: bytes of the message.
        elements: entries of one array, and of all lists, tuples, dicts and sets together.
        containers: lists, tuples, dicts, sets, arrays and whatever else is no plain value.
        depth: levels of containers inside each other.
        integer_bits: bits of one int.
    """

    size: int = 64 * 2**20
    elements: int = 8 * 2**20
    containers: int = 250_000
    depth: int = 64
    integer_bits: int = 4096


@dataclass(frozen=True)
class Reference:
    """Something that stays on its side and is spoken of by number.

    Args:
        kind: what stays there, a word that both sides know.
        number: its number in the table of that side.
        payload: bytes that belong to it.
    """

    kind: str
    number: int = 0
    payload: bytes = b""


DEFAULT_LIMITS = WireLimits()
_MOST_FIELDS = 8
_AS_NUMBER = 1
"""How msgpack reads its own type for points in time, which tests never see: as a number, which is data."""

_REAL_MRO = type.__dict__["__mro__"].__get__


def encode(
    value: Any, *, refer: Callable[[Any], Reference] | None = None, limits: WireLimits = DEFAULT_LIMITS
) -> bytes:
    """Encode a value.

    Args:
        value: what to send.
        refer: gives a reference for what cannot cross by value; without it that is an error.
        limits: how much may cross.

    Returns:
        The message.

    Raises:
        WireError: naming what cannot cross.
    """
    message = _pack(_Encoder(refer, limits).prepared(value, limits.depth))
    if len(message) > limits.size:
        raise WireError(f"a value of {len(message)} bytes is larger than the limit of {limits.size}")
    return message


def decode(
    message: bytes, *, resolve: Callable[[Reference], Any] | None = None, limits: WireLimits = DEFAULT_LIMITS
) -> Any:
    """Decode a message.

    Args:
        message: what `encode` made, possibly by a hostile sender.
        resolve: turns a reference into the object that stands for it on this side.
        limits: how much may cross.

    Returns:
        The value; tensors are leaves.

    Raises:
        WireError: if the message is malformed or breaks a limit.
    """
    if len(message) > limits.size:
        raise WireError(f"a message of {len(message)} bytes is larger than the limit of {limits.size}")
    try:
        return _Decoder(resolve, limits).value(message, limits.depth)
    except WireError:
        raise
    except Exception as error:  # noqa: BLE001, hostile bytes may raise anything
        raise WireError(f"malformed message ({type(error).__name__})") from None


class _Room:
    """What may still cross in one message.

    Args:
        elements: entries of containers.
        containers: containers, and whatever else is no plain value.
    """

    def __init__(self, elements: int, containers: int) -> None:
        self._elements = elements
        self._containers = containers

    def take_elements(self, size: int) -> None:
        self._elements -= size
        if self._elements < 0:
            raise WireError("its containers hold more entries than may cross at one time")

    def take_container(self) -> None:
        self._containers -= 1
        if self._containers < 0:
            raise WireError("it holds more containers than may cross at one time")


class _Encoder:
    def __init__(self, refer: Callable[[Any], Reference] | None, limits: WireLimits) -> None:
        self.refer = refer
        self.limits = limits
        self.room = _Room(limits.elements, limits.containers)

    def prepared(self, value: Any, depth: int) -> Any:
        """The value in terms of what msgpack packs natively and of extension types."""
        if depth < 0:
            raise WireError(f"containers are nested deeper than {self.limits.depth} levels")
        kinds = _REAL_MRO(type(value))
        if value is None or type(value) in (bool, float, bytes):
            return value
        for kind, prepare in _BY_KIND:
            if kind in kinds:
                prepared = prepare(self, value, depth)
                if prepared is not NotImplemented:
                    return prepared
        if isinstance(value, Reference):
            return self.packed(_REFERENCE, [value.kind, value.number, value.payload])
        if GeneratorType in kinds:
            raise GeneratorRefused("a generator cannot cross: return a list")
        if self.refer is None:
            raise WireError(f"an object of type {type(value).__name__} is not data")
        return self.prepared(self.refer(value), depth)

    def entries(self, values: Any, size: int, depth: int) -> list[Any]:
        self.room.take_elements(size)
        return [self.prepared(value, depth - 1) for value in values]

    def integer(self, value: int, _depth: int) -> Any:
        value = int.__index__(value)
        if -(2**63) <= value < 2**64:
            return value
        if value.bit_length() > self.limits.integer_bits:
            raise WireError(f"an integer of {value.bit_length()} bits is larger than the limit")
        self.room.take_container()
        return msgpack.ExtType(_BIG_INT, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))

    def complex_(self, value: complex, _depth: int) -> Any:
        return self.packed(_COMPLEX, [complex.real.__get__(value), complex.imag.__get__(value)])

    def ellipsis(self, _value: EllipsisType, _depth: int) -> Any:
        self.room.take_container()
        return msgpack.ExtType(_ELLIPSIS, b"")

    def list_(self, value: list[Any], depth: int) -> Any:
        return self.packed(_LIST, self.entries(list.__iter__(value), list.__len__(value), depth))

    def tuple_(self, value: tuple[Any, ...], depth: int) -> Any:
        return self.packed(_TUPLE, self.entries(tuple.__iter__(value), tuple.__len__(value), depth))

    def dict_(self, value: dict[Any, Any], depth: int) -> Any:
        pairs = [entry for pair in dict.items(value) for entry in pair]
        return self.packed(_DICT, self.entries(pairs, dict.__len__(value), depth))

    def set_(self, value: set[Any] | frozenset[Any], depth: int) -> Any:
        base: Any = set if isinstance(value, set) else frozenset
        return self.packed(_SET, self.entries(base.__iter__(value), base.__len__(value), depth))

    def array(self, value: np.ndarray, _depth: int) -> Any:
        plain = np.ndarray.view(value, np.ndarray)
        dtype = plain.dtype.newbyteorder("=")
        if dtype not in _ARRAY_DTYPES:
            return NotImplemented
        self._check_elements(plain.size)
        data = np.ascontiguousarray(plain, dtype=dtype).tobytes()
        return self.packed(_ARRAY, [_ARRAY_DTYPES.index(dtype), list(plain.shape), data])

    def scalar(self, value: np.generic, _depth: int) -> Any:
        dtype = np.generic.dtype.__get__(value)
        if dtype not in _ARRAY_DTYPES:
            return NotImplemented
        return self.packed(_SCALAR, [_ARRAY_DTYPES.index(dtype), np.generic.tobytes(value)])

    def tensor(self, value: torch.Tensor, depth: int) -> Any:
        with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():  # noqa: SLF001, torch's own way to see the base
            if value.layout != torch.strided or value.device.type != "cpu" or value.dtype not in _TENSOR_DTYPES:
                return NotImplemented
            self._check_elements(value.numel())
            plain = value.detach().resolve_conj().resolve_neg().clone(memory_format=torch.contiguous_format)
            raw = plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b""
            grad = value.grad if value.is_leaf else None
            parts = [_TENSOR_DTYPES.index(plain.dtype), list(plain.shape), raw, bool(value.requires_grad)]
        return self.packed(_TENSOR, [*parts, self.prepared(grad, depth - 1)])

    def slice_(self, value: slice, depth: int) -> Any:
        return self.packed(_SLICE, self.entries([value.start, value.stop, value.step], 3, depth))

    def packed(self, code: int, fields: list[Any]) -> msgpack.ExtType:
        self.room.take_container()
        return msgpack.ExtType(code, _pack(fields))

    def _check_elements(self, size: int) -> None:
        if size > self.limits.elements:
            raise WireError(f"an array of {size} entries is larger than the limit of {self.limits.elements}")


_BY_KIND: tuple[tuple[type, Callable[[_Encoder, Any, int], Any]], ...] = (
    (np.generic, _Encoder.scalar),
    (bool, lambda _, value, __: value),
    (int, _Encoder.integer),
    (float, lambda _, value, __: float.__float__(value)),
    (complex, _Encoder.complex_),
    (str, lambda _, value, __: str.__str__(value)),
    (bytes, lambda _, value, __: bytes.__getitem__(value, slice(None))),
    (list, _Encoder.list_),
    (tuple, _Encoder.tuple_),
    (dict, _Encoder.dict_),
    (set, _Encoder.set_),
    (frozenset, _Encoder.set_),
    (np.ndarray, _Encoder.array),
    (torch.Tensor, _Encoder.tensor),
    (slice, _Encoder.slice_),
    (EllipsisType, _Encoder.ellipsis),
)


class _Fields(list[Any]):
    """The fields of an extension type; a shape inside them is the only further level."""

    def __init__(self, entries: list[Any]) -> None:
        if any(type(field) is _Fields for entry in entries if type(entry) is _Fields for field in entry):
            raise WireError("malformed message (nested fields)")
        super().__init__(entries)


class _Decoder:
    def __init__(self, resolve: Callable[[Reference], Any] | None, limits: WireLimits) -> None:
        self.resolve = resolve
        self.limits = limits
        # A dict sends two fields an entry, and other extension types have at most eight.
        self.room = _Room(2 * limits.elements + _MOST_FIELDS * limits.containers, limits.containers)

    def value(self, data: bytes, depth: int) -> Any:
        """The value that some bytes stand for."""
        if depth < 0:
            raise WireError(f"containers are nested deeper than {self.limits.depth} levels")
        value = self.fields(data, depth)
        if type(value) is _Fields:
            raise WireError("malformed message (fields without an extension type)")
        return value

    def fields(self, data: bytes, depth: int) -> Any:
        """What msgpack reads: the fields of an extension type, or a value without any."""
        return msgpack.unpackb(
            data,
            ext_hook=lambda code, body: self.extension(code, body, depth - 1),
            list_hook=self._listed,
            strict_map_key=False,
            unicode_errors="surrogatepass",
            timestamp=_AS_NUMBER,
            max_array_len=min(len(data), 2 * self.limits.elements),
            max_map_len=0,
        )

    def _listed(self, entries: list[Any]) -> _Fields:
        self.room.take_elements(1 + len(entries))
        return _Fields(entries)

    def extension(self, code: int, body: bytes, depth: int) -> Any:
        self.room.take_container()
        if code == _BIG_INT:
            if len(body) > self.limits.integer_bits // 8 + 1:
                raise WireError("an integer is larger than the limit")
            return int.from_bytes(body, "big", signed=True)
        if code == _ELLIPSIS:
            return ...
        if depth < 0:
            raise WireError(f"containers are nested deeper than {self.limits.depth} levels")
        fields = self.fields(body, depth)
        if code not in _BUILD or type(fields) is not _Fields:
            raise WireError(f"malformed message (extension type {code})")
        if code in _CONTAINERS and len(fields) > self.limits.elements * _CONTAINERS[code]:
            raise WireError("its containers hold more entries than may cross at one time")
        return _BUILD[code](self, *fields) if code in _WITH_FIELDS else _BUILD[code](fields)

    def complex_(self, real: float, imag: float) -> complex:
        return complex(real, imag)

    def array(self, dtype: int, shape: list[int], data: bytes) -> np.ndarray:
        kind = _chosen(_ARRAY_DTYPES, dtype)
        self._check_size(shape, kind.itemsize, data)
        return np.frombuffer(data, dtype=kind).reshape(shape).copy()

    def scalar(self, dtype: int, data: bytes) -> np.generic:
        kind = _chosen(_ARRAY_DTYPES, dtype)
        self._check_size([], kind.itemsize, data)
        number: np.generic = np.frombuffer(data, dtype=kind)[0]
        return number

    def tensor(self, dtype: int, shape: list[int], data: bytes, requires_grad: bool, grad: Any) -> torch.Tensor:  # noqa: FBT001
        kind = _chosen(_TENSOR_DTYPES, dtype)
        self._check_size(shape, kind.itemsize, data)
        flat = torch.frombuffer(bytearray(data), dtype=kind) if data else torch.empty(0, dtype=kind)
        leaf = flat.reshape(shape).clone()
        leaf.requires_grad_(requires_grad and (kind.is_floating_point or kind.is_complex))
        if isinstance(grad, torch.Tensor) and grad.shape == leaf.shape and grad.dtype == leaf.dtype:
            leaf.requires_grad_(True)
            leaf.grad = grad.detach()
            leaf.requires_grad_(requires_grad)
        return leaf

    def reference(self, kind: str, number: int, payload: bytes) -> Any:
        if self.resolve is None:
            raise WireError("malformed message (a reference where only data is expected)")
        return self.resolve(Reference(kind, number, payload))

    def _check_size(self, shape: list[int], itemsize: int, data: bytes) -> None:
        if (
            any(type(size) is not int or not 0 <= size <= self.limits.elements for size in shape)
            or len(shape) > self.limits.depth
        ):
            raise WireError("malformed message (shape)")
        elements = math.prod(shape)
        if elements > self.limits.elements or elements * itemsize != len(data):
            raise WireError("malformed message (the size of an array does not fit its data)")


_BUILD: dict[int, Callable[..., Any]] = {
    _COMPLEX: _Decoder.complex_,
    _LIST: list,
    _TUPLE: tuple,
    _DICT: lambda entries: dict(zip(entries[::2], entries[1::2], strict=True)),
    _SET: set,
    _ARRAY: _Decoder.array,
    _SCALAR: _Decoder.scalar,
    _TENSOR: _Decoder.tensor,
    _SLICE: lambda fields: slice(*fields),
    _REFERENCE: _Decoder.reference,
}
_CONTAINERS = {_LIST: 1, _TUPLE: 1, _SET: 1, _DICT: 2}
_WITH_FIELDS = {_COMPLEX, _ARRAY, _SCALAR, _TENSOR, _REFERENCE}


def _chosen(kinds: tuple[Any, ...], number: Any) -> Any:
    """The dtype with a number; a negative one or a truth value is none."""
    if type(number) is not int or not 0 <= number < len(kinds):
        raise WireError("malformed message (dtype)")
    return kinds[number]


def _pack(value: Any) -> bytes:
    message: bytes = msgpack.packb(value, unicode_errors="surrogatepass", strict_types=True)
    return message
