"""The contract as stories that every full server must tell the same way.

A subclass of `RemoteConformance` gives the fixture `account`. The reference server and our own run
all of them.
"""

import pytest

# Before the imports: without it their assertions would not explain themselves.
pytest.register_assert_rewrite(
    "tests.remotes.conformance.copying",
    "tests.remotes.conformance.deleting",
    "tests.remotes.conformance.reading",
    "tests.remotes.conformance.sending",
    "tests.remotes.conformance.writing",
)

from tests.remotes.conformance.copying import CopyingConformance  # noqa: E402
from tests.remotes.conformance.deleting import DeletingConformance  # noqa: E402
from tests.remotes.conformance.reading import ReadingConformance  # noqa: E402
from tests.remotes.conformance.sending import (  # noqa: E402
    BatchConformance,
    SessionConformance,
)
from tests.remotes.conformance.writing import WritingConformance  # noqa: E402


class RemoteConformance(
    ReadingConformance,
    WritingConformance,
    CopyingConformance,
    DeletingConformance,
    BatchConformance,
    SessionConformance,
):
    """All stories."""
