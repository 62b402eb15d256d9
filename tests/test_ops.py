"""What ops/ says fits the code and itself. No container is built here: names, ports, settings, metrics and grace periods are compared."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import FINISH_S, create_app, create_service
from bot.clock import SystemClock
from bot.metrics import render
from bot.settings import Settings, load_settings
from bot.store.database import Database
from engine.__main__ import FINISH_S as ENGINE_FINISH_S
from tests.support.servers import ROOT

OPS = ROOT / "ops"
CONTAINERFILE = (OPS / "Containerfile").read_text(encoding="utf-8")
NGINX = re.sub(r"#.*", "", (OPS / "nginx.conf").read_text(encoding="utf-8"))
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
YAML = sorted([*OPS.rglob("*.yml"), *OPS.rglob("*.yaml")])
UNITS = sorted((OPS / "systemd").glob("*.service"))
THIRD_PARTY = {
    "postgres": r"POSTGRES_(USER|DB|PASSWORD)",
    "grafana": r"GF_[A-Z_]+",
    "python": r"PYTHON[A-Z]+|PIP_[A-Z_]+|HOME",
    "rasa and its libraries": r"RASA_TELEMETRY_ENABLED|SQLALCHEMY_SILENCE_UBER_WARNING|TF_CPP_MIN_LOG_LEVEL|TQDM_DISABLE|MPLCONFIGDIR",
}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((OPS / "compose.yml").read_text(encoding="utf-8"))
    return loaded


def of_image(name: str) -> dict[str, dict[str, Any]]:
    """The containers of an image of ours that do work (the holder of a pod's network does none)."""
    services = compose()["services"]
    return {key: s for key, s in services.items() if s["image"].startswith(f"sapa-{name}:") and "entrypoint" not in s}


def example() -> dict[str, str]:
    lines = (OPS / "example.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+)s?", text)
    assert found, text
    return float(found[1])


@pytest.mark.parametrize("path", [str(p.relative_to(ROOT)) for p in [*YAML, *OPS.rglob("*.json")]])
def test_files_parse(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert json.loads(text) if path.endswith(".json") else yaml.safe_load(text)


def test_every_variable_is_documented_or_of_a_named_image() -> None:
    text = (OPS / "compose.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"\$\{([A-Z_]+)", text)) | set(example())
    for service in compose()["services"].values():
        named |= set(service.get("environment") or {})
    for unit in UNITS:
        for line in re.findall(r"^Environment=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE):
            named |= {pair.split("=")[0] for pair in line.split()}
    for line in re.findall(r"^ENV (.*)$", CONTAINERFILE, re.MULTILINE):
        named |= {pair.split("=")[0] for pair in line.split()}
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", page, re.MULTILINE))
    foreign = re.compile("|".join(f"(?:{pattern})" for pattern in THIRD_PARTY.values()))
    assert sorted(name for name in named - documented if not foreign.fullmatch(name)) == []


def test_the_example_has_what_compose_asks_for_and_no_secret() -> None:
    text = re.sub(r"^\s*#.*$", "", (OPS / "compose.yml").read_text(encoding="utf-8"), flags=re.MULTILINE)
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    assert asked - {"SAPA_TAG"} == set(example())
    assert {name for name, value in example().items() if value} == {"PUBLIC_URL"}


def test_the_service_starts_with_the_settings_it_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    filled = {name: value or "x" * 40 for name, value in example().items()}
    given = of_image("service")["sapa-1"]["environment"]
    values = {key: re.sub(r"\$\{([A-Z_]+)[^}]*\}", lambda found: filled[found[1]], value) for key, value in given.items()}
    settings = load_settings(**values)
    assert not settings.development and settings.trust_proxy and settings.whatsapp_enabled
    assert set(values) <= {str(field.alias) for field in Settings.model_fields.values()}


def test_everything_the_images_copy_exists_and_is_let_through() -> None:
    kept = set(re.findall(r"^!(\S+)$", (ROOT / ".containerignore").read_text(encoding="utf-8"), re.MULTILINE))
    sources = [word for line in re.findall(r"^COPY (?!--)(.*)$", CONTAINERFILE, re.MULTILINE) for word in line.split()[:-1]]
    assert len(sources) > 10
    for source in sources:
        assert list(ROOT.glob(source.rstrip("/"))), source
        assert kept & {source.rstrip("/"), source.split("/")[0]}, f"{source} is left out by .containerignore"
    assert sorted(name for name in kept if not (ROOT / name).exists()) == []


def test_stages_are_named_before_they_are_used_and_bases_are_pinned() -> None:
    stages: list[str] = []
    for line in CONTAINERFILE.splitlines():
        if found := re.match(r"FROM (\S+) AS (\S+)$", line):
            assert found[1] in stages or re.fullmatch(r"[a-z]+:\d[\w.-]+", found[1]), line
            stages.append(found[2])
        for stage in re.findall(r"--from=(\S+)", line):
            assert stage in stages, line
    assert {s["build"]["target"] for s in compose()["services"].values() if "build" in s} <= set(stages)
    assert all(re.search(r":[^:]*\d|:\$\{SAPA_TAG", s["image"]) for s in compose()["services"].values())


@pytest.mark.parametrize("stage", ["service", "engine"])
def test_images_run_as_nobody_special_and_tell_their_health(stage: str) -> None:
    part = CONTAINERFILE.split(f" AS {stage}\n")[1].split("\nFROM ")[0]
    assert re.search(r"^USER 10001:10001$", part, re.MULTILINE)
    for instruction in ("ENTRYPOINT", "CMD"):
        assert re.search(rf'^{instruction} \["', part, re.MULTILINE), "exec form"
    assert f"'{'/healthz' if stage == 'service' else '/health'}'" in part


async def shown(url: str) -> dict[str, set[str]]:
    """Every metric /metrics shows, with the outcomes it is shown by."""
    db = Database(url, SystemClock())
    try:
        text = (await render(db, True)).decode()
    finally:
        await db.close()
    assert "sapa_database_up 1.0" in text
    names = {name: set[str]() for name in re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)}
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", text, re.MULTILINE):
        names.setdefault(name, set()).update(re.findall(r'outcome="(\w+)"', labels))
    return names


def expressions() -> list[str]:
    rules = [rule for group in yaml.safe_load((OPS / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
    dashboards = [json.loads(path.read_text()) for path in (OPS / "grafana/dashboards").glob("*.json")]
    panels = [panel for board in dashboards for panel in board["panels"]]
    return [rule["expr"] for rule in rules] + [target["expr"] for panel in panels for target in panel["targets"]]


async def test_every_metric_that_is_watched_exists(sqlite_url: str) -> None:
    there = await shown(sqlite_url)
    assert len(expressions()) > 20
    for expression in expressions():
        used = re.findall(r"\b((?:sapa|process)_\w+)\b(?:\{([^}]*)\})?", expression)
        assert used or "up{" in expression, expression
        for name, labels in used:
            assert name in there, f"{name}: {expression}"
            for values in re.findall(r'outcome[!=~]+"([^"]+)"', labels):
                assert set(values.split("|")) <= there[name], expression


async def test_every_metric_and_alert_is_explained(sqlite_url: str) -> None:
    bases = {re.sub(r"_(bucket|count|sum|created)$", "", name) for name in await shown(sqlite_url) if name.startswith("sapa_")}
    alerts = set(re.findall(r"alert: (\w+)", (OPS / "alerts.yml").read_text()))
    assert len(alerts) > 10
    assert sorted(name for name in bases | alerts if f"`{name}`" not in OPERATIONS) == []


def test_what_nginx_denies_exists_and_is_what_must_not_be_seen(tmp_path: Path) -> None:
    settings = load_settings(SAPA_VAR=str(tmp_path), SECRET_KEY="x" * 40, ENGINE_TOKEN="t", DATABASE_URL="sqlite+aiosqlite://")
    routes = {resource.canonical for resource in create_app(create_service(settings)).router.resources()}
    named = set(re.findall(r"location = (\S+) ", NGINX))
    denied = set(re.findall(r"location = (\S+) \{ return 404; \}", NGINX))
    assert denied == {"/metrics", "/readyz"} and named <= routes
    assert len(re.findall(r"proxy_set_header", NGINX.split("location")[0])) == NGINX.count("proxy_set_header"), (
        "one set, for every location"
    )
    assert re.search(r"X-Forwarded-For \$remote_addr;", NGINX), "the last address is nginx's own word, as client_ip expects"


def test_nginx_lets_through_what_the_service_takes() -> None:
    allowed = re.search(r"client_max_body_size (\d+)m;", NGINX)
    assert allowed and int(allowed[1]) * 2**20 >= Settings.model_fields["upload_max_bytes"].default + 64 * 1024


def test_ports_and_names_agree() -> None:
    services = compose()["services"]
    port = re.search(r"\bPORT=(\d+)", CONTAINERFILE.split(" AS service\n")[1])
    assert port
    pods = {s["network_mode"].removeprefix("service:") for s in of_image("service").values() if "network_mode" in s}
    wanted = {f"{pod}:{port[1]}" for pod in pods}
    assert len(pods) >= 2 and pods <= set(services)
    assert set(re.findall(r"server (\S+:\d+)", NGINX)) == wanted
    prometheus = yaml.safe_load((OPS / "prometheus.yml").read_text())
    assert set(prometheus["scrape_configs"][0]["static_configs"][0]["targets"]) == wanted
    assert prometheus["scrape_configs"][0]["job_name"] == "sapa"
    for name, service in of_image("service").items():
        if "network_mode" not in service:
            continue
        engines = [e for e in of_image("engine").values() if e["network_mode"] == service["network_mode"]]
        listening = {f"http://127.0.0.1:{e['command'][-1]}" for e in engines}
        assert set(service["environment"]["ENGINE_URL"].split(",")) == listening, name
        assert all(e["environment"]["ENGINE_PORT"] == e["command"][-1] for e in engines), "the health check asks the right port"
        assert f"sapa-{name[-1]}" in services["nginx"]["depends_on"]
    listen = re.search(r"listen (\d+);", NGINX)
    assert listen and services["nginx"]["ports"] == [f"80:{listen[1]}"]
    address = yaml.safe_load((OPS / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"][0]["url"]
    assert address == "http://prometheus:9090" and "127.0.0.1:9090:9090" in services["prometheus"]["ports"]


def test_only_nginx_is_open_to_the_world() -> None:
    for name, service in compose()["services"].items():
        for published in service.get("ports", []):
            assert name == "nginx" or published.startswith("127.0.0.1:"), name


def test_what_is_mounted_exists_and_provisioning_points_at_it() -> None:
    binds = [v.split(":") for s in compose()["services"].values() for v in s.get("volumes", []) if v.startswith("./")]
    assert binds and all((OPS / source).exists() and mode == "ro" for source, _, mode in binds)
    targets = {target for _, target, _ in binds}
    provider = yaml.safe_load((OPS / "grafana/provisioning/dashboards/sapa.yml").read_text())["providers"][0]
    assert provider["options"]["path"] in targets
    assert set(yaml.safe_load((OPS / "prometheus.yml").read_text())["rule_files"]) <= targets
    uid = yaml.safe_load((OPS / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"][0]["uid"]
    board = json.loads((OPS / "grafana/dashboards/sapa.json").read_text())
    assert {panel["datasource"]["uid"] for panel in board["panels"]} == {uid}
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_nobody_is_killed_while_it_drains() -> None:
    for service in of_image("service").values():
        drain = max(FINISH_S, seconds(service["environment"]["DRAIN_S"]))
        assert seconds(service["stop_grace_period"]) >= drain + 10 + 10, "drained, then requests have 10 s to end, and some to spare"
    for engine in of_image("engine").values():
        assert seconds(engine["stop_grace_period"]) > ENGINE_FINISH_S + 5
    for unit, least in (("sapa.service", FINISH_S + 20), ("sapa-engine@.service", ENGINE_FINISH_S + 5)):
        found = re.search(r"^TimeoutStopSec=(\d+)$", (OPS / "systemd" / unit).read_text(), re.MULTILINE)
        assert found and int(found[1]) >= least


def test_connections_fit_the_database() -> None:
    processes = len(of_image("service"))
    command = " ".join(compose()["services"]["postgres"]["command"])
    most = re.search(r"max_connections=(\d+)", command)
    assert most and processes * 23 + 20 <= int(most[1])
