"""The manifests are valid, and every pod is as hardened and as hard to take down as the others."""

import json
import re
import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml

from tests.unit.deploy.kubernetes.kustomization import (
    KUBERNETES,
    OVERLAYS,
    PROGRAMS,
    Manifest,
    build,
    containers,
    of_kind,
)

OLDEST, NEWEST = "1.30", "1.37"  # of those with the schemas of the validator, and the first with `preStop.sleep`


@pytest.fixture(scope="module", params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> list[Manifest]:
    return build(KUBERNETES / "overlays" / request.param)


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    makers = of_kind(manifests, "Deployment", "StatefulSet", "Job")
    return {name: maker["spec"]["template"] for name, maker in makers.items()}


@pytest.mark.parametrize(("name", "version"), [("small", OLDEST), ("office", NEWEST)])
def test_manifests_are_what_the_api_server_takes(name: str, version: str) -> None:
    for manifest in build(KUBERNETES / "overlays" / name):
        kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_our_builder_builds_what_kubectl_builds() -> None:
    folder = KUBERNETES / "overlays" / "small"
    printed = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=True).stdout
    without_hash = re.sub(r"\b(settings)-[a-z0-9]{10}\b", r"\1", printed)
    theirs = [document for document in yaml.safe_load_all(without_hash) if document]

    def sorted_texts(manifests: list[Manifest]) -> list[str]:
        return sorted(json.dumps(manifest, sort_keys=True) for manifest in manifests)

    assert sorted_texts(build(folder)) == sorted_texts(theirs)


def test_pods_have_no_root_no_capabilities_and_nothing_to_write_to(overlay: list[Manifest]) -> None:
    for name, pod in pods(overlay).items():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is spec["enableServiceLinks"] is False, name
    for container in (container for manifest in overlay for container in containers(manifest)):
        assert container["securityContext"] == {
            "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}
        }, container["name"]  # fmt: skip
        assert {"cpu", "memory"} == container["resources"]["requests"].keys(), container["name"]
        assert container["resources"]["limits"].keys() == {"memory"}  # a limit of the processor would only make it wait


def test_no_secret_is_in_a_manifest_or_in_the_environment_except_the_key_of_the_page(overlay: list[Manifest]) -> None:
    assert of_kind(overlay, "Secret") == {}
    for manifest in overlay:
        for container in containers(manifest):
            named = [variable["name"] for variable in container.get("env", ()) if "valueFrom" in variable]
            assert named == (["ANTHROPIC_API_KEY"] if container["name"] == "page" else [])


def test_there_are_two_of_everything_and_one_is_left_when_a_machine_is_emptied(overlay: list[Manifest]) -> None:
    scaled = of_kind(overlay, "HorizontalPodAutoscaler")
    budgets = of_kind(overlay, "PodDisruptionBudget")
    for name, deployment in of_kind(overlay, "Deployment").items():
        spec = deployment["spec"]
        # Both would take turns to decide.
        assert ("replicas" in spec) != (name in scaled), name
        assert spec.get("replicas", scaled.get(name, {}).get("spec", {}).get("minReplicas")) == 2, name
        assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
        assert budgets[name]["spec"]["maxUnavailable"] == 1
        assert budgets[name]["spec"]["selector"] == spec["selector"]
        (spread,) = spec["template"]["spec"]["topologySpreadConstraints"]
        labels = spec["template"]["metadata"]["labels"]
        assert spread["labelSelector"]["matchLabels"].items() <= labels.items()
        assert set(spread["matchLabelKeys"]) - labels.keys() == {"pod-template-hash"}
    assert of_kind(overlay, "Deployment").keys() == set(PROGRAMS)


def test_names_lead_to_pods_and_ports_that_exist(overlay: list[Manifest]) -> None:
    made = pods(overlay)
    for name, service in of_kind(overlay, "Service").items():
        labels = made[name]["metadata"]["labels"]
        assert service["spec"]["selector"].items() <= labels.items()
        ports = {port["name"]: port["containerPort"] for port in made[name]["spec"]["containers"][0]["ports"]}
        for port in service["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"], name
    services = of_kind(overlay, "Service")
    for ingress in of_kind(overlay, "Ingress").values():
        (rule,) = ingress["spec"]["rules"]
        backend = rule["http"]["paths"][0]["backend"]["service"]
        assert backend["port"]["name"] in {port["name"] for port in services[backend["name"]]["spec"]["ports"]}
        assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]


def test_every_volume_that_is_mounted_exists(overlay: list[Manifest]) -> None:
    for manifest in overlay:
        spec = manifest.get("spec", {})
        claims = {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", ())}
        volumes = {volume["name"] for volume in spec.get("template", {}).get("spec", {}).get("volumes", ())}
        for container in containers(manifest):
            assert {mount["name"] for mount in container.get("volumeMounts", ())} <= volumes | claims


def test_base_alone_cannot_be_deployed_as_its_files_would_go_with_the_pod() -> None:
    dataset = of_kind(build(KUBERNETES / "base"), "Deployment")["dataset"]["spec"]["template"]["spec"]
    assert "state" not in {volume["name"] for volume in dataset["volumes"]}
    assert "state" in {mount["name"] for mount in dataset["containers"][0]["volumeMounts"]}


def test_page_is_sticky_and_streams_and_uploads_pass(overlay: list[Manifest]) -> None:
    for ingress in of_kind(overlay, "Ingress").values():
        notes = ingress["metadata"]["annotations"]
        assert notes["nginx.ingress.kubernetes.io/proxy-buffering"] == "off"
        assert notes["nginx.ingress.kubernetes.io/proxy-request-buffering"] == "off"
        assert notes["nginx.ingress.kubernetes.io/proxy-body-size"] == "60m"
    page = of_kind(overlay, "Ingress")["page"]["metadata"]["annotations"]
    assert page["nginx.ingress.kubernetes.io/affinity"] == "cookie"
    assert "true" in of_kind(overlay, "Service")["page"]["metadata"]["annotations"].values()
