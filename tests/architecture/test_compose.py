"""compose.yaml and what it names fit each other and the settings: one bot as ever, three with the profile `scale`."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config import SETTINGS, Settings, variable

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BOTS = ("trapwise", "trapwise-2", "trapwise-3")
NGINX = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")

KEYS = {
    *("build", "image", "restart", "env_file", "environment", "volumes", "read_only", "tmpfs", "cap_drop", "command"),
    *("security_opt", "stop_grace_period", "profiles", "depends_on", "healthcheck", "ports", "shm_size", "user"),
}
"""What the Compose specification knows and we use: https://docs.docker.com/reference/compose-file/services/"""


def test_one_bot_starts_unless_more_are_asked_for() -> None:
    assert [name for name, service in SERVICES.items() if not service.get("profiles")] == ["trapwise"]
    assert {tuple(service["profiles"]) for service in SERVICES.values() if "profiles" in service} == {("scale",)}
    assert set(SERVICES) == {*BOTS, "postgres", "balancer"}
    assert SERVICES["trapwise"]["environment"]["TRAPWISE_DATABASE"].endswith(":-sqlite:////data/trapwise.db}")


def test_all_bots_are_alike() -> None:
    for name in BOTS[1:]:
        own = {"profiles", "depends_on", "healthcheck", "ports"}
        assert {key: value for key, value in SERVICES[name].items() if key not in own} == {
            key: value for key, value in SERVICES["trapwise"].items() if key not in own
        }


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_only_what_compose_understands(name: str) -> None:
    service = SERVICES[name]
    assert set(service) <= KEYS
    assert service["read_only"] is True
    assert service["restart"] == "unless-stopped"
    assert "no-new-privileges:true" in service["security_opt"]
    for other, wanted in service.get("depends_on", {}).items():
        assert other in SERVICES
        assert wanted["condition"] in ("service_started", "service_healthy")
        assert wanted["condition"] == "service_started" or "healthcheck" in SERVICES[other]
    for volume in service["volumes"]:
        source = volume.split(":")[0]
        assert (ROOT / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"]
    for port in service.get("ports", ()):
        assert port.startswith("127.0.0.1:"), "who wants it open puts a proxy with TLS in front"


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if "build" not in service])
def test_foreign_images_are_held_to_a_version(name: str) -> None:
    assert re.fullmatch(r"[a-z]+:\d+(\.\d+)?(-\w+)?", SERVICES[name]["image"])


def test_the_bots_settings_exist() -> None:
    known = {variable(one.name) for one in SETTINGS}
    for name in BOTS:
        assert {key for key in SERVICES[name]["environment"] if key.startswith("TRAPWISE_")} <= known


def test_no_password_is_given_but_by_the_host() -> None:
    named = [
        (key, value) for one in SERVICES.values() for key, value in one.get("environment", {}).items() if "PASS" in key
    ]
    assert {key for key, _ in named} == {"PGPASSWORD", "POSTGRES_PASSWORD"}
    assert {value for _, value in named} == {"${POSTGRES_PASSWORD:-}"}
    assert not re.search(r"//\w+:[^@/]+@", (ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_health_is_asked_where_the_image_tells_it() -> None:
    port = re.search(r"TRAPWISE_HEALTH_PORT=(\d+)", DOCKERFILE)
    assert port
    for name in BOTS[1:]:
        assert f"http://127.0.0.1:{port[1]}/readyz" in SERVICES[name]["healthcheck"]["test"][-1]
    assert "healthcheck" not in SERVICES["trapwise"]
    assert "/healthz" in DOCKERFILE


def test_the_balancer_knows_every_bot_and_listens_where_it_is_asked() -> None:
    web = Settings().web_port
    assert re.findall(r"server ([\w-]+):(\d+) ", NGINX) == [(name, str(web)) for name in BOTS]
    assert set(SERVICES["balancer"]["depends_on"]) == set(BOTS)
    (port,) = re.findall(r"listen (\d+);", NGINX)
    assert SERVICES["balancer"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert SERVICES["balancer"]["healthcheck"]["test"][-1] == f"http://127.0.0.1:{port}/balancer"
    assert NGINX.count("{") == NGINX.count("}")
