"""The catalogue and the tests that say they hold it agree."""

from tests.promises.faults import FAULTS
from tests.promises.markers import marked_by_value


def test_each_fault_has_a_test_or_a_reason_why_none_can_be() -> None:
    held = marked_by_value("fault")
    bare = [fault.key for fault in FAULTS if fault.key not in held and not fault.not_run]
    assert not bare


def test_tests_name_faults_of_the_catalogue() -> None:
    assert marked_by_value("fault").keys() <= {fault.key for fault in FAULTS}


def test_each_fault_is_told_once() -> None:
    keys = [fault.key for fault in FAULTS]
    assert len(keys) == len(set(keys))
