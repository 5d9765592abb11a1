"""Those who take part, each in a file of its own."""

from tests.benchmarks.contender import Contender
from tests.benchmarks.contenders.dreamsync import Dreamsync
from tests.benchmarks.contenders.limit import Limit
from tests.benchmarks.contenders.rclone import Rclone
from tests.benchmarks.contenders.syncthing import Syncthing
from tests.benchmarks.contenders.unison import Unison

CONTENDERS: tuple[Contender, ...] = (Dreamsync(), Unison(), Syncthing(), Rclone(), Limit())
