"""Animations are read back: their frames, pixels, times and sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from convscope.core.animation import MOST_PIXELS_A_SIDE, Box, Frame, Kind, changed, write_animation

KINDS: tuple[Kind, ...] = ("gif", "webp")


def pixels(*squares: tuple[int, int], width: int = 41, height: int = 30) -> Any:
    """Return a grey ramp with a coloured square at each place (left, top)."""
    picture = np.repeat(np.linspace(0, 120, width, dtype=np.uint8)[None, :, None], height, axis=0).repeat(3, axis=2)
    for number, (left, top) in enumerate(squares):
        picture[top : top + 5, left : left + 5] = (250, 40 * number, 10)
    return picture


def write(path: Path, kind: Kind, frames: list[Frame]) -> tuple[list[int], int]:
    """Send frames as the program does; return what was yielded, and the size that was returned."""
    work = write_animation(path, kind)
    steps = [next(work)]
    try:
        for frame in frames:
            steps.append(work.send(frame))
    except StopIteration as end:
        return steps, end.value
    raise AssertionError("the last frame did not end the work")


def read(path: Path) -> tuple[list[Any], list[int], int]:
    """Return pictures, their milliseconds and the number of repetitions of a file."""
    pictures: list[Any] = []
    times: list[int] = []
    with Image.open(path) as file:
        for number in range(getattr(file, "n_frames", 1)):
            file.seek(number)
            pictures.append(np.asarray(file.convert("RGB")).astype(int))
            times.append(int(file.info["duration"]))
        return pictures, times, file.info["loop"]


@pytest.mark.parametrize("kind", KINDS)
def test_frames_are_read_back_as_they_were_sent(tmp_path: Path, kind: Kind) -> None:
    sent = [pixels(), pixels((3, 4)), pixels((9, 17), (20, 2)), pixels((36, 25))]
    frames = [Frame(one, 0.08, number == 3) for number, one in enumerate(sent)]
    steps, size = write(tmp_path / "file", kind, frames)
    pictures, times, loop = read(tmp_path / "file")
    assert steps == [0, 1, 2, 3]
    assert size == (tmp_path / "file").stat().st_size
    assert times == [80] * 4
    assert loop == 0  # forever
    for one, other in zip(sent, pictures, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_frames_become_one_that_is_shown_longer(tmp_path: Path, kind: Kind) -> None:
    one, other = pixels(), pixels((2, 2))
    write(tmp_path / "file", kind, [Frame(one, 0.1), Frame(one.copy(), 0.2), Frame(other, 0.05), Frame(other, 1, True)])
    pictures, times, _ = read(tmp_path / "file")
    assert times == [300, 1050]
    np.testing.assert_array_equal(pictures[1], other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_frame_is_an_animation_too(tmp_path: Path, kind: Kind) -> None:
    write(tmp_path / "file", kind, [Frame(pixels((1, 1)), 0.5, True)])
    with Image.open(tmp_path / "file") as file:
        np.testing.assert_array_equal(np.asarray(file.convert("RGB")), pixels((1, 1)))


def test_webp_keeps_each_of_many_colours_and_gif_comes_near(tmp_path: Path) -> None:
    smooth = np.stack(np.broadcast_arrays(*np.ogrid[0:250:5, 0:240:4], 77)[:3], axis=2).astype(np.uint8)
    errors: dict[str, int] = {}
    for kind in KINDS:
        write(tmp_path / kind, kind, [Frame(pixels(width=60, height=50), 0.1), Frame(smooth, 0.1, True)])
        errors[kind] = int(np.abs(read(tmp_path / kind)[0][1] - smooth).max())
    assert errors["webp"] == 0
    assert 0 < errors["gif"] < 25  # 3,000 colours in 256


@settings(max_examples=15)
@given(
    spots=st.lists(st.tuples(st.integers(0, 15), st.integers(0, 9)), min_size=1, max_size=5),
    kind=st.sampled_from(KINDS),
)
def test_any_change_is_found(
    tmp_path_factory: pytest.TempPathFactory, spots: list[tuple[int, int]], kind: Kind
) -> None:
    sent = [np.zeros((10, 16, 3), np.uint8)]
    for number, (column, row) in enumerate(spots):
        sent.append(sent[-1].copy())
        sent[-1][row, column, number % 3] += 50
    path = tmp_path_factory.mktemp("animation") / "file"
    write(path, kind, [Frame(one, 0.1, one is sent[-1]) for one in sent])
    np.testing.assert_array_equal(read(path)[0], sent)


def test_only_the_changed_part_is_encoded() -> None:
    assert changed(pixels(), pixels()) is None
    assert changed(None, pixels()) == Box(0, 0, 41, 30)
    assert changed(pixels(), pixels((7, 9))) == Box(6, 8, 6, 6)  # corners are even


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_written_before_the_last_frame(tmp_path: Path, kind: Kind) -> None:
    work = write_animation(tmp_path / "file", kind)
    next(work)
    work.send(Frame(pixels(), 0.1))
    work.close()
    assert list(tmp_path.iterdir()) == []


def test_a_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    work = write_animation(tmp_path / "file", "gif")
    next(work)
    work.send(Frame(pixels(), 0.1))
    with pytest.raises(ValueError, match="shape"):
        work.send(Frame(pixels(width=40), 0.1))


def test_a_picture_that_no_viewer_takes_is_refused(tmp_path: Path) -> None:
    work = write_animation(tmp_path / "file", "webp")
    next(work)
    with pytest.raises(ValueError, match="at most"):
        work.send(Frame(pixels(width=MOST_PIXELS_A_SIDE + 1, height=2), 0.1))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="absent"):
        write(tmp_path / "absent" / "file.gif", "gif", [Frame(pixels(), 0.1, True)])
