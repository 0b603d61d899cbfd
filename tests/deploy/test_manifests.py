"""What deploy/ hands to a cluster is valid: core objects by the schemas of Kubernetes, the objects of
OpenShift and OpenShift AI, whose schemas no package ships, by their pod, which is a core one, and by their
form.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import nbformat
import pytest
import yaml
from jsonschema import Draft202012Validator

from config import ROOT
from deploy.vllm import Served, address, command, manifests

KUBERNETES = "1.31"
GRANITE = Served("ibm-granite/granite-3.2-8b-instruct", "granite-3-2-8b-instruct")
QWEN = Served("Qwen/Qwen3-14B", "qwen3-14b", gpus=2, replicas=3)
OPENSHIFT = list(yaml.safe_load_all((ROOT / "deploy/openshift.yaml").read_text()))

text = {"type": "string"}
name_kind = {"type": "object", "required": ["kind", "name"], "additionalProperties": False,
             "properties": {"kind": text, "name": text}}  # fmt: skip


def form(api: str, kind: str, spec: dict) -> dict:
    """The JSON schema of an object with this spec and nothing that the spec does not name."""
    closed = {"type": "object", "additionalProperties": False}
    meta = {"type": "object", "required": ["name"]}
    top = {"apiVersion": {"const": api}, "kind": {"const": kind}, "metadata": meta, "spec": closed | spec}
    return closed | {"required": list(top), "properties": top}


# after the API reference of OpenShift 4 and the Notebook of Kubeflow, as far as these manifests go
FORMS = {
    "ImageStream": form("image.openshift.io/v1", "ImageStream", {
        "properties": {"lookupPolicy": {"type": "object", "properties": {"local": {"type": "boolean"}}}}}),
    "BuildConfig": form("build.openshift.io/v1", "BuildConfig", {
        "required": ["source", "strategy", "output"],
        "properties": {
            "source": {"type": "object", "required": ["type", "git"], "properties": {
                "type": {"const": "Git"},
                "git": {"type": "object", "required": ["uri"], "properties": {"uri": text, "ref": text},
                        "additionalProperties": False}}},
            "strategy": {"type": "object", "required": ["type", "dockerStrategy"], "properties": {
                "type": {"const": "Docker"},
                "dockerStrategy": {"type": "object", "required": ["dockerfilePath"],
                                   "properties": {"dockerfilePath": text}, "additionalProperties": False}}},
            "output": {"type": "object", "required": ["to"], "properties": {"to": name_kind}},
            "resources": {"type": "object"},
            "successfulBuildsHistoryLimit": {"type": "integer"},
            "failedBuildsHistoryLimit": {"type": "integer"}}}),
    "Notebook": form("kubeflow.org/v1", "Notebook", {
        "required": ["template"],
        "properties": {"template": {"type": "object", "required": ["spec"], "additionalProperties": False,
                                    "properties": {"spec": {"type": "object"}}}}}),
}  # fmt: skip
# what the chart's values may say, as far as ours do
VALUES = {
    "hub": {"config"},
    "proxy": {"service"},
    "singleuser": {
        "image",
        "cmd",
        "uid",
        "startTimeout",
        "memory",
        "cpu",
        "storage",
        "extraEnv",
        "networkPolicy",
    },
    "prePuller": {"hook"},
    "scheduling": {"userScheduler"},
    "cull": {"enabled", "timeout", "every"},
}


def valid(item: dict) -> None:
    """Raises for an object that the cluster would refuse."""
    if item["kind"] in FORMS:
        Draft202012Validator(FORMS[item["kind"]]).validate(item)
        if item["kind"] == "Notebook":
            pod = {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": item["metadata"],
                "spec": item["spec"]["template"]["spec"],
            }
            kubernetes_validate.validate(pod, KUBERNETES, strict=True)
    else:
        kubernetes_validate.validate(item, KUBERNETES, strict=True)


def of_kind(items: list[dict], kind: str) -> list[dict]:
    return [item for item in items if item["kind"] == kind]


@pytest.mark.parametrize(
    "models", [[GRANITE], [QWEN], [GRANITE, QWEN]], ids=["one GPU", "parallel", "two models"]
)
def test_what_serves_models_is_valid(models):
    for item in manifests(models)["items"]:
        valid(item)


@pytest.mark.parametrize("item", OPENSHIFT, ids=lambda item: item["kind"])
def test_what_openshift_gets_is_valid(item):
    valid(item)


def test_a_mistake_is_found():
    [_, deployment, _] = manifests([GRANITE])["items"]
    deployment["spec"]["template"]["spec"]["containers"][0]["volumeMount"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        valid(deployment)
    [notebook] = of_kind(json.loads(json.dumps(OPENSHIFT)), "Notebook")
    notebook["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"name": "x"}]
    with pytest.raises(kubernetes_validate.ValidationError):
        valid(notebook)
    [build] = of_kind(json.loads(json.dumps(OPENSHIFT)), "BuildConfig")
    build["spec"]["strategi"] = build["spec"].pop("strategy")
    with pytest.raises(Exception, match="strategi"):
        valid(build)


def test_names_hang_together():
    items = manifests([GRANITE, QWEN])["items"] + OPENSHIFT
    claims = {item["metadata"]["name"] for item in of_kind(items, "PersistentVolumeClaim")}
    maps = {item["metadata"]["name"] for item in of_kind(items, "ConfigMap")}
    pods = [
        item["spec"]["template"]["spec"] for item in of_kind(items, "Deployment") + of_kind(items, "Notebook")
    ]
    for pod in pods:
        volumes = {volume["name"] for volume in pod["volumes"]}
        for volume in pod["volumes"]:
            assert volume.get("persistentVolumeClaim", {}).get("claimName", next(iter(claims))) in claims
            assert volume.get("configMap", {}).get("name", next(iter(maps))) in maps
        for container in pod["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
            ports = {port["name"] for port in container["ports"]}
            assert container["readinessProbe"]["httpGet"]["port"] in ports
    for deployment in of_kind(items, "Deployment"):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()
        assert [s for s in of_kind(items, "Service") if s["spec"]["selector"].items() <= labels.items()]
    [build], [stream], [notebook] = (
        of_kind(items, kind) for kind in ("BuildConfig", "ImageStream", "Notebook")
    )
    assert build["spec"]["output"]["to"]["name"] == f"{stream['metadata']['name']}:latest"
    assert (ROOT / build["spec"]["strategy"]["dockerStrategy"]["dockerfilePath"]).is_file()
    [container] = notebook["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"{stream['metadata']['name']}:latest"
    assert container["name"] == notebook["metadata"]["name"]
    environment = {one["name"]: one.get("value") for one in container["env"]}
    assert environment["ENDPOINT_BASE"] == address([GRANITE, QWEN])
    assert container["readinessProbe"]["httpGet"]["path"] == environment["NB_PREFIX"] + "/api"


def test_models_are_split_copied_and_routed():
    assert "--tensor-parallel-size" not in command(GRANITE) and "--reasoning-parser" not in command(GRANITE)
    assert command(QWEN)[-4:] == ["--tensor-parallel-size", "2", "--reasoning-parser", "qwen3"]
    items = manifests([GRANITE, QWEN])["items"]
    replicas = {item["metadata"]["name"]: item["spec"]["replicas"] for item in of_kind(items, "Deployment")}
    assert replicas == {"vllm-granite-3-2-8b-instruct": 1, "vllm-qwen3-14b": 3, "workshop-models": 2}
    [config] = of_kind(items, "ConfigMap")
    services = {item["metadata"]["name"] for item in of_kind(items, "Service")}
    for route in json.loads(config["data"]["config.yaml"])["model_list"]:
        assert route["litellm_params"]["model"] == f"hosted_vllm/{route['model_name']}"
        assert route["litellm_params"]["api_base"].split("/")[2].split(":")[0] in services
    assert address([QWEN]) == "http://vllm-qwen3-14b:8000/v1"
    with pytest.raises(ValueError, match="a name of its own"):
        manifests([GRANITE, GRANITE])


def test_no_manifest_holds_a_key():
    for item in [*manifests([GRANITE, QWEN])["items"], *OPENSHIFT]:
        assert item["kind"] != "Secret"
    values = (ROOT / "deploy/jupyterhub-values.yaml").read_text()
    assert yaml.safe_load(values)["singleuser"]["extraEnv"]["API_KEY"].keys() == {"valueFrom"}


def test_the_hub_s_values_say_only_what_the_chart_knows():
    values = yaml.safe_load((ROOT / "deploy/jupyterhub-values.yaml").read_text())
    assert {key: set(value) for key, value in values.items()} == VALUES
    single = values["singleuser"]
    assert single["cmd"] == ["workbench"] and single["storage"]["homeMountPath"] == "/opt/app-root/src"
    assert single["extraEnv"]["ENDPOINT_BASE"] == address([GRANITE, QWEN])
    [rule] = single["networkPolicy"]["egress"]
    labels = rule["to"][0]["podSelector"]["matchLabels"].items()
    served = of_kind(manifests([GRANITE, QWEN])["items"], "Deployment")
    assert all(labels <= item["spec"]["template"]["metadata"]["labels"].items() for item in served)


def test_the_command_prints_what_a_cluster_reads():
    run = [sys.executable, "-m", "deploy.vllm", "Qwen/Qwen3-0.6B=small", "--replicas", "2"]
    printed = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == manifests([Served("Qwen/Qwen3-0.6B", "small", replicas=2)])
    shown = subprocess.run([*run, "--command"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown.startswith("VLLM_API_KEY=$API_KEY vllm serve Qwen/Qwen3-0.6B --served-model-name small")
    assert shown.strip().endswith("--data-parallel-size 2")


def test_the_image_s_recipe_is_clean():
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or "hadolint"
    done = subprocess.run(
        [hadolint, ROOT / "deploy/Containerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def copied() -> list[str]:
    """What the image's recipe copies from the repository."""
    text = (ROOT / "deploy/Containerfile").read_text().replace("\\\n", " ")
    lines = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY")]
    return [part for line in lines for part in line if part[:2] != "--"]


def test_the_image_s_recipe_copies_what_is_there_and_no_secret():
    assert all(list(ROOT.glob(part)) for part in copied())
    assert {"helpers", "prebuilt", "notebooks"} <= set(copied())
    assert not {".", ".env", "solutions", "gradebook.db"} & set(copied())


def test_the_image_holds_what_notebooks_import():
    """All packages and modules of the repository that stand in an import of a released notebook."""
    own = {path.stem for path in ROOT.glob("*") if path.suffix == ".py" or (path / "__init__.py").is_file()}
    code = [
        cell.source
        for path in (ROOT / "notebooks").glob("*/*.ipynb")
        for cell in nbformat.read(path, 4).cells
        if cell.cell_type == "code"
    ]
    found = re.findall(r"^\s*(?:from|import) (\w+)", "\n".join(code), re.M)
    assert {"config", "helpers"} <= own & set(found) <= {part.removesuffix(".py") for part in copied()}
