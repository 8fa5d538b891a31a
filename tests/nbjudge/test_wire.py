"""What crosses the border by value, and what is refused."""

from collections import OrderedDict, namedtuple

import msgpack
import numpy as np
import pytest
import torch

from nbjudge.wire import GeneratorRefused, Reference, WireError, WireLimits, decode, encode

Pair = namedtuple("Pair", "first second")  # noqa: PYI024, the untyped form is what students write


class Hostile(list):
    def __iter__(self):
        raise AssertionError("a student's method was called")

    __len__ = __eq__ = __reduce__ = __iter__
    __hash__ = None


class ForgedArray:
    def __array__(self):
        raise AssertionError("a student's method was called")


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (None, None),
        (True, True),
        (-(2**70), -(2**70)),
        (1.5, 1.5),
        (2j, 2j),
        ("a\ud800야", "a\ud800야"),
        (b"\x00", b"\x00"),
        ([1, [2]], [1, [2]]),
        ((1, (2,)), (1, (2,))),
        ({1: (2,), (1, 2): None}, {1: (2,), (1, 2): None}),
        ({1, 2}, {1, 2}),
        (slice(1, None), slice(1, None)),
        (..., ...),
        (Pair(1, 2), (1, 2)),
        (OrderedDict(a=1), {"a": 1}),
        (torch.Size([2, 3]), (2, 3)),
        (Hostile([1, 2]), [1, 2]),
    ],
)
def test_values_cross_as_their_base_type(sent, received):
    result = decode(encode(sent))
    assert result == received
    assert type(result) is type(received)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "float64", "complex128", ">f8"])
@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (4, 0, 2)])
def test_arrays_keep_dtype_shape_and_entries(dtype, shape):
    array = np.random.default_rng(0).normal(size=shape).astype(dtype)
    result = decode(encode(array))
    np.testing.assert_array_equal(result, array)
    assert result.dtype == array.dtype.newbyteorder("=")
    assert result.flags.writeable


def test_views_masked_arrays_and_scalars_cross():
    np.testing.assert_array_equal(decode(encode(np.arange(6.0).reshape(2, 3).T)), np.arange(6.0).reshape(2, 3).T)
    assert type(decode(encode(np.ma.array([1.0, 2.0])))) is np.ndarray
    assert type(decode(encode(np.float32(2)))) is np.float32


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 1), (2, 1)])
def test_expanded_tensors_arrive_in_full(shape):
    tensor = torch.tensor(2.5, dtype=torch.float64).expand(shape)
    assert torch.equal(decode(encode(tensor)), tensor)


@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_tensors_arrive_as_leaves(dtype, requires_grad):
    tensor = torch.tensor([1.0, 2.0], dtype=dtype, requires_grad=requires_grad)
    result = decode(encode(tensor * 2))
    assert result.is_leaf and result.dtype == dtype and result.requires_grad == requires_grad
    assert result.tolist() == [2.0, 4.0]


def test_a_gradient_travels_with_its_leaf():
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    (leaf**2).sum().backward()
    assert decode(encode(leaf)).grad.tolist() == [2.0, 4.0]
    assert decode(encode(torch.ones(2))).grad is None


@pytest.mark.parametrize(
    "thing",
    [object(), ForgedArray(), np.array([object()]), np.array(["a"]), np.longdouble(1), torch.ones(2).to_sparse(), len],
)
def test_what_is_not_data_is_refused_or_referred(thing):
    with pytest.raises(WireError, match="is not data"):
        encode(thing)
    message = encode([thing], refer=lambda _: Reference("object", 7, b"name"))
    assert decode(message, resolve=lambda reference: reference) == [Reference("object", 7, b"name")]


def test_a_generator_is_told_to_be_a_list():
    with pytest.raises(GeneratorRefused, match="return a list"):
        encode(entry for entry in [1])


def test_limits_hold_on_both_sides():
    small = WireLimits(size=100, elements=5, depth=3, integer_bits=128)
    cyclic = []
    cyclic.append(cyclic)
    for value in ([0] * 6, np.zeros(6), torch.zeros(6), [[[[[]]]]], 2**200, "a" * 200, cyclic):
        with pytest.raises(WireError):
            encode(value, limits=small)
        if value is not cyclic:
            with pytest.raises(WireError):
                decode(encode(value), limits=small)


def test_malformed_messages_are_refused():
    for code in range(20):
        for body in (b"", b"\xc1", msgpack.packb([0, [-1], b""]), msgpack.packb([99, [2], b"1234"])):
            with pytest.raises(WireError):
                decode(msgpack.packb(msgpack.ExtType(code, body)) + b"\x00")
    with pytest.raises(WireError, match="does not fit"):
        decode(msgpack.packb(msgpack.ExtType(7, msgpack.packb([11, [10**6], b"12345678"]))))
