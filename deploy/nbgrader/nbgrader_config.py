"""nbgrader's settings for everybody on the hub: the course's own, the exchange, and who hands in.

The hub puts this folder on JUPYTER_CONFIG_PATH. A hub whose learners are accounts of the system, or
containers with the user `jovyan`, needs no NBGRADER_STUDENT: nbgrader knows their names by itself.
"""

import os
from pathlib import Path

c = get_config()
load_subconfig(str(Path(__file__).parents[2] / "nbgrader_config.py"))

clone = Path.home() / "inference-scaling-workshop"
if clone.is_dir():
    c.CourseDirectory.root = str(clone)
c.Exchange.root = os.environ["NBGRADER_EXCHANGE"]
if "NBGRADER_STUDENT" in os.environ:
    c.CourseDirectory.student_id = os.environ["NBGRADER_STUDENT"] or "*"
    c.ExchangeCollect.check_owner = False  # everything belongs to the one account
