"""Download MNIST and Fashion-MNIST from one of two mirrors each, checked and cancellable.

pooch transfers the bytes: it verifies servers by the certificates it brings along (a frozen copy of Python finds none
of the system's), and follows proxies and redirects. It has neither mirrors nor a way to cancel, so these are here: each
transfer runs on a thread of its own into memory, while `downloading` looks at it ten times a second. A cancelled
transfer ends at its next byte, or when its time is up; it owns no file, so nothing can be left behind.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from convscope.core.data.dataset import DataError
from convscope.core.data.progress import Progress
from convscope.core.files import write_whole

TIMEOUT = 10.0  # seconds a mirror may be silent
_ROUNDS = 2  # a mirror that was busy may answer the second time
_LOOK = 0.1  # seconds between two looks at a transfer


@dataclass(frozen=True)
class RemoteFile:
    """A file as its mirrors hold it; size in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Collection:
    """Files that make a data set.

    Attributes:
        title: What the user reads.
        mirrors: Addresses that end in "/", tried in this order.
        files: What each mirror holds.
    """

    title: str
    mirrors: tuple[str, ...]
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


MNIST = Collection(
    "MNIST",
    ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
    (
        RemoteFile(
            "train-images-idx3-ubyte.gz", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
        ),
    ),
)
FASHION_MNIST = Collection(
    "Fashion-MNIST",
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
    (
        RemoteFile(
            "train-images-idx3-ubyte.gz", 26421880, "08dc20ab1689590a0bcd66e874647b6ee8464e2d501b5a3f1f78831db19a3fdc"
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz", 29515, "b0197879cbda89f3dc7b894f9fd52b858e68ea4182b6947c9d8c2b67e5f18dcc"
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz", 4422102, "78dcbbfb5a27efaf1b6c1d616caca68560be8766c5bffcb2791df9273a534229"
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz", 5148, "42bd18137a62d5998cdeae52bf3a0676ac6b706f5cf8439b47bb5b151ae3dccf"
        ),
    ),
)


def missing(collection: Collection, folder: Path) -> tuple[RemoteFile, ...]:
    """Return the files that `folder` does not hold as their checksums say."""
    return tuple(file for file in collection.files if not _is_complete(folder / file.name, file))


def downloading(collection: Collection, folder: Path, *, timeout: float = TIMEOUT) -> Generator[Progress, None, None]:
    """Download into `folder` what it lacks; each file appears there only when it is complete and its checksum right.

    Files that are already complete are not fetched again, so that a second attempt goes on where the first ended.
    Closing the generator cancels.

    Args:
        collection: What to download.
        folder: Where it goes; made when needed.
        timeout: Seconds a mirror may be silent before the next one is tried.

    Raises:
        DataError: No mirror gave a file, or it could not be written.
    """
    lacking = missing(collection, folder)
    done = collection.size - sum(file.size for file in lacking)
    for file in lacking:
        content = yield from _from_mirrors(file, collection, done, timeout)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / file.name, content)
        except OSError as error:
            raise DataError(f"{folder / file.name} cannot be written: {error.strerror or error}.") from error
        done += file.size
    yield Progress(f"{collection.title} is complete", collection.size, collection.size)


def _is_complete(path: Path, file: RemoteFile) -> bool:
    try:
        return path.stat().st_size == file.size and _sha256(path.read_bytes()) == file.sha256
    except OSError:
        return False


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _from_mirrors(
    file: RemoteFile, collection: Collection, done: int, timeout: float
) -> Generator[Progress, None, bytes]:
    """Return the content of `file` from the first mirror that gives it."""
    reasons: dict[str, str] = {}
    for mirror in collection.mirrors * _ROUNDS:
        text = f"Downloading {file.name} from {mirror.split('/')[2]}"
        transfer = _Transfer(mirror + file.name, file, timeout)
        try:
            yield Progress(text, done, collection.size)
            transfer.start()
            while transfer.is_alive():
                transfer.join(_LOOK)
                yield Progress(text, done + transfer.received, collection.size)
        finally:
            transfer.cancelled = True
        if transfer.content is not None:
            return transfer.content
        reasons[mirror] = transfer.reason
    tried = "\n".join(f"{mirror}{file.name}: {reason}" for mirror, reason in reasons.items())
    raise DataError(
        f"{collection.title} could not be downloaded; is this computer connected to the internet? Tried were\n{tried}\n"
        "Try again later, or use what needs no network: generated handwriting, or a folder with the files."
    )


class _CancelledError(Exception):
    """Nobody waits for the transfer any longer."""


class _UnusableError(Exception):
    """What the mirror sends is not the file; the text says why."""


class _Transfer(threading.Thread):
    """Fetches one file into memory.

    Attributes:
        received: Bytes so far.
        cancelled: Set by whoever no longer wants the file.
        content: The whole file, checked; None before and after a failure.
        reason: Why there is no content.
    """

    def __init__(self, url: str, file: RemoteFile, timeout: float) -> None:
        # A daemon: a mirror that is silent must not keep the program from ending.
        super().__init__(name=f"download {file.name}", daemon=True)
        self.received = 0
        self.cancelled = False
        self.content: bytes | None = None
        self.reason = ""
        self._url, self._file, self._timeout = url, file, timeout
        self._chunks: list[bytes] = []

    def write(self, chunk: bytes) -> None:
        """Take in what pooch received: to it, this object is the file to write."""
        if self.cancelled:
            raise _CancelledError
        self._chunks.append(chunk)
        self.received += len(chunk)
        if self.received > self._file.size:
            raise _UnusableError(f"sent more than the {self._file.size:,} bytes expected")

    def flush(self) -> None:
        """Do nothing: memory needs no flushing."""

    def run(self) -> None:
        """Fetch and check the file."""
        import pooch  # pyright: ignore[reportMissingTypeStubs]  # half a second, and only for who downloads

        try:
            pooch.HTTPDownloader(chunk_size=2**16, timeout=self._timeout)(self._url, self, None)
            self.content = self._checked(b"".join(self._chunks))
        except _CancelledError:
            self.reason = "cancelled"
        except _UnusableError as error:
            self.reason = str(error)
        except OSError as error:  # every error of a request is one
            self.reason = _explained(error, self.received, self._timeout)

    def _checked(self, content: bytes) -> bytes:
        if len(content) < self._file.size:
            raise _UnusableError(f"sent {len(content):,} of {self._file.size:,} bytes")
        if _sha256(content) != self._file.sha256:
            raise _UnusableError("sent something else (its checksum is wrong)")
        return content


def _explained(error: OSError, received: int, timeout: float) -> str:
    """Say in a few plain words why a request failed; urllib3's own texts nest causes and object addresses."""
    from requests.exceptions import ChunkedEncodingError, ConnectionError, HTTPError, Timeout

    if isinstance(error, HTTPError) and error.response is not None:
        return f"answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, Timeout) or "timed out" in str(error):  # a stall amid the data is no Timeout to requests
        return f"was silent for {timeout:g} seconds"
    if isinstance(error, ChunkedEncodingError) or received:
        return f"broke off after {received:,} bytes"
    return "could not be reached" if isinstance(error, ConnectionError) else str(error)
