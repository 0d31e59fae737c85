"""Downloading from mirrors on this computer: what is kept, what is refused, and that nothing stays behind."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from convscope.core.data import download
from convscope.core.data.dataset import DataError
from convscope.core.data.download import FASHION_MNIST, MNIST, Collection, RemoteFile, downloading, missing
from convscope.core.data.progress import Progress, finished

IMAGES = bytes(range(256)) * 800  # more than one chunk of a transfer
LABELS = b"labels"
CONTENTS = {"images.gz": IMAGES, "labels.gz": LABELS}
HTML = b"<!DOCTYPE html><html>Log in to this network.</html>"

Answer = Callable[["Mirror", BaseHTTPRequestHandler, bytes], None]


def whole(_: Mirror, request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Answer as a good mirror does."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


def truncated(_: Mirror, request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Break off after half of what was announced."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content[: len(content) // 2])


def short(mirror: Mirror, request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Announce and send too little."""
    whole(mirror, request, content[:-1])


def flipped(mirror: Mirror, request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send one wrong bit."""
    whole(mirror, request, content[:-1] + bytes([content[-1] ^ 1]))


def endless(_: Mirror, request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Announce nothing and send more and more."""
    request.send_response(200)
    request.end_headers()
    try:
        while True:
            request.wfile.write(content)
    except OSError:
        request.close_connection = True


def html(mirror: Mirror, request: BaseHTTPRequestHandler, _: bytes) -> None:
    """Answer as a hotel's log-in page does."""
    whole(mirror, request, HTML)


def busy(_: Mirror, request: BaseHTTPRequestHandler, __: bytes) -> None:
    """Have no time."""
    request.send_error(503)


def stalled(mirror: Mirror, request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send a little, then nothing until the test lets go."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content[:1])
    request.wfile.flush()
    mirror.stalling.set()
    mirror.released.wait(30)


def silent(mirror: Mirror, _: BaseHTTPRequestHandler, __: bytes) -> None:
    """Accept the connection and never answer."""
    mirror.stalling.set()
    mirror.released.wait(30)


SILENT = (stalled, silent)


class Mirror(ThreadingHTTPServer):
    """A mirror on this computer; `answer` is how it behaves, `asked` what it was asked for."""

    daemon_threads = False  # so that closing waits for them, and no thread outlives its test

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answer: Answer = whole
        self.asked: list[str] = []
        self.stalling = threading.Event()
        self.released = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/files/"


class Request(BaseHTTPRequestHandler):
    """One request to a `Mirror`."""

    server: Mirror

    def do_GET(self) -> None:
        name = self.path.removeprefix("/files/")
        self.server.asked.append(name)
        self.server.answer(self.server, self, CONTENTS[name])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirrors() -> Iterator[tuple[Mirror, Mirror]]:
    servers = Mirror(), Mirror()
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in servers]
    for thread in threads:
        thread.start()
    yield servers
    for server in servers:
        server.released.set()
        server.shutdown()
        server.server_close()
    for thread in [*threads, *(t for t in threading.enumerate() if t.name.startswith("download"))]:
        thread.join()


@pytest.fixture
def collection(mirrors: tuple[Mirror, Mirror], monkeypatch: pytest.MonkeyPatch) -> Collection:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    files = (RemoteFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in CONTENTS.items())
    return Collection("Some digits", tuple(mirror.url for mirror in mirrors), tuple(files))


def test_a_download_brings_every_file_and_tells_how_far_it_is(tmp_path: Path, collection: Collection):
    folder = tmp_path / "new" / "folder"
    steps = list(downloading(collection, folder))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENTS
    assert missing(collection, folder) == ()
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert {step.total for step in steps} == {len(IMAGES) + len(LABELS)}
    assert steps[0].text == "Downloading images.gz from " + collection.mirrors[0].split("/")[2]
    assert steps[-1].done == steps[-1].total


def test_a_complete_file_is_not_fetched_again(tmp_path: Path, collection: Collection, mirrors: tuple[Mirror, Mirror]):
    (tmp_path / "images.gz").write_bytes(IMAGES)
    assert [file.name for file in missing(collection, tmp_path)] == ["labels.gz"]
    steps = list(downloading(collection, tmp_path))
    assert steps[0].done == len(IMAGES)
    assert mirrors[0].asked == ["labels.gz"]


def test_a_damaged_file_is_fetched_again(tmp_path: Path, collection: Collection):
    (tmp_path / "images.gz").write_bytes(b"\0" + IMAGES[1:])
    finished(downloading(collection, tmp_path))
    assert (tmp_path / "images.gz").read_bytes() == IMAGES


@pytest.mark.parametrize("failure", [truncated, short, flipped, endless, html, busy, stalled, silent])
def test_the_second_mirror_helps_where_the_first_one_fails(
    tmp_path: Path, collection: Collection, mirrors: tuple[Mirror, Mirror], failure: Answer
):
    mirrors[0].answer = failure
    finished(downloading(collection, tmp_path, timeout=0.5 if failure in SILENT else 10))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == CONTENTS
    assert mirrors[0].asked == mirrors[1].asked == ["images.gz", "labels.gz"]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (truncated, f"broke off after .* bytes|sent .* of {len(IMAGES):,} bytes"),
        (short, f"sent {len(IMAGES) - 1:,} of {len(IMAGES):,} bytes"),
        (flipped, "checksum is wrong"),
        (endless, f"more than the {len(IMAGES):,} bytes"),
        (html, f"sent {len(HTML)} of"),
        (busy, "answered 503"),
        (stalled, r"silent for 0\.2 seconds"),
        (silent, r"silent for 0\.2 seconds"),
    ],
)
def test_what_no_mirror_gives_is_an_error_with_reasons_and_a_way_out(
    tmp_path: Path, collection: Collection, mirrors: tuple[Mirror, Mirror], failure: Answer, reason: str
):
    for mirror in mirrors:
        mirror.answer = failure
    with pytest.raises(DataError, match=reason) as caught:
        finished(downloading(collection, tmp_path / "folder", timeout=0.2 if failure in SILENT else 10))
    text = str(caught.value)
    assert all(mirror.url + "images.gz" in text for mirror in mirrors)
    assert "Some digits could not be downloaded" in text
    assert "generated handwriting" in text
    assert "a folder" in text
    assert not (tmp_path / "folder").exists()


def test_a_mirror_that_was_busy_once_is_asked_again(
    tmp_path: Path, collection: Collection, mirrors: tuple[Mirror, Mirror]
):
    def busy_once(mirror: Mirror, request: BaseHTTPRequestHandler, content: bytes) -> None:
        mirror.answer = whole
        busy(mirror, request, content)

    mirrors[0].answer = busy_once
    mirrors[1].answer = busy
    finished(downloading(collection, tmp_path))
    assert (tmp_path / "images.gz").read_bytes() == IMAGES
    assert mirrors[0].asked == ["images.gz", "images.gz", "labels.gz"]


def test_no_server_at_all_is_an_error_that_asks_for_the_network(tmp_path: Path, collection: Collection):
    nowhere = Collection(collection.title, ("http://127.0.0.1:1/",), collection.files)
    with pytest.raises(DataError, match=r"connected to the internet.*\n.*could not be reached"):
        finished(downloading(nowhere, tmp_path))


def test_what_an_attempt_completed_is_kept_for_the_next(
    tmp_path: Path, collection: Collection, mirrors: tuple[Mirror, Mirror]
):
    def only_images(mirror: Mirror, request: BaseHTTPRequestHandler, content: bytes) -> None:
        (whole if content == IMAGES else busy)(mirror, request, content)

    for mirror in mirrors:
        mirror.answer = only_images
    with pytest.raises(DataError):
        finished(downloading(collection, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["images.gz"]


def test_progress_is_told_while_a_mirror_is_silent(
    tmp_path: Path, collection: Collection, mirrors: tuple[Mirror, Mirror]
):
    mirrors[0].answer = stalled
    work = downloading(collection, tmp_path)
    next(work)
    for _ in range(3):
        assert isinstance(next(work), Progress)
    assert mirrors[1].asked == []
    work.close()


@pytest.mark.parametrize("behaviour", [stalled, silent])
def test_cancelling_does_not_wait_for_a_silent_mirror(
    tmp_path: Path, collection: Collection, mirrors: tuple[Mirror, Mirror], behaviour: Answer
):
    mirrors[0].answer = behaviour
    work = downloading(collection, tmp_path / "folder", timeout=20)
    next(work)
    next(work)
    assert mirrors[0].stalling.wait(10)
    work.close()
    assert not mirrors[0].released.is_set()  # the mirror is still silent, and yet we are here
    assert not (tmp_path / "folder").exists()
    mirrors[0].released.set()
    for thread in [thread for thread in threading.enumerate() if thread.name.startswith("download")]:
        thread.join()  # ends of itself
    assert not (tmp_path / "folder").exists()
    assert mirrors[1].asked == []


def test_a_cancelled_transfer_stops_amid_the_data(
    tmp_path: Path, collection: Collection, mirrors: tuple[Mirror, Mirror]
):
    def in_two_parts(mirror: Mirror, request: BaseHTTPRequestHandler, content: bytes) -> None:
        stalled(mirror, request, content)
        request.wfile.write(content[1:])

    mirrors[0].answer = in_two_parts
    transfer = download._Transfer(collection.mirrors[0] + "images.gz", collection.files[0], 20)
    transfer.start()
    assert mirrors[0].stalling.wait(10)
    transfer.cancelled = True
    mirrors[0].released.set()
    transfer.join()
    assert transfer.content is None
    assert transfer.reason == "cancelled"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, collection: Collection):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError, match=r"images\.gz cannot be written"):
        finished(downloading(collection, tmp_path / "file"))


@pytest.mark.parametrize("real", [MNIST, FASHION_MNIST], ids=lambda real: real.title)
def test_the_real_collections_have_two_mirrors_and_four_files(real: Collection):
    assert len({mirror.split("/")[2] for mirror in real.mirrors}) == 2
    assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in real.mirrors)
    assert len({file.sha256 for file in real.files}) == 4
    assert all(len(file.sha256) == 64 and int(file.sha256, 16) for file in real.files)
