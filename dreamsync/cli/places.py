"""Paths as a person types them, as paths of the synced folder."""

import os
import unicodedata

from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.i18n import _


def in_folder(typed: str, folder: str) -> str:
    """Relative to the folder, `/` between, NFC. A path of this disk (absolute, or seen from inside
    the folder) is taken as such, any other as relative to the folder.

    Raise `CommandError` (`USAGE`) for what lies outside.
    """
    root = os.path.realpath(folder)
    here = os.path.realpath(os.getcwd())
    if os.path.isabs(typed):
        parent, name = os.path.split(typed.rstrip(os.sep) or typed)
        relative = os.path.relpath(os.path.join(os.path.realpath(parent), name), root)
    elif here == root or here.startswith(root + os.sep):
        relative = os.path.relpath(os.path.normpath(os.path.join(here, typed)), root)
    else:
        relative = os.path.normpath(typed or ".")
    if relative == os.pardir or relative.startswith(os.pardir + os.sep) or os.path.isabs(relative):
        raise CommandError(
            ErrorCode.USAGE, _("{path} is not in the synced folder.").format(path=typed), typed
        )
    plain = "" if relative == os.curdir else relative.replace(os.sep, "/")
    return unicodedata.normalize("NFC", plain)
