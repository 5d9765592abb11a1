"""`doctor`: looks at everything around an instance that may keep it from syncing, and mends what
can be mended without risk to any file.

Owns the checks. Refuses to touch the synced files. Each check returns a `Finding`; a check that
itself fails is a finding too.

Read first: `examination.py`, then `finding.py`.
"""

from dreamsync.daemon.doctor.examination import examine
from dreamsync.daemon.doctor.finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]
