"""The documentation says what the code does: settings, links, commands, routes, decisions."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from aiohttp import web

from bot.app import STANDIN_PREFIX, create_app, create_service
from bot.settings import Settings, load_settings
from tests.support.servers import ROOT

DOCS = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "web/README.md", ROOT / "tests/dialogue/README.md", *(ROOT / "docs").rglob("*.md")]
)
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
HEADINGS = ["Date", "Status", "Context", "Decision", "Consequences"]
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def _settings_section() -> str:
    """What docs/configuration.md says of the service's own settings."""
    return (ROOT / "docs/configuration.md").read_text(encoding="utf-8").split("\n## Read elsewhere")[0]


def _documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", _settings_section(), re.MULTILINE))


def _aliases() -> dict[str, object]:
    return {str(field.alias): field.default for field in Settings.model_fields.values()}


def test_every_setting_is_documented() -> None:
    assert set(_aliases()) - _documented() == set()


def test_every_documented_setting_exists() -> None:
    assert _documented() - set(_aliases()) == set()


def test_documented_defaults_are_the_defaults() -> None:
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]+)`[^|]*\| ([^|]+) \|", _settings_section(), re.MULTILINE)
    defaults = _aliases()
    wrong = []
    for name, told in rows:
        shown = re.fullmatch(r"`([^`]*)`", told.strip())
        actual = defaults[name]
        text = str(actual).lower() if isinstance(actual, bool) else str(actual)
        if (shown[1] if shown else "") != text:
            wrong.append(f"{name}: documented {told.strip()}, is {text!r}")
    assert wrong == []


@pytest.mark.parametrize("name", [str(p.relative_to(ROOT)) for p in DOCS])
def test_links_and_images_point_to_something(name: str) -> None:
    path = ROOT / name
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    broken = []
    for target in _LINK.findall(text):
        place = unquote(target.split("#")[0])
        if not place or re.match(r"[a-z]+:", place):
            continue
        if not (path.parent / place).resolve().exists():
            broken.append(target)
    assert broken == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        (str(path.relative_to(ROOT)), target)
        for path in DOCS
        for target in re.findall(r"(?:^|`|\s)make ([a-z][a-z-]*)(?=[\s`]|$)", _commands(path), re.MULTILINE)
    }
    assert named, "no make command is documented at all"
    assert sorted(where for where in named if where[1] not in targets) == []


def _commands(path: Path) -> str:
    """What stands in code of a page: fences and inline code."""
    text = path.read_text(encoding="utf-8")
    return "\n".join([*_FENCE.findall(text), *re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))])


def test_every_command_that_is_named_exists() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot/operations").glob("*.py"))
    known = set(re.findall(r'add_parser\("([a-z]+)"', source))
    named = {word for path in DOCS for word in re.findall(r"(?:^|/|\s)sapa ([a-z]+)\b", _commands(path), re.MULTILINE)}
    assert named <= known, named - known


@pytest.fixture
def app(tmp_path: Path) -> web.Application:
    """The application as development runs it: every route is mounted."""
    settings = load_settings(
        SAPA_ENV="test",
        SAPA_VAR=str(tmp_path),
        SECRET_KEY="x" * 40,
        ENGINE_TOKEN="token",
        DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path / 'docs.db'}",
        WHATSAPP_APP_SECRET="secret",
        WHATSAPP_VERIFY_TOKEN="verify",
        WHATSAPP_ACCESS_TOKEN="access",
        WHATSAPP_PHONE_NUMBER_ID="1",
        WHATSAPP_API_URL=f"http://127.0.0.1:1{STANDIN_PREFIX}",
    )
    return create_app(create_service(settings))


def test_every_route_is_documented(app: web.Application) -> None:
    text = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("protocols.md", "architecture.md"))
    routes = {resource.canonical for resource in app.router.resources()} | {"/internal/actions"}
    assert len(routes) > 20
    assert sorted(route for route in routes if not _mentioned(route, text)) == []


def _mentioned(route: str, text: str) -> bool:
    """Whether a page names the route, as it is or shortened as protocols.md does: `POST …/reply`."""
    if route == "/":
        return "`GET /`" in text
    ending = re.match(r"/api/desk/conversations/\{id\}(/[a-z]+(?:/[a-z]+)*)$", route)
    of_ticket = re.match(r"/api/desk/tickets/\{number\}(/[a-z_.-]+(?:/[a-z{}_.-]+)*)$", route)
    wanted = [route, f"…{ending[1]}"] if ending else [route]
    if of_ticket:  # `POST …/{number}/accept`, `/work`; `…/case/members`
        wanted += [f"…/{{number}}{of_ticket[1]}", f"…{of_ticket[1]}", f"`{of_ticket[1]}"]
    return any(re.search(rf"{re.escape(name)}(?![\w-])", text) for name in wanted)


@pytest.mark.parametrize("name", [path.name for path in DECISIONS])
def test_decisions_have_their_headings(name: str) -> None:
    text = (ROOT / "docs/decisions" / name).read_text(encoding="utf-8")
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name)
    assert text.startswith(f"# {name[:4]}: "), "the title begins with the number"
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert re.search(r"^## Date\n\d{4}-\d\d-\d\d\n", text, re.MULTILINE)
    assert re.search(r"^## Status\n(Accepted|Superseded by \d{4})\n", text, re.MULTILINE)
    assert all(len(part.strip()) > 2 for part in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]), "an empty part"


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_pages_that_the_code_names_exist() -> None:
    """Docstrings and comments point to pages of docs/; each must be there."""
    files = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py"), *(ROOT / "web/src").rglob("*.ts*")]
    files += [*(ROOT / "engine").glob("*.py"), *(ROOT / "engine/nlu").glob("*.py"), ROOT / "engine/pyproject.toml", ROOT / "config.yml"]
    named = {
        (str(path.relative_to(ROOT)), page)
        for path in files
        for page in re.findall(r"(?<![\w:/])docs/[\w/.-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert named
    assert sorted(where for where in named if not (ROOT / where[1]).is_file()) == []
