"""The data sets a user can choose, and loading one of them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from convscope.core.data.dataset import DataError, Dataset
from convscope.core.data.download import FASHION_MNIST, MNIST, Collection, downloading, missing
from convscope.core.data.heights import heights
from convscope.core.data.idx import reading_idx_folder
from convscope.core.data.progress import Progress, finished

Loading = Generator[Progress, None, Dataset]

DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


class NotDownloaded(DataError):  # noqa: N818  (it is asked about, not only raised)
    """A data set that must be downloaded before it can be loaded; the text says how much that is."""


@dataclass(frozen=True)
class Source:
    """A data set to choose.

    Attributes:
        id: What the program calls it.
        title: What the user reads.
        help: One sentence about it.
        needs_download: Whether it comes from the internet the first time.
    """

    id: str
    title: str
    help: str
    needs_download: bool = False


SOURCES = (
    Source(
        "generated",
        "Generated handwriting",
        "60,000 digits to learn from and 10,000 to test with, written by the program itself; needs no network.",
    ),
    Source(
        "mnist",
        "MNIST digits",
        "60,000 + 10,000 handwritten digits, scanned from forms and school exercises; a download of 12 MB.",
        needs_download=True,
    ),
    Source(
        "fashion-mnist",
        "Fashion-MNIST",
        "60,000 + 10,000 pictures of clothes in ten kinds, harder than digits; a download of 31 MB.",
        needs_download=True,
    ),
    Source(
        "heights",
        "Ten people",
        "Age, weight and height of ten people: the height is predicted by three neurons, whose derivatives can all be "
        "written out.",
    ),
    Source("folder", "Folder…", "Your own images: a folder of four IDX files, named as those of MNIST are."),
)

_DOWNLOADS: dict[str, tuple[Collection, tuple[str, ...]]] = {
    "mnist": (MNIST, DIGITS),
    "fashion-mnist": (FASHION_MNIST, CLOTHES),
}


def source_of(dataset_id: str) -> tuple[str, Path | None]:
    """Return the source id, and for a folder its path, of what `Dataset.id` or the command line's --data says."""
    if dataset_id != "folder" and any(source.id == dataset_id for source in SOURCES):
        return dataset_id, None
    return "folder", Path(dataset_id)


def title_of(dataset_id: str) -> str:
    """Return what the user reads for a `Dataset.id`: the title of its source, or its folder's name."""
    source_id, folder = source_of(dataset_id)
    if folder is not None:
        return folder.name or dataset_id
    return next(source.title for source in SOURCES if source.id == source_id)


def load(
    source_id: str, *, folder: Path | None = None, download: bool = False, cache: Path | None = None, seed: int = 0
) -> Dataset:
    """Return the data set of a source; see `loading`."""
    return finished(loading(source_id, folder=folder, download=download, cache=cache, seed=seed))


def loading(
    source_id: str, *, folder: Path | None = None, download: bool = False, cache: Path | None = None, seed: int = 0
) -> Loading:
    """Load a data set step by step; closing the generator cancels and leaves nothing half done.

    Args:
        source_id: The id of one of `SOURCES`.
        folder: Where the files of source "folder" lie.
        download: Whether the user asked to download what is not on this computer yet.
        cache: Where downloaded and generated data are kept; by default the user's cache folder.
        seed: Chooses the generated handwriting.

    Raises:
        NotDownloaded: The data are not on this computer, and `download` is off.
        DataError: They cannot be had; the text says why and what to do.
    """
    if source_id == "folder":
        return (yield from _of_folder(folder))
    if source_id == "generated":
        return (yield from _generated(cache or _cache_folder(), seed))
    if source_id == "heights":
        yield Progress("Reading", 0, 0)
        return heights()
    if source_id in _DOWNLOADS:
        return (yield from _downloaded(source_id, cache or _cache_folder(), download))
    raise DataError(f'There is no data set "{source_id}". Choose {", ".join(source.id for source in SOURCES)}.')


def _cache_folder() -> Path:
    from convscope.paths import cache_folder  # makes the folder: not before it is wanted

    try:
        return cache_folder()
    except OSError as error:
        raise DataError(f"The folder for data cannot be made: {error}. Set CONVSCOPE_CACHE to another one.") from error


def _of_folder(folder: Path | None) -> Loading:
    if folder is None:
        raise DataError("No folder was chosen. Choose the one that holds the four IDX files.")
    return (yield from reading_idx_folder(folder))


def _generated(cache: Path, seed: int) -> Loading:
    from convscope.core.data.handwriting import caching

    work = caching(cache / "handwriting", seed)
    try:
        while True:
            done, total = next(work)
            yield Progress("Writing digits", done, total)
    except StopIteration as end:
        return end.value
    finally:
        work.close()


def _downloaded(source_id: str, cache: Path, download: bool) -> Loading:
    collection, class_names = _DOWNLOADS[source_id]
    folder = cache / source_id
    if not download and missing(collection, folder):
        raise NotDownloaded(
            f"{collection.title} is not on this computer yet. Download it ({collection.size / 1e6:.0f} MB), "
            "or choose generated handwriting, which needs no network."
        )
    if download:
        yield from downloading(collection, folder)
    return (yield from reading_idx_folder(folder, class_names=class_names, id=source_id, title=collection.title))
