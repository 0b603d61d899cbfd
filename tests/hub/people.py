"""A learner and an instructor at a hub, as a browser sees them: what they click, and what it shows them.

Each person has a host name of their own (ada.localhost, ben.localhost), so that one browser keeps all of them
logged in, each in a tab.
"""

from dataclasses import dataclass
from pathlib import Path

from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from deploy.hub import Classroom
from tests.browser import lab

PATIENCE, LONG = 900, 1800  # seconds for a notebook, a validation, a server that starts; for a command
MOVED = (ElementClickInterceptedException, StaleElementReferenceException)  # a dialog came or went: try again
APP = "return Boolean(window.jupyterapp)"
OPEN = """
const done = arguments[arguments.length - 1], app = window.jupyterapp;
app.restored.then(() => app.commands.execute('docmanager:open', {path: arguments[0]}))
   .then(() => done('done'), error => done(String(error)));
"""
COMMAND = """
const done = arguments[arguments.length - 1], app = window.jupyterapp;
app.restored.then(() => app.commands.execute(arguments[0], arguments[1]))
   .then(() => done('done'), error => done(String(error)));
"""
WRITE = f"""
for (const cell of {lab.PANEL}.content.model.cells) {{
  const text = arguments[0][cell.getMetadata('nbgrader')?.grade_id];
  if (text !== undefined) cell.sharedModel.setSource(text);
}}
"""
REPLACE = f"""
for (const cell of {lab.PANEL}.content.model.cells)
  cell.sharedModel.setSource(cell.sharedModel.getSource().replace(arguments[0], () => arguments[1]));
"""
TYPE = """
const done = arguments[arguments.length - 1], text = arguments[0], app = window.jupyterapp;
app.restored.then(() => app.commands.execute('terminal:create-new')).then(widget => {
  const terminal = widget.content;
  return terminal.ready.then(() => terminal.session.send({type: 'stdin', content: [text + '\\r']}));
}).then(() => done('done'), error => done(String(error)));
"""


@dataclass(frozen=True)
class Person:
    """Somebody at the hub, in a tab of `browser`."""

    name: str
    room: Classroom
    browser: WebDriver
    tab: str
    shots: Path

    def look(self) -> WebDriver:
        """The browser, with this person's tab in front."""
        self.browser.switch_to.window(self.tab)
        self.browser.switch_to.default_content()
        return self.browser

    def go(self, path: str) -> None:
        """Opens a page of the hub."""
        self.look().get(f"http://{self.name}.localhost:{self.room.port}{path}")

    def shoot(self, title: str) -> Path:
        """A screenshot, `<name>_<title>.png`."""
        file = self.shots / f"{len(list(self.shots.glob('*.png'))):02}_{self.name}_{title}.png"
        self.look().save_screenshot(str(file))
        return file

    def wait(self, condition, limit: float = PATIENCE):
        """What `condition(browser)` is once it is true."""
        waiting = WebDriverWait(self.look(), limit, poll_frequency=0.5, ignored_exceptions=MOVED)
        return waiting.until(condition)

    def log_in(self) -> None:
        """Logs in, and waits for JupyterLab."""
        self.go("/hub/login")
        for box, text in (("username_input", self.name), ("password_input", self.room.password(self.name))):
            self.browser.find_element(By.ID, box).send_keys(text)
        self.browser.find_element(By.ID, "login_submit").click()
        self.wait(lambda browser: browser.execute_script(APP))

    def lab(self) -> None:
        """Opens JupyterLab again, after another page."""
        self.go(f"/user/{self.name}/lab")
        self.wait(lambda browser: browser.execute_script(APP))

    def pull(self, path: str) -> None:
        """Follows the nbgitpuller link to the notebook at `path`, and waits for its kernel."""
        self.go(f"/hub/user-redirect/git-pull?repo={self.room.repository}&urlpath=lab/tree/{path}")
        self.wait(lambda browser: browser.execute_script(lab.READY))

    def command(self, name: str, **arguments) -> None:
        """Runs a command of JupyterLab, as its menu does."""
        assert self.look().execute_async_script(COMMAND, name, arguments) == "done"

    def open(self, path: str) -> None:
        """Opens a notebook and waits for its kernel."""
        assert self.look().execute_async_script(OPEN, path) == "done"
        self.wait(lambda browser: browser.execute_script(lab.READY))

    def write(self, texts: dict[str, str]) -> None:
        """Writes into cells, known by their grade_id."""
        self.look().execute_script(WRITE, texts)

    def replace(self, old: str, new: str) -> None:
        """Replaces `old`, wherever it stands in the open notebook."""
        self.look().execute_script(REPLACE, old, new)

    def start_running(self) -> None:
        """Runs all cells of the open notebook; returns at once."""
        self.look().execute_script(lab.RUN_ALL)

    def cells(self) -> list[dict]:
        """The open notebook's cells once all of them have run."""
        assert self.wait(lambda browser: browser.execute_script(lab.RAN)) == "done"
        self.wait(lambda browser: browser.execute_script(lab.READY))
        return self.browser.execute_script(lab.CELLS)

    def save(self) -> None:
        self.command("docmanager:save")

    def dismiss(self) -> None:
        """Closes what JupyterLab says while the hub does not answer: server unreachable, no such folder."""
        path = "//*[contains(@class, 'jp-Dialog')]//button[.='Dismiss' or .='Ok' or .='Close']"
        self.wait(lambda _: not [button.click() for button in self._seen(By.XPATH, path)[-1:]])

    def validate(self, title: str) -> str:
        """Presses Validate; returns what the dialog says."""
        self._click(By.CSS_SELECTOR, ".validate-button")
        dialog = self.wait(lambda browser: browser.find_elements(
            By.CSS_SELECTOR, ".nbgrader-SuccessDialog, .nbgrader-ErrorDialog"))[0]  # fmt: skip
        text = dialog.text
        self.shoot(title)
        self.dismiss()
        return text

    def assignments(self) -> None:
        """Opens the assignment list, fresh."""
        self.command("nbgrader:open-assignment-list")
        refresh = (By.ID, "refresh_assignments_list")
        self.wait(lambda browser: browser.find_elements(*refresh))
        self.browser.find_element(*refresh).click()

    def press(self, where: str, button: str) -> None:
        """Presses the button with text `button` in the list `where`: released, fetched or submitted."""
        path = (
            f"//*[@id='{where}_assignments_list']//*[self::button or self::a][normalize-space()='{button}']"
        )
        self._click(By.XPATH, path)

    def listed(self, where: str, count: int = 1) -> list[str]:
        """The lines of the list `where` once there are `count`."""
        rows = f"#{where}_assignments_list > .list_item"
        self.wait(lambda browser: len(browser.find_elements(By.CSS_SELECTOR, rows)) >= count)
        return [row.text for row in self.browser.find_elements(By.CSS_SELECTOR, rows)]

    def _click(self, by: str, selector: str) -> None:
        """Clicks the first such element that is seen; dialogs that come up over it are closed."""

        def clicked(_: WebDriver) -> bool:
            self.dismiss()
            found = self._seen(by, selector)
            for each in found[:1]:
                each.click()
            return bool(found)

        self.wait(clicked)

    def _seen(self, by: str, selector: str) -> list[WebElement]:
        """The elements that are not hidden behind another tab."""
        return [each for each in self.look().find_elements(by, selector) if each.is_displayed()]

    def terminal(self, line: str) -> str:
        """Types a command into a new terminal of their server, in the clone; returns its output.

        It must succeed.
        """
        home = self.room.home(self.name)
        output, status = home / "output.txt", home / "status.txt"
        status.unlink(missing_ok=True)
        typed = (
            f"cd ~/inference-scaling-workshop && {{ {line} ; }} > ~/output.txt 2>&1; echo $? > ~/status.txt"
        )
        assert self.look().execute_async_script(TYPE, typed) == "done"
        self.wait(lambda _: status.exists() and status.read_text(), LONG)
        assert status.read_text() == "0\n", output.read_text()
        return output.read_text()


def enter(name: str, room: Classroom, browser: WebDriver, shots: Path) -> Person:
    """A person who has logged in, in a tab of their own."""
    browser.switch_to.new_window("tab")
    browser.set_script_timeout(60)
    person = Person(name, room, browser, browser.current_window_handle, shots)
    person.log_in()
    return person
