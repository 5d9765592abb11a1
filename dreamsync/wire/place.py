"""`Place`: where a node is or shall be, in either of the two ways the contract allows."""

from collections.abc import Mapping
from dataclasses import dataclass

from dreamsync.wire.fields import Fields


@dataclass(frozen=True, slots=True)
class Place:
    """A position on the wire: `file_name` (the whole path), or `parent_id` and `name`.

    Where `file_name` is set it alone counts; a server makes its missing parents. `parent_id` None
    is the root of the space. Forms (multipart) write the root as an empty text.
    """

    parent_id: str | None = None
    name: str | None = None
    file_name: str | None = None

    @property
    def given(self) -> bool:
        """False for a request that leaves the node where it is."""
        return self.file_name is not None or self.name is not None

    @classmethod
    def read(cls, fields: Fields) -> "Place":
        """The place told by an object's `fileName`, or its `parentId` and `name`, if any."""
        return cls(
            parent_id=fields.optional_text("parentId") or None,
            name=fields.optional_text("name"),
            file_name=fields.optional_text("fileName"),
        )

    def to_json(self) -> Mapping[str, object]:
        if self.file_name is not None:
            return {"fileName": self.file_name}
        if self.name is not None:
            return {"parentId": self.parent_id, "name": self.name}
        return {}
