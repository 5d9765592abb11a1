"""Ignore rules: the built-in few, and gitignore's language in `.dreamsyncignore`."""

import subprocess
from pathlib import Path

import pytest

from dreamsync.core.ignore import IgnoreRules, InvalidLine, Rule
from dreamsync.core.nodes import Kind


@pytest.mark.parametrize(
    "name",
    [
        "~$report.docx",
        ".~lock.budget.ods#",
        "notes.swp",
        ".notes.txt.swx",
        "4913",
        ".goutputstream-X1Y2Z3",
        ".DS_Store",
        "thumbs.DB",
        "desktop.ini",
        "film.mkv.part",
        "film.crdownload",
        ".fuse_hidden0001",
        ".nfs000012",
        ".Trash-1000",
    ],
)
def test_temporary_names_are_ignored_everywhere(name: str) -> None:
    rules = IgnoreRules()
    assert rules.matches(name, Kind.FILE)
    assert rules.matches(f"a/b/{name}", Kind.FILE)
    rule = rules.explain(name, Kind.FILE)
    assert rule is not None
    assert rule.source is None


@pytest.mark.parametrize(
    "name",
    [
        ".git",
        "poetry.lock",
        "__pycache__",
        "draft~",
        "part",
        "~dollar",
        "49130",
        ".dreamsyncignore",
    ],
)
def test_what_people_mean_to_keep_is_synced(name: str) -> None:
    assert not IgnoreRules().matches(name, Kind.FILE)


def test_what_lies_in_an_ignored_folder_is_ignored() -> None:
    rules = IgnoreRules({"": "build/\n!build/keep.txt\n"})
    assert rules.matches("build", Kind.FOLDER)
    assert rules.matches("build/keep.txt", Kind.FILE)
    assert not rules.matches("build", Kind.FILE)
    assert rules.matches(".Trash-1000/files/old.txt", Kind.FILE)


def test_a_rule_is_explained_by_its_file_and_line() -> None:
    rules = IgnoreRules({"": "# logs\n\n*.log\n", "work": "!keep.log\ncache/\n"})
    assert rules.explain("a.log", Kind.FILE) == Rule(".dreamsyncignore", 3, "*.log")
    assert rules.explain("work/cache/x", Kind.FILE) == Rule("work/.dreamsyncignore", 2, "cache/")
    assert rules.explain("work/keep.log", Kind.FILE) is None


def test_invalid_lines_are_reported_and_passed_over() -> None:
    rules = IgnoreRules({"": "*.log\n!\n*.tmp\n"})
    assert [(line.source, line.line, line.text) for line in rules.invalid] == [
        (".dreamsyncignore", 2, "!")
    ]
    assert isinstance(rules.invalid[0], InvalidLine)
    assert rules.matches("a.tmp", Kind.FILE)


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter() -> None:
    rules = IgnoreRules({"": "\ufeff*.log\r\n*.tmp\r\n"})
    assert rules.matches("a.log", Kind.FILE)
    assert rules.matches("a.tmp", Kind.FILE)


GITIGNORES = {
    "": "*.log\n!important.log\n/only-root\ndocs/**/draft\nfoo/*\n!foo/bar\n[ab].txt\n\\#x\n",
    "sub": "!a.log\n/here\n*.txt\n",
}
FILES = [
    "a.log",
    "important.log",
    "only-root",
    "sub/only-root",
    "docs/x/y/draft",
    "docs/draft",
    "foo/baz/q",
    "foo/bar/q",
    "a.txt",
    "c.txt",
    "#x",
    "sub/a.log",
    "sub/b.log",
    "sub/here",
    "sub/deep/here",
    "sub/deep/c.txt",
    "메모.txt",
]


def test_the_rules_are_those_of_git(tmp_path: Path) -> None:
    """git itself is the judge."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for path in FILES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    for folder, text in GITIGNORES.items():
        (tmp_path / folder / ".gitignore").write_text(text)
    judged = subprocess.run(
        ["git", "-C", str(tmp_path), "-c", "core.quotepath=off", "check-ignore", *FILES],
        capture_output=True,
        text=True,
        check=False,
    )
    rules = IgnoreRules(GITIGNORES)
    ignored = [path for path in FILES if rules.matches(path, Kind.FILE)]
    assert ignored == [line.strip('"') for line in judged.stdout.splitlines()]
