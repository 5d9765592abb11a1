"""Content that the account has already: it is copied on the server instead of being sent again.

What is copied is named by a node and a version that this account may read, never by a digest alone
(promises, security 11). A file's digest is known by reading it: once before it is sent, where the
server has another file of its size. Small files are sent with others in one request, which costs no
more than asking.
"""

from dreamsync.core.nodes import Content, NodeKey
from dreamsync.core.operations import ReadContent, Upload
from dreamsync.engine.context import Context
from dreamsync.remotes.protocol import Source


def reading_first(context: Context, upload: Upload) -> ReadContent | None:
    """What must be read before it is known whether anything has to be sent."""
    node, content = upload.node, upload.expect.content
    if content is None or content.digest is not None or not _may_copy(context, node, content):
        return None
    if not context.journal.contents.has_size(content.size, beside=node):
        return None
    return ReadContent(node, upload.expect)


def source_of(context: Context, node: NodeKey, content: Content) -> Source | None:
    """Where the server has this content already, as far as its feed has told."""
    if content.digest is None or not _may_copy(context, node, content):
        return None
    holder = context.journal.contents.holder_of(content, beside=node)
    return None if holder is None else Source(holder.remote_id, holder.version)


def _may_copy(context: Context, node: NodeKey, content: Content) -> bool:
    """Not what has been sent in part: the blocks that are there need not be sent again either."""
    return (
        content.size > context.settings.copy_above
        and context.remote.capabilities.copies
        and context.journal.sessions.of(node) is None
    )
