"""JupyterLab in a headless Chromium, for tests that do what a learner does.

Needs `chromium` and `chromedriver` on the path (Debian: `apt-get install chromium chromium-driver`).
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --window-size=1280,1400"
)
START_LIMIT, RUN_LIMIT = 120, 900  # seconds
PANEL = "window.jupyterapp.shell.currentWidget"
READY = f"""
const app = window.jupyterapp, panel = app && {PANEL};
if (!panel || !panel.sessionContext || !panel.content.model) return false;
const status = panel.sessionContext.session?.kernel?.status;
panel.content.notebookConfig = {{...panel.content.notebookConfig, windowingMode: 'none'}};
return status === 'idle';
"""
RUN_ALL = """
window.ran = null;
window.jupyterapp.commands.execute('notebook:run-all-cells')
    .then(() => window.ran = 'done', e => window.ran = String(e));
"""
RAN = "return window.ran"
CELLS = f"return {PANEL}.content.model.toJSON().cells"
HEIGHT = f"return {PANEL}.content.outerNode.scrollHeight"
SCROLL = f"{PANEL}.content.outerNode.scrollTop = arguments[0]; return {PANEL}.content.outerNode.clientHeight"


@contextmanager
def jupyterlab(root: Path, scratch: Path, python: str | Path = sys.executable) -> Iterator[str]:
    """A JupyterLab server of `python` on `root`; yields the address, with {} for a notebook's path.

    Settings and workspaces of the user are not touched; those of the test go to `scratch`.
    """
    news = scratch / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    own = {
        "JUPYTERLAB_SETTINGS_DIR": scratch / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": scratch / "workspaces",
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    options = [f"--ServerApp.root_dir={root}", f"--port={port}", f"--IdentityProvider.token={token}"]
    options += [
        "--no-browser",
        "--allow-root",
        "--ServerApp.port_retries=0",
        "--LabApp.expose_app_in_browser=True",
    ]
    with (scratch / "server.log").open("w") as log:
        server = subprocess.Popen(
            [python, "-m", "jupyterlab", *options],
            cwd=scratch,
            env=os.environ | {name: str(path) for name, path in own.items()},
            stdout=log,
            stderr=log,
        )
        try:
            yield f"http://127.0.0.1:{port}/lab/tree/{{}}?reset&token={token}"
        finally:
            server.terminate()
            server.wait()


@contextmanager
def chromium(scratch: Path) -> Iterator[WebDriver]:
    """A headless browser with a profile of its own. Raises RuntimeError where none is installed."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        raise RuntimeError(
            "install a browser and its driver (Debian: apt-get install chromium chromium-driver)"
        )
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in [*FLAGS.split(), f"--user-data-dir={scratch / 'profile'}"]:
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield browser
    finally:
        browser.quit()


def run_notebook(browser: WebDriver, address: str) -> list[dict]:
    """Opens the notebook at `address`, runs all cells, waits for the kernel; returns the cells with their
    outputs.
    """
    WebDriverWait(browser, START_LIMIT).until(lambda _: _opens(browser, address))
    WebDriverWait(browser, START_LIMIT).until(lambda _: browser.execute_script(READY))
    browser.execute_script(RUN_ALL)
    outcome = WebDriverWait(browser, RUN_LIMIT, poll_frequency=2).until(lambda _: browser.execute_script(RAN))
    assert outcome == "done", outcome
    WebDriverWait(browser, RUN_LIMIT).until(lambda _: browser.execute_script(READY))
    return browser.execute_script(CELLS)


def photograph(browser: WebDriver, folder: Path) -> list[Path]:
    """Screenshots of the open notebook from top to bottom, one a screen, as `folder/00.png`, `folder/01.png`,
    …
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    height, top, shots = browser.execute_script(HEIGHT), 0, []
    while top < height:
        step = browser.execute_script(SCROLL, top)
        shots.append(folder / f"{len(shots):02}.png")
        browser.save_screenshot(str(shots[-1]))
        top += step
    return shots


def _opens(browser: WebDriver, address: str) -> bool:
    """Whether the page loads; false while the server is still starting."""
    try:
        browser.get(address)
    except Exception:
        return False
    return bool(browser.execute_script("return Boolean(window.jupyterapp)"))
