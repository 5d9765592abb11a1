"""Reading and writing a space, with what is absent translated once to `NotFound`."""

from collections.abc import Iterator
from contextlib import contextmanager

from dreamsync.server.metadata.store import (
    MetadataStore,
    SpaceMissing,
    SpaceReader,
    SpaceWriter,
)
from dreamsync.server.service.errors import NotFound


@contextmanager
def reading(metadata: MetadataStore, space_id: str) -> Iterator[SpaceReader]:
    """Raise `NotFound` where there is no such space."""
    try:
        with metadata.read(space_id) as reader:
            yield reader
    except SpaceMissing as error:
        raise NotFound from error


@contextmanager
def writing(metadata: MetadataStore, space_id: str) -> Iterator[SpaceWriter]:
    """Raise `NotFound` where there is no such space. What the block raises undoes it."""
    try:
        with metadata.write(space_id) as writer:
            yield writer
    except SpaceMissing as error:
        raise NotFound from error
