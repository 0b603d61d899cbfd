"""JupyterHub's settings for a rehearsal on one machine; `python -m deploy.hub` starts it and names its
folder.

Every learner gets a server in a folder of their own, all under **one** account: nothing keeps two learners
from reading each other's files, so this hub is for rehearsals, on 127.0.0.1. docs/hub.md says what a class
needs.
"""

import os
import sys
from pathlib import Path

c = get_config()
course = Path(__file__).resolve().parents[1]
programs = Path(sys.executable).parent
state = Path(os.environ["WORKSHOP_HUB"])
instructor = "instructor"

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = (state / "learner-password").read_text().strip()
c.SharedPasswordAuthenticator.admin_password = (state / "instructor-password").read_text().strip()
c.Authenticator.allowed_users = set(os.environ["WORKSHOP_LEARNERS"].split(","))
c.Authenticator.admin_users = {instructor}

c.JupyterHub.cookie_secret_file = str(state / "cookie-secret")
c.JupyterHub.db_url = f"sqlite:///{state}/jupyterhub.sqlite"
c.ConfigurableHTTPProxy.command = [str(course / "deploy/node_modules/.bin/configurable-http-proxy")]

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{state}/homes/{{username}}"
c.Spawner.cmd = [
    str(programs / "jupyterhub-singleuser"),
    "--allow-root",
    # A terminal's login shell would set PATH anew and lose the course's Python.
    "--ServerApp.terminado_settings={'shell_command': ['/bin/bash']}",
]
c.Spawner.default_url = "/lab"
c.Spawner.http_timeout = c.Spawner.start_timeout = 120
c.Spawner.env_keep = ["LANG", "API_KEY", "ENDPOINT_BASE", "MODEL", "JUDGE_MODEL", "OMP_NUM_THREADS"]
c.Spawner.environment = {
    "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
    # A learner's own clone, with its .env, goes before the course that the hub has installed.
    "PYTHONPATH": lambda spawner: f"{spawner.home_dir}/inference-scaling-workshop",
    "JUPYTER_CONFIG_PATH": f"{course}/deploy/nbgrader{os.pathsep}{course}/deploy/lab",
    "NBGRADER_EXCHANGE": str(state / "exchange"),
    "NBGRADER_STUDENT": lambda spawner: "" if spawner.user.name == instructor else spawner.user.name,
}
