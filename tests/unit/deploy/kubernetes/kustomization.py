"""Builds a kustomization as far as ours use it, so that the manifests are tested where no kubectl is installed.

Resources, images, a namespace, ConfigMaps from files of variables, and JSON patches; names get no hash.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from tests.real_servers import REPOSITORY

KUBERNETES = REPOSITORY / "deploy" / "kubernetes"
OVERLAYS = ("small", "office")
PROGRAMS = ("prediction", "dataset", "chat", "worker", "gateway", "page")

Manifest = dict[str, Any]


def build(folder: Path) -> list[Manifest]:
    """Returns the manifests that `kubectl kustomize` would print."""
    plan = _read(folder / "kustomization.yaml")[0]
    assert plan.keys() <= {
        "apiVersion", "kind", "namespace", "resources", "configMapGenerator", "images", "patches"
    }, "not known to this builder"  # fmt: skip
    manifests = [deepcopy(manifest) for resource in plan["resources"] for manifest in _load(folder / resource)]
    for maker in plan.get("configMapGenerator", ()):
        _make_config_map(manifests, maker, folder)
    for patch in plan.get("patches", ()):
        chosen = [manifest for manifest in manifests if _is_meant(manifest, patch["target"])]
        assert chosen, f"{patch} is for nothing"
        for manifest in chosen:
            for change in _read(folder / patch["path"])[0]:
                _change(manifest, **change)
    for manifest in manifests:
        if manifest["kind"] != "Namespace":
            manifest["metadata"]["namespace"] = plan["namespace"]
        for container in containers(manifest):
            for image in plan.get("images", ()):
                _rename(container, **image)
    return manifests


def of_kind(manifests: list[Manifest], *kinds: str) -> dict[str, Manifest]:
    """Returns the manifests of some kinds by name."""
    return {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest["kind"] in kinds}


def environment(manifest: Manifest) -> dict[str, str]:
    """Returns the variables of the first container that have a plain value."""
    env = manifest["spec"]["template"]["spec"]["containers"][0].get("env", ())
    return {variable["name"]: variable["value"] for variable in env if "value" in variable}


def containers(manifest: Manifest) -> Iterator[Manifest]:
    """Yields all containers of what makes pods."""
    pod = manifest["spec"].get("template", {}).get("spec", {}) if "spec" in manifest else {}
    yield from (*pod.get("initContainers", ()), *pod.get("containers", ()))


def _load(place: Path) -> list[Manifest]:
    return build(place.resolve()) if place.is_dir() else _read(place)


def _read(file: Path) -> list[Any]:
    return [document for document in yaml.safe_load_all(file.read_text("utf-8")) if document is not None]


def _make_config_map(manifests: list[Manifest], maker: Mapping[str, Any], folder: Path) -> None:
    lines = [line for file in maker["envs"] for line in (folder / file).read_text("utf-8").splitlines()]
    data = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    if maker.get("behavior") == "merge":
        (existing,) = (
            one for one in manifests if (one["kind"], one["metadata"]["name"]) == ("ConfigMap", maker["name"])
        )
        existing["data"] |= data
    else:
        metadata = {"name": maker["name"]}
        manifests.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})


def _is_meant(manifest: Manifest, target: Mapping[str, str]) -> bool:
    return manifest["kind"] == target["kind"] and target.get("name") in (None, manifest["metadata"]["name"])


def _change(manifest: Manifest, op: str, path: str, value: object = None) -> None:
    *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in path.lstrip("/").split("/"))
    place: Any = manifest
    for part in parents:
        place = place[int(part) if isinstance(place, list) else part]
    value = deepcopy(value)
    if op == "remove":
        del place[int(last) if isinstance(place, list) else last]
    elif isinstance(place, list) and op == "add":
        place.insert(len(place) if last == "-" else int(last), value)
    else:
        key = int(last) if isinstance(place, list) else last
        assert op == "add" or (op == "replace" and (isinstance(place, list) or key in place)), path
        place[key] = value


def _rename(container: Manifest, name: str, newName: str | None = None, newTag: str | None = None) -> None:  # noqa: N803
    image, _, tag = container["image"].partition(":")
    if image == name:
        container["image"] = f"{newName or image}:{newTag or tag}"
