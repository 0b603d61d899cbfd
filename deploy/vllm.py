"""The manifests that serve models to a class with vLLM, as JSON, which `oc` and `kubectl` read like YAML:

    python -m deploy.vllm ibm-granite/granite-3.2-8b-instruct=granite-3-2-8b-instruct \\
        Qwen/Qwen3-14B=qwen3-14b | oc apply -f -

Each model is a Deployment of one or several replicas behind one Service; `--gpus` splits a model over several
GPUs (tensor parallel); several models share one address, a litellm proxy that routes by the model's name.
Sampling defaults of a checkpoint are switched off, so that greedy is greedy. No secret is in the manifests:
they name one.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass

VLLM = "docker.io/vllm/vllm-openai:v0.11.0"
PROXY = "ghcr.io/berriai/litellm:main-v1.77.3-stable"
SECRET = "workshop-endpoint"  # its key api-key is the API_KEY of every learner's .env
CONTEXT = 8192  # tokens of prompt and answer; the notebooks use a quarter of it
PORT = 8000


@dataclass(frozen=True)
class Served:
    """A model of the hub, the name learners give, how many GPUs hold it, how many copies there are."""

    model: str
    name: str
    gpus: int = 1
    replicas: int = 1
    cache: str = "60Gi"

    @property
    def resource(self) -> str:
        """The name of its Kubernetes objects."""
        return "vllm-" + re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:50].strip("-")


def command(served: Served) -> list[str]:
    """The arguments of `vllm serve`, the same on a workstation and in a cluster."""
    arguments = [served.model, "--served-model-name", served.name, "--port", str(PORT)]
    arguments += ["--max-model-len", str(CONTEXT), "--generation-config", "vllm"]
    arguments += ["--tensor-parallel-size", str(served.gpus)] if served.gpus > 1 else []
    arguments += ["--reasoning-parser", "qwen3"] if "qwen3" in served.model.lower() else []
    return arguments


def manifests(models: list[Served]) -> dict:
    """A Kubernetes List: what serves `models`. Raises ValueError where two would have one name."""
    names = [served.resource for served in models]
    if not models or len(set(names)) < len(names):
        raise ValueError("Name at least one model, and each by a name of its own: MODEL=NAME.")
    items = [item for served in models for item in _server(served)]
    items += _gateway(models) if len(models) > 1 else []
    return {"apiVersion": "v1", "kind": "List", "items": items}


def address(models: list[Served]) -> str:
    """ENDPOINT_BASE for notebooks in the same project of the cluster."""
    return f"http://{'workshop-models' if len(models) > 1 else models[0].resource}:{PORT}/v1"


def _server(served: Served) -> list[dict]:
    claim = f"{served.resource}-cache"
    container = {
        "name": "vllm",
        "image": VLLM,
        "args": command(served),
        "env": [
            _secret("VLLM_API_KEY"),
            {"name": "HOME", "value": "/cache"},  # OpenShift gives a user without a home
            {"name": "HF_HOME", "value": "/cache/huggingface"},
            {"name": "VLLM_NO_USAGE_STATS", "value": "1"},
        ],
        "ports": [{"name": "http", "containerPort": PORT}],
        "resources": {
            "requests": {"cpu": "4", "memory": "24Gi", "nvidia.com/gpu": str(served.gpus)},
            "limits": {"memory": "64Gi", "nvidia.com/gpu": str(served.gpus)},
        },
        # the first start downloads the weights
        "startupProbe": {**_probe(), "periodSeconds": 10, "failureThreshold": 360},
        "readinessProbe": {**_probe(), "periodSeconds": 10},
        "livenessProbe": {**_probe(), "periodSeconds": 30, "failureThreshold": 5},
        "securityContext": _locked(),
        "volumeMounts": [{"name": "cache", "mountPath": "/cache"}, {"name": "shm", "mountPath": "/dev/shm"}],
    }
    pod = {
        "containers": [container],
        "volumes": [
            {"name": "cache", "persistentVolumeClaim": {"claimName": claim}},
            {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "8Gi"}},
        ],
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 120,
    }
    storage = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": _meta(claim),
        "spec": {
            "accessModes": ["ReadWriteMany" if served.replicas > 1 else "ReadWriteOnce"],
            "resources": {"requests": {"storage": served.cache}},
        },
    }
    return [storage, _deployment(served.resource, served.replicas, pod), _service(served.resource)]


def _gateway(models: list[Served]) -> list[dict]:
    """litellm in front of the servers: one address for all models, one key."""
    routes = {
        "model_list": [
            {
                "model_name": served.name,
                "litellm_params": {
                    "model": f"hosted_vllm/{served.name}",
                    "api_base": f"http://{served.resource}:{PORT}/v1",
                    "api_key": "os.environ/VLLM_API_KEY",
                },
            }
            for served in models
        ],
        # the notebooks wait and ask again themselves
        "litellm_settings": {"num_retries": 0, "request_timeout": 300},
    }
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _meta("workshop-models"),
        "data": {"config.yaml": json.dumps(routes, indent=2)},
    }
    ready = {"httpGet": {"path": "/health/liveliness", "port": "http"}, "periodSeconds": 10}
    container = {
        "name": "litellm",
        "image": PROXY,
        "args": ["--config", "/config/config.yaml", "--port", str(PORT)],
        "env": [_secret("VLLM_API_KEY"), _secret("LITELLM_MASTER_KEY"), {"name": "HOME", "value": "/tmp"}],
        "ports": [{"name": "http", "containerPort": PORT}],
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
        "readinessProbe": ready,
        "securityContext": _locked(),
        "volumeMounts": [{"name": "config", "mountPath": "/config", "readOnly": True}],
    }
    pod = {
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": "workshop-models"}}],
        "automountServiceAccountToken": False,
    }
    return [config, _deployment("workshop-models", 2, pod), _service("workshop-models")]


def _deployment(name: str, replicas: int, pod: dict) -> dict:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta(name),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            # a GPU is held until its server has gone
            "strategy": {"type": "Recreate"},
            "template": {"metadata": {"labels": _meta(name)["labels"]}, "spec": pod},
        },
    }


def _service(name: str) -> dict:
    ports = [{"name": "http", "port": PORT, "targetPort": "http"}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _meta(name),
        "spec": {"selector": {"app": name}, "ports": ports},
    }


def _meta(name: str) -> dict:
    return {"name": name, "labels": {"app": name, "app.kubernetes.io/part-of": "inference-scaling-workshop"}}


def _secret(variable: str) -> dict:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": "api-key"}}}


def _probe() -> dict:
    return {"httpGet": {"path": "/health", "port": "http"}}


def _locked() -> dict:
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def main() -> None:
    """Print the manifests, or the commands for one machine."""
    parser = argparse.ArgumentParser(prog="python -m deploy.vllm", description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "models", nargs="+", metavar="MODEL=NAME", help="a model of the hub and the name it is served by"
    )
    parser.add_argument("--gpus", type=int, default=1, help="GPUs that hold one copy (tensor parallel)")
    parser.add_argument("--replicas", type=int, default=1, help="copies of each model behind its address")
    parser.add_argument(
        "--command", action="store_true", help="print what to run on a machine without a cluster"
    )
    asked = parser.parse_args()
    models = []
    for pair in asked.models:
        model, _, name = pair.partition("=")
        models.append(Served(model, name or model, asked.gpus, asked.replicas))
    if asked.command:
        for served in models:
            copies = f" --data-parallel-size {served.replicas}" if served.replicas > 1 else ""
            print("VLLM_API_KEY=$API_KEY vllm serve", *command(served), copies)
        return
    print(json.dumps(manifests(models), indent=2))


if __name__ == "__main__":
    main()
