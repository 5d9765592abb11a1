"""What an instance makes of power, network, sleep and clocks, with all of them in a test's hand."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dreamsync.config.settings import Config, FolderSettings, NetworkSettings, SyncSettings
from dreamsync.core.status import PauseReason
from dreamsync.daemon.clock_watch import ClockWatch
from dreamsync.daemon.limits import Limits
from dreamsync.daemon.pause_rules import PauseRules
from dreamsync.daemon.surroundings import Surroundings
from dreamsync.desktop.circumstances.watch import (
    Circumstances,
    Disturbance,
    OnCircumstances,
    OnDisturbance,
)
from dreamsync.engine.events import Disturbed, Event, NetworkChanged, PauseChanged
from tests.support.devices import Device, World


class HandWatch:
    """A watch that says what a test says."""

    def start(self, on_circumstances: OnCircumstances, on_disturbance: OnDisturbance) -> None:
        self.notice, self.disturb = on_circumstances, on_disturbance

    def stop(self) -> None:
        """Nothing runs."""


@dataclass
class Host:
    """Implements `surroundings.Host`."""

    posted: list[Event] = field(default_factory=list)

    def between_steps(self, work: Callable[[], None]) -> None:
        work()

    def post(self, event: Event) -> None:
        self.posted.append(event)


@dataclass
class Stage:
    device: Device
    host: Host
    watch: HandWatch
    clocks: dict[str, float]
    surroundings: Surroundings
    streams_ended: list[None]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    device = World(tmp_path).device("a")
    clocks = {"awake": 10.0, "elapsed": 10.0, "wall": 10.0}
    ended: list[None] = []
    device.remote.end_hints = lambda: ended.append(None)  # type: ignore[method-assign]
    host, watch = Host(), HandWatch()
    sync = SyncSettings(pause_on_battery=True)
    surroundings = Surroundings(
        device.context,
        PauseRules(device.context, sync),
        Limits(NetworkSettings()),
        host,
        watch=watch,
        clocks=ClockWatch(
            awake=lambda: clocks["awake"],
            elapsed=lambda: clocks["elapsed"],
            wall=lambda: clocks["wall"],
        ),
    )
    return Stage(device, host, watch, clocks, surroundings, ended)


def config_of(stage: Stage, sync: SyncSettings) -> Config:
    return Config(folder=FolderSettings(str(stage.device.root)), sync=sync)


def test_after_a_sleep_all_is_looked_at_and_the_push_stream_made_anew(stage: Stage) -> None:
    assert stage.surroundings.senses() == []

    stage.clocks["elapsed"] += 3600
    stage.clocks["wall"] += 3600
    assert stage.surroundings.senses() == [Disturbed()]
    assert len(stage.streams_ended) == 1
    assert stage.surroundings.senses() == []


def test_another_network_asks_the_server_at_once(stage: Stage) -> None:
    stage.surroundings.start(config_of(stage, SyncSettings()))
    try:
        stage.watch.disturb(Disturbance.NETWORK)
        assert stage.host.posted == [NetworkChanged()]
        assert len(stage.streams_ended) == 1
    finally:
        stage.surroundings.stop()


def test_a_rule_that_may_pause_is_judged_before_anything_is_sent(stage: Stage) -> None:
    started = threading.Event()

    def start() -> None:
        stage.surroundings.start(config_of(stage, SyncSettings(pause_on_battery=True)))
        started.set()

    thread = threading.Thread(target=start)
    thread.start()
    try:
        while not hasattr(stage.watch, "notice"):
            thread.join(0.001)
        assert not started.is_set()
        stage.watch.notice(Circumstances(on_battery=True))
        assert started.wait(10)
        assert stage.device.context.paused_by is PauseReason.BATTERY
        assert stage.host.posted == [PauseChanged()]
    finally:
        thread.join()
        stage.surroundings.stop()
