"""The start of a resumable upload as the metadata keeps it, until the upload completes."""

import json
from dataclasses import asdict

from dreamsync.server.service.requests import (
    ParentPlace,
    PathPlace,
    Place,
    StartUploadRequest,
)
from dreamsync.wire.fields import Fields


def request_to_json(request: StartUploadRequest) -> str:
    return json.dumps(asdict(request))


def request_from_json(text: str) -> StartUploadRequest:
    values = json.loads(text)
    fields = Fields.of(values, "upload")
    return StartUploadRequest(
        place=None if values["place"] is None else _place(fields.child("place")),
        file_size=fields.integer("file_size"),
        file_id=fields.optional_text("file_id"),
        base_version=fields.integer("base_version"),
        modified_ns=values["modified_ns"],
        executable=fields.optional_flag("executable"),
    )


def _place(fields: Fields) -> Place:
    file_name = fields.optional_text("file_name")
    if file_name is not None:
        return PathPlace(file_name)
    return ParentPlace(fields.optional_text("parent_id"), fields.text("name"))
