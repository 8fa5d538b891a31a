"""What crosses the border by value, and what is refused."""

import threading
import tracemalloc
from collections import OrderedDict, namedtuple

import msgpack
import numpy as np
import pytest
import torch

from nbjudge.border.channel import Channel, ChannelClosed
from nbjudge.border.wire import GeneratorRefused, Reference, WireError, WireLimits, decode, encode

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


def extension(code, fields):
    return msgpack.packb(msgpack.ExtType(code, msgpack.packb(fields)))


def test_a_message_holds_so_many_containers_on_both_sides():
    small = WireLimits(containers=10)
    assert decode(encode([[]] * 9, limits=small), limits=small) == [[]] * 9
    for value in ([[]] * 10, [2j] * 10, [2**100] * 10, [np.float64(1)] * 10, [...] * 10, [[[[]] * 3] * 3] * 3):
        with pytest.raises(WireError, match="more containers than may cross"):
            encode(value, limits=small)
        with pytest.raises(WireError, match="more containers than may cross"):
            decode(encode(value), limits=small)


def test_a_message_holds_so_many_entries_however_they_are_nested():
    small = WireLimits(elements=10, containers=2)
    for value in ([[1] * 8, [1] * 8], {1: [2] * 10}, ([0] * 6, [0] * 6)):
        with pytest.raises(WireError):
            encode(value, limits=small)
    with pytest.raises(WireError, match="more entries than may cross"):
        decode(msgpack.packb([[0] * 20, [0] * 20]), limits=small)


@pytest.mark.slow
def test_many_empty_lists_are_refused_before_they_are_built():
    empty = b"\xd4\x03\x90"
    for size in (2**20, 2**21):
        message = msgpack.packb(msgpack.ExtType(3, b"\xdd" + size.to_bytes(4, "big") + empty * size))
        tracemalloc.start()
        with pytest.raises(WireError, match="more containers than may cross"):
            decode(message)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 30 * 2**20 + 10 * size


def test_a_point_in_time_arrives_as_a_number():
    assert decode(b"\xd6\xff\x00\x00\x00\x07") == 7.0


@pytest.mark.parametrize("dtype", [-1, True, 1.0, None, 99])
@pytest.mark.parametrize("code", [7, 9])
def test_a_dtype_is_one_of_the_list(code, dtype):
    fields = [dtype, [1], bytes(16), False, None] if code == 9 else [dtype, [1], bytes(16)]
    with pytest.raises(WireError, match="dtype"):
        decode(extension(code, fields))


@pytest.mark.parametrize("shape", [[0, 2**62, 2**62], [2**62, 0], [True, 0], [0] * 65])
@pytest.mark.parametrize("code", [7, 9])
def test_a_shape_is_one_that_an_array_can_have(code, shape):
    fields = [9, shape, b"", False, None] if code == 9 else [9, shape, b""]
    with pytest.raises(WireError, match="shape"):
        decode(extension(code, fields))


@pytest.mark.parametrize(
    "message",
    [
        msgpack.packb([{}] * 600_000),
        msgpack.packb([[]] * 600_000),
        msgpack.packb([[None] * 1000] * 2000),
        msgpack.packb([["a"] * 600_000, ["a"] * 600_000]),
        msgpack.packb(dict.fromkeys(range(1_200_000))),
        msgpack.packb(msgpack.ExtType(5, b"abc")),
        b"\xd6\xff\x00\x00\x00\x07",
        b"\xdd\x00\xff\x00\x00" * 100,
    ],
    ids=["maps", "lists", "entries", "two_lists", "large_map", "extension", "time", "claims"],
)
def test_a_channel_takes_messages_of_the_size_that_is_spoken(message):
    ours, theirs = Channel.pair()
    sends = threading.Thread(target=theirs.send_bytes, args=(message,))
    sends.start()
    with pytest.raises(ChannelClosed):
        ours.receive()
    sends.join()


def test_what_is_said_on_channels_passes():
    ours, theirs = Channel.pair()
    for message in (
        ["shows", ["error", "E", "e", ["line"] * 3000]],
        [{"a": 1}, {"f": b"x"}],
        ["cells", [["a", "b"]] * 2000],
    ):
        sends = threading.Thread(target=theirs.send, args=(message,))
        sends.start()
        assert ours.receive() == message
        sends.join()
