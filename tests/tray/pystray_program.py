"""The tray with pystray, on Linux, by GTK's AppIndicator: the code that Windows and macOS run.

`python -m tests.tray.pystray_program` with `DREAMSYNC_HOME`. GTK's bindings come with the system's
Python of the same version, not from an index.
"""

import sys

from dreamsync.config.paths import InstancePaths
from dreamsync.tray.app import run_with
from dreamsync.tray.icons import Panel

SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"


def main() -> None:
    sys.path.append(SYSTEM_PACKAGES)
    from dreamsync.tray.with_pystray import PystrayTray

    paths = InstancePaths.from_environment()
    run_with(PystrayTray(Panel.EITHER), paths, "", start_daemon=lambda: None)


if __name__ == "__main__":
    main()
