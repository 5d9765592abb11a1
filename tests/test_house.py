"""The house: sizes, what rooms say of themselves, the wheel, and what the README promises."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from dreamsync.cli.app import COMMANDS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dreamsync"
GUESTS = PACKAGE / "desktop" / "file_manager" / "extension"
"""What runs in programs of others."""
MOST_LINES_A_FILE = 400
MOST_LINES_A_FUNCTION = 50
ROOMS = ("core", "wire", "local", "remotes", "journal", "engine", "control", "daemon", "desktop",
         "cli", "server", "config", "contract", "tray")  # fmt: skip

_DISTRIBUTIONS = {
    "alembic": "alembic", "anyio": "anyio", "argon2": "argon2-cffi", "click": "click",
    "cryptography": "cryptography", "dbus_fast": "dbus-fast", "httpcore": "httpcore",
    "httpx": "httpx",
    "jwt": "pyjwt", "keyring": "keyring",
    "PIL": "pillow", "PyObjCTools": "pystray", "pathspec": "pathspec",
    "platformdirs": "platformdirs", "pystray": "pystray",
    "python_multipart": "python-multipart",
    "rich": "rich", "secretstorage": "secretstorage",
    "sqlalchemy": "sqlalchemy", "starlette": "starlette", "tomli_w": "tomli-w",
    "uvicorn": "uvicorn", "watchdog": "watchdog",
}  # fmt: skip
"""Import names and the packages that bring them."""


def _sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _project() -> dict[str, object]:
    project: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _sources()}

    assert {p.name: n for p, n in lengths.items() if n > MOST_LINES_A_FILE} == {}


def test_no_function_is_too_long_to_be_seen_at_once() -> None:
    too_long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": node.end_lineno
        for path in _sources()
        for node in ast.walk(_parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MOST_LINES_A_FUNCTION
    }

    assert too_long == {}


def test_every_file_says_what_it_is_about() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in _sources()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(_parsed(path))
    ]

    assert silent == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_owns_what_it_refuses_and_what_to_read_first(room: str) -> None:
    said = ast.get_docstring(_parsed(PACKAGE / room / "__init__.py")) or ""

    assert [word for word in ("Owns", "Refuses", "Read first") if word not in said] == []


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_says_to_read_first_is_there(room: str) -> None:
    said = ast.get_docstring(_parsed(PACKAGE / room / "__init__.py")) or ""
    files = re.findall(r"`([\w/]+\.(?:py|sql))`", said.partition("Read first")[2])

    assert [name for name in files if not (PACKAGE / room / name).exists()] == []


def test_every_room_is_known_to_the_house() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

    assert rooms == set(ROOMS)


def test_what_the_client_imports_is_installed_with_it() -> None:
    client = [
        path
        for path in _sources()
        if path.relative_to(PACKAGE).parts[0] != "server" and not path.is_relative_to(GUESTS)
    ]
    wanted = {_DISTRIBUTIONS[name] for path in client for name in _foreign_imports(path)}

    assert wanted - _names_of(_project()["dependencies"]) == set()


def test_what_runs_in_a_file_manager_imports_nothing_but_what_that_has() -> None:
    guests = list(GUESTS.glob("*.py"))
    imported = {name for path in guests for name in _foreign_imports(path)}
    of_ours = [
        path.name
        for path in guests
        if re.search(r"import dreamsync|from dreamsync", path.read_text())
    ]

    assert guests
    assert imported == {"gi"}
    assert of_ours == []


def test_what_the_server_imports_is_installed_with_its_extra() -> None:
    extras = _project()["optional-dependencies"]
    assert isinstance(extras, dict)
    server = (PACKAGE / "server").rglob("*.py")
    wanted = {_DISTRIBUTIONS[name] for path in server for name in _foreign_imports(path)}

    installed = _names_of(_project()["dependencies"]) | _names_of(extras["server"])

    assert wanted - installed == set()


def _foreign_imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found - sys.stdlib_module_names - {"dreamsync"}


def _names_of(requirements: object) -> set[str]:
    assert isinstance(requirements, list)
    return {re.split(r"[^\w-]", one, maxsplit=1)[0] for one in requirements}


def test_the_wheel_holds_all_that_is_not_code_as_well(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*build, "--wheel-dir", tmp_path, ROOT], check=True, stdin=subprocess.DEVNULL)

    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert wanted - held == set()
    assert {name.partition("/")[0] for name in held - wanted} == {"dreamsync-0.1.0.dist-info"}


def test_every_command_the_readme_shows_is_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    typed = r"^(?:\$ |  )?dreamsync (?!is up|starts at)([a-z-]+)"
    shown = set(re.findall(typed, readme, re.MULTILINE))
    shown |= set(re.findall(r"`dreamsync ([a-z-]+)", readme))

    assert shown - set(COMMANDS) == set()
    assert {"status", "login", "join", "serve", "serve-user", "confirm"} <= shown


def test_the_korean_readme_says_the_same() -> None:
    """As many sections, and the same commands, options, files and addresses."""
    english, korean = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/README.ko.md")
    )
    heading = r"^(#+) "
    typed = r"^(?:\$ )?((?:dreamsync(?! is| starts)|git|export|\./task) [!-~ ]+)$"

    assert re.findall(heading, korean, re.MULTILINE) == re.findall(heading, english, re.MULTILINE)
    assert re.findall(typed, korean, re.MULTILINE) == re.findall(typed, english, re.MULTILINE)
    missing = {one for one in _inline_code(english) if one not in korean.replace("\n", " ")}
    assert missing == {"DREAMSYNC_LANG=ko"}


def _inline_code(document: str) -> set[str]:
    prose = re.sub(r"```.*?```", "", document, flags=re.DOTALL)
    return {one.replace("\n", " ") for one in re.findall(r"`([^`]+)`", prose)}


def test_every_task_the_readme_shows_is_there() -> None:
    listed = subprocess.run([ROOT / "task"], check=True, capture_output=True, text=True).stdout
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    shown = set(re.findall(r"/task ([a-z]+)", readme))

    assert {name for name in shown if name not in listed} == set()
    assert {"up", "test", "lint"} <= shown


def test_ci_runs_the_tests_as_the_readme_says() -> None:
    said = (ROOT / ".ci" / "run").read_text()

    assert "\n./task lint" in said
    assert "\n./task test" in said


def test_hosted_ci_does_the_same_on_the_three_systems() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    job = workflow["jobs"]["test"]
    commands = [step.get("run", "") for step in job["steps"]]

    systems = {name.partition("-")[0] for name in job["strategy"]["matrix"]["os"]}
    assert systems == {"ubuntu", "macos", "windows"}
    assert any(one.endswith(".ci/run") for one in commands)
    assert {"./task lint", "./task test"} <= set(commands)


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "docs/README.ko.md",
        "docs/architecture.md",
        "docs/promises.md",
        "docs/security.md",
    ],
)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))

    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("document", ["architecture.md", "security.md"])
def test_files_that_a_document_names_are_there(document: str) -> None:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    named = re.findall(r"`((?:[\w.]+/)+[\w.]+\.(?:py|sql|md|yaml|toml))`", text)

    missing = [one for one in named if not (PACKAGE / one).exists() and not (ROOT / one).exists()]

    assert missing == []
