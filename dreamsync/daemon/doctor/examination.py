"""All checks in order: what the later ones need is checked first."""

import os
from collections.abc import Callable, Sequence
from functools import partial

from dreamsync.config.errors import ConfigError
from dreamsync.config.file import load_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config
from dreamsync.daemon.doctor import folder_checks, state_checks
from dreamsync.daemon.doctor.finding import Finding, Level, Patient
from dreamsync.message import N_

Check = Callable[[Patient], Finding]

_FOLDER_CHECKS: Sequence[tuple[str, Check]] = (
    ("folder", folder_checks.folder),
    ("file-system", folder_checks.file_system),
    ("disk-space", folder_checks.disk_space),
    ("watch-limit", folder_checks.watch_limit),
    ("second-client", folder_checks.second_client),
)

_STATE_CHECKS: Sequence[tuple[str, Check]] = (
    ("permissions", state_checks.permissions),
    ("journal", state_checks.journal),
    ("secrets", state_checks.secrets),
    ("server", state_checks.server),
    ("daemon", state_checks.daemon),
)


def examine(paths: InstancePaths, *, fix: bool) -> Sequence[Finding]:
    """The findings of every check that can be made as things stand. Never raises."""
    try:
        config = load_config(paths.config_file)
    except ConfigError as error:
        return [Finding("configuration", Level.ERROR, error.words, error.hint)]
    findings = [_configuration(paths, config)]
    if not config.is_set_up:
        return findings
    patient = Patient(paths, config, fix)
    checks = [*_STATE_CHECKS]
    if os.path.isdir(config.folder.path):
        checks[0:0] = _FOLDER_CHECKS
    else:
        checks.insert(0, _FOLDER_CHECKS[0])
    return findings + [_carefully(name, partial(check, patient)) for name, check in checks]


def _configuration(paths: InstancePaths, config: Config) -> Finding:
    if config.is_set_up:
        return Finding("configuration", Level.FINE, paths.config_file)
    return Finding(
        "configuration",
        Level.ERROR,
        N_("dreamsync is not set up on this computer yet."),
        N_("Start with: dreamsync up, or sign in to a server with: dreamsync login URL"),
    )


def _carefully(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:
        message = N_("This could not be checked: {reason}", reason=error)
        return Finding(name, Level.WARNING, message)
