"""Which language a person is spoken to in."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from dreamsync.config.language import configured_language
from dreamsync.i18n import chosen_language, language, translated, use_language
from dreamsync.message import N_
from dreamsync.system_language import first_of_apple_list, system_language


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing is chosen, and the system says nothing."""
    for name in ("DREAMSYNC_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def english_again() -> Iterator[None]:
    yield
    use_language("en")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the desktop answers, too")
@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, ""),
        ({"LANG": "ko_KR.UTF-8"}, "ko_KR.UTF-8"),
        ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en_US.UTF-8"),
        ({"LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "ko_KR.UTF-8"}, "ko_KR.UTF-8"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "ko:en"}, "ko"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ko:en"}, "C.UTF-8"),
        ({"LANG": "", "LC_ALL": ""}, ""),
    ],
)
def test_the_system_s_language_is_what_its_variables_say(
    variables: Mapping[str, str], wanted: str
) -> None:
    assert system_language(variables) == wanted


@pytest.mark.parametrize(
    ("variable", "setting", "lang", "wanted"),
    [
        ("", "auto", "", "en"),
        ("", "auto", "ko_KR.UTF-8", "ko"),
        ("", "auto", "ko-KR", "ko"),
        ("", "auto", "de_DE.UTF-8", "en"),
        ("", "auto", "kok_IN", "en"),
        ("", "ko", "en_US.UTF-8", "ko"),
        ("", "en", "ko_KR.UTF-8", "en"),
        ("ko", "en", "en_US.UTF-8", "ko"),
        ("en", "ko", "ko_KR.UTF-8", "en"),
        ("nonsense", "ko", "en_US.UTF-8", "ko"),
    ],
)
def test_the_variable_goes_before_the_setting_and_that_before_the_system(
    system: pytest.MonkeyPatch, variable: str, setting: str, lang: str, wanted: str
) -> None:
    system.setenv("DREAMSYNC_LANG", variable)
    system.setenv("LANG", lang)

    assert chosen_language(setting) == wanted


@pytest.mark.parametrize(
    ("printed", "first"),
    [('(\n    "ko-KR",\n    "en-US"\n)\n', "ko-KR"), ("(\n    ko,\n    en\n)\n", "ko"), ("", "")],
)
def test_a_mac_s_first_language_counts(printed: str, first: str) -> None:
    assert first_of_apple_list(printed) == first


@pytest.mark.parametrize(
    ("written", "setting"),
    [
        ('[desktop]\nlanguage = "ko"\n', "ko"),
        ('\ufeff[desktop]\nlanguage = "en"\n', "en"),
        ('[desktop]\nsecrets = "file"\n', "auto"),
        ("[desktop\nlanguage = ko", "auto"),
        ("desktop = 3\nlanguage = 4", "auto"),
        ("[desktop]\nlanguage = 5", "auto"),
    ],
)
def test_a_mistake_in_the_settings_leaves_the_language_to_the_system(
    tmp_path: Path, written: str, setting: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(written, encoding="utf-8")

    assert configured_language(str(path)) == setting


def test_without_a_configuration_the_system_decides(tmp_path: Path) -> None:
    assert configured_language(str(tmp_path / "config.toml")) == "auto"


@pytest.mark.usefixtures("english_again")
def test_a_message_is_told_in_the_language_of_who_reads_it() -> None:
    told = N_("{path}: {message}", path="a.txt", message=N_("The synced folder is not there."))

    use_language("ko")

    assert language() == "ko"
    assert translated(told) == "a.txt: 동기화 폴더를 찾을 수 없습니다."
    assert told == "a.txt: The synced folder is not there."


@pytest.mark.usefixtures("english_again")
def test_what_is_no_message_is_told_as_it_is() -> None:
    use_language("ko")

    assert translated("The synced folder is not there.") == "The synced folder is not there."
