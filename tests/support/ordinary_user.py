"""Permission bits stop nobody who is root: what tests begin with this is stopped by them."""

import os

AS_ORDINARY_USER: tuple[str, ...] = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
)
"""Root stays the owner of its files, without the right to pass their permissions by."""
