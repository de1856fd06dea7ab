"""Compose file, collector and Kubernetes manifests: parsed, and their names fit together."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.speed.scaling import UTILISATION
from gateway.config import load_text
from tests.processes import ROOT

DEPLOY = ROOT / "deploy"
YAML = sorted(p for p in DEPLOY.rglob("*") if p.suffix in (".yml", ".yaml"))
PORTS = {"grpc": 50051, "http": 50080, "metrics": 9464}
PROBES = {"startupProbe": "/startupz", "readinessProbe": "/readyz", "livenessProbe": "/livez"}


def documents(path: Path) -> list[dict[str, Any]]:
    return [part for part in yaml.safe_load_all(path.read_text("utf-8")) if part]


def manifest(kind: str) -> dict[str, Any]:
    found = [d for p in (DEPLOY / "kubernetes").glob("*.yaml") for d in documents(p)]
    return next(d for d in found if d["kind"] == kind)


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = manifest("Deployment")["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize("path", YAML, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_file_is_yaml(path: Path) -> None:
    assert documents(path)


def test_every_image_is_pinned_by_its_version() -> None:
    services = documents(DEPLOY / "compose.yaml")[0]["services"]
    images = [service["image"] for service in services.values() if "image" in service]
    assert len(images) == 4
    assert all(re.search(r":v?\d+\.\d+\.\d+", image) for image in images)


def test_the_compose_file_opens_no_port_to_other_machines_and_mounts_what_exists() -> None:
    for service in documents(DEPLOY / "compose.yaml")[0]["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert not source.startswith(".") or (DEPLOY / source).exists(), source


def test_the_configurations_that_are_deployed_are_right() -> None:
    path = DEPLOY / "config" / "gateway.yaml"
    in_compose = load_text(path.read_text("utf-8"), str(path), {})
    text = manifest("ConfigMap")["data"]["gateway.yaml"]
    in_kubernetes = load_text(text, str(DEPLOY / "kubernetes" / "gateway.yaml"), {})
    for config in (in_compose, in_kubernetes):
        assert config.metrics.listen == f"0.0.0.0:{PORTS['metrics']}"
        assert config.server.listen == f"0.0.0.0:{PORTS['grpc']}"
        assert config.server.http_listen == f"0.0.0.0:{PORTS['http']}"
        assert config.traces.endpoint.endswith(":4317")
    assert in_kubernetes.security.keys_file


def test_the_collector_uses_what_it_defines_and_nothing_else() -> None:
    config = documents(DEPLOY / "otel-collector" / "config.yaml")[0]
    assert set(config["service"]["extensions"]) <= config["extensions"].keys()
    for pipeline in config["service"]["pipelines"].values():
        for part in ("receivers", "processors", "exporters"):
            assert set(pipeline[part]) == config[part].keys()


def test_prometheus_scrapes_the_ports_that_are_served() -> None:
    jobs = documents(DEPLOY / "prometheus" / "prometheus.yml")[0]["scrape_configs"]
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}
    assert targets["erp-gateway"] == [f"gateway:{PORTS['metrics']}"]


def test_probes_ask_the_health_port() -> None:
    container = pod()["containers"][0]
    assert {p["name"]: p["containerPort"] for p in container["ports"]} == PORTS
    for probe, path in PROBES.items():
        assert container[probe]["httpGet"] == {"path": path, "port": "metrics"}


def test_a_pod_has_the_time_to_drain() -> None:
    text = manifest("ConfigMap")["data"]["gateway.yaml"]
    drain_s = load_text(text, "gateway.yaml", {}).server.drain_s
    slept_s = float(pod()["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod()["terminationGracePeriodSeconds"] > drain_s + slept_s


def test_all_that_selects_pods_selects_these() -> None:
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]
    service = manifest("Service")["spec"]
    assert service["clusterIP"] == "None"
    assert service["selector"].items() <= labels.items()
    for kind in ("PodDisruptionBudget", "Deployment"):
        assert manifest(kind)["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    target = manifest("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"]
    assert target == manifest("Deployment")["metadata"]["name"]


def test_the_autoscaler_aims_at_the_share_of_a_core_that_scaling_md_plans_with() -> None:
    metric = manifest("HorizontalPodAutoscaler")["spec"]["metrics"][0]["resource"]
    assert metric["name"] == "cpu"
    assert metric["target"]["averageUtilization"] == UTILISATION * 100
    resources = pod()["containers"][0]["resources"]
    text = manifest("ConfigMap")["data"]["gateway.yaml"]
    workers = load_text(text, "gateway.yaml", {}).server.workers
    assert int(resources["requests"]["cpu"]) == workers
    assert "cpu" not in resources["limits"]


def test_every_volume_is_there_and_every_mount_has_one() -> None:
    mounted = {mount["name"] for mount in pod()["containers"][0]["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod()["volumes"]}


def test_no_secret_stands_in_a_manifest() -> None:
    for path in (DEPLOY / "kubernetes").glob("*.yaml"):
        for document in documents(path):
            if document["kind"] == "Secret":
                assert set(document["stringData"].values()) == {"REPLACE-ME"}


@pytest.mark.needs("kubectl")
def test_kustomize_builds_the_whole() -> None:
    done = subprocess.run(  # noqa: S603 # our own folder
        ["kubectl", "kustomize", str(DEPLOY / "kubernetes")],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kinds = {document["kind"] for document in yaml.safe_load_all(done.stdout)}
    assert kinds >= {
        "Deployment",
        "PodDisruptionBudget",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
    }
