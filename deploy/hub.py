"""A class on one machine, for a rehearsal: a JupyterHub with two learners and an instructor.

    python -m deploy.hub                      start it and say how to log in; Ctrl-C ends it and all servers
    python -m deploy.hub --learners ada,ben,cem --port 8100

What learners have, hand in and get back stays in `.hub/` and is there at the next start. Needs what `make
hub` installs: deploy/requirements-hub.txt and, by npm, deploy/package.json.
"""

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config import ROOT

CLONE = "inference-scaling-workshop"
INSTRUCTOR = "instructor"
PROXY = ROOT / "deploy/node_modules/.bin/configurable-http-proxy"


@dataclass(frozen=True)
class Classroom:
    """A hub's folder, its people and its ports. The folder holds all that must survive a restart."""

    state: Path
    learners: tuple[str, ...] = ("ada", "ben")
    port: int = 8100
    inner_ports: tuple[int, int] = (8101, 8102)  # the hub's own, and the one by which it steers its proxy

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def exchange(self) -> Path:
        return self.state / "exchange"

    @property
    def repository(self) -> str:
        """The address that the nbgitpuller link names."""
        return f"file://{self.state}/repository/{CLONE}"

    def home(self, name: str) -> Path:
        return self.state / "homes" / name

    def password(self, name: str) -> str:
        """What `name` logs in with; drawn once, kept in the folder."""
        file = self.state / ("instructor-password" if name == INSTRUCTOR else "learner-password")
        if not file.exists():
            file.write_text(secrets.token_urlsafe(24 if name == INSTRUCTOR else 9))
            file.chmod(0o600)
        return file.read_text()

    def prepare(self) -> None:
        """Makes what is missing: the exchange, the repository that learners pull, the instructor's clone."""
        for folder in (self.state, self.exchange, self.state / "homes"):
            folder.mkdir(parents=True, exist_ok=True)
        self.state.chmod(0o700)
        self.exchange.chmod(0o777)  # nbgrader refuses an exchange that not everybody may write
        self.password(INSTRUCTOR), self.password(self.learners[0])
        bare, theirs = self.state / "repository" / CLONE, self.home(INSTRUCTOR) / CLONE
        if not bare.exists():
            _git("init", "--quiet", "--bare", "--initial-branch=main", bare)
        _git("-C", bare, "fetch", "--quiet", "--depth=1", f"file://{ROOT}", "+HEAD:refs/heads/main")
        if not theirs.exists():
            _git("clone", "--quiet", bare, theirs)

    def start(self, log: IO | None = None, *more: str) -> subprocess.Popen:
        """Starts the hub, with `more` options, and waits until it answers.

        Raises RuntimeError where it ends instead.
        """
        hub_port, proxy_port = self.inner_ports
        crashed = (self.state / "jupyterhub-proxy.pid").exists()  # its proxy goes on; the hub takes its place
        ports = (hub_port,) if crashed else (self.port, *self.inner_ports)
        if busy := [port for port in ports if _is_taken(port)]:
            raise RuntimeError(
                f"Port {busy[0]} is taken, perhaps by a hub that runs already: end it, or name another by "
                "--port."
            )
        options = [
            f"--config={ROOT / 'deploy/jupyterhub_config.py'}",
            f"--JupyterHub.bind_url={self.url}",
            f"--JupyterHub.hub_port={hub_port}",
            f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy_port}",
            *more,
        ]
        own = {"WORKSHOP_HUB": str(self.state), "WORKSHOP_LEARNERS": ",".join(self.learners)}
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", *options],
            cwd=self.state,
            env=os.environ | own,
            stdout=log,
            stderr=log,
        )
        while not _answers(f"{self.url}/hub/api/"):
            if process.poll() is not None:
                raise RuntimeError(f"The hub ended with status {process.returncode}.")
            time.sleep(0.2)
        return process


def free_ports(count: int) -> tuple[int, ...]:
    """Ports that nobody listens on now."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = tuple(probe.getsockname()[1] for probe in probes)
    for probe in probes:
        probe.close()
    return ports


def missing() -> str:
    """What must be installed before a hub can start, in one sentence; nothing where all is there."""
    if not (Path(sys.executable).parent / "jupyterhub-singleuser").exists():
        return "JupyterHub is not installed: run `make hub`, or `pip install -r deploy/requirements-hub.txt`."
    if not shutil.which("node"):
        return "JupyterHub's proxy needs node 20 or newer: install it (Debian: `apt-get install nodejs npm`)."
    if not PROXY.exists():
        return "JupyterHub's proxy is not installed: run `make hub`, or `npm ci --prefix deploy`."
    return ""


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200
    except OSError:
        return False


def _git(*arguments: object) -> None:
    subprocess.run(["git", *map(str, arguments)], check=True)


def main(arguments: list[str] | None = None) -> int:
    """Runs a hub until it is interrupted; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.hub", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", default="ada,ben", help="their names, with commas between")
    parser.add_argument("--port", type=int, default=8100, help="the two ports after it are used too")
    parser.add_argument("--state", type=Path, default=ROOT / ".hub", help="the folder to keep everything in")
    options = parser.parse_args(arguments)
    if reason := missing():
        print(reason, file=sys.stderr)
        return 2
    room = Classroom(
        options.state.resolve(),
        tuple(options.learners.split(",")),
        options.port,
        (options.port + 1, options.port + 2),
    )
    room.prepare()
    with (room.state / "hub.log").open("a") as log:
        try:
            process = room.start(log)
        except RuntimeError as error:
            print(f"{error} The log is {room.state / 'hub.log'}.", file=sys.stderr)
            return 1
        print(_welcome(room), flush=True)
        try:
            return process.wait()
        except KeyboardInterrupt:
            print("Ending the hub and all servers; what learners have stays in", room.state)
            return process.wait()


def _welcome(room: Classroom) -> str:
    link = (
        f"/hub/user-redirect/git-pull?repo={room.repository}&urlpath=lab/tree/{CLONE}/notebooks/00_start_here"
    )
    learners = " or ".join(room.learners)
    return f"""The hub is open at {room.url}
  learners:    {learners}, password {room.password(room.learners[0])}
  instructor:  {INSTRUCTOR}, password {room.password(INSTRUCTOR)}
  start link:  {room.url}{link}
The instructor's terminal: cd {CLONE}, then the commands of docs/instructor.md. One account runs all servers,
so this hub is for rehearsals. Ctrl-C ends it; its log is {room.state / "hub.log"}."""


if __name__ == "__main__":
    sys.exit(main())
