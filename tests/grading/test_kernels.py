"""A kernel of our own starts wherever it is asked for, and leaves nothing behind."""

import os
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from nbgrader.validator import Validator

from config import ROOT
from grading.course import settings
from grading.kernels import LocalExecute, LocalKernelManager
from grading.skip import ExecuteNeeded

pytestmark = pytest.mark.skipif(os.name == "nt", reason="TCP on Windows")


def test_kernels_side_by_side_in_one_folder_take_no_port(tmp_path):
    clients = []
    for i in range(2):
        client = NotebookClient(
            new_notebook(cells=[new_code_cell(f"print({i})")]),
            kernel_name="python3",
            kernel_manager_class=LocalKernelManager,
            resources={"metadata": {"path": str(tmp_path)}},
        )
        client.create_kernel_manager()
        client.start_new_kernel()
        clients.append(client)
    folders = [Path(client.km.ip).parent for client in clients]
    assert all(client.km.transport == "ipc" for client in clients) and len(set(folders)) == 2
    for i, client in enumerate(clients):
        client.start_new_kernel_client()
        with client.setup_kernel(cleanup_kc=True):
            client.execute_cell(client.nb.cells[0], 0)
        assert client.nb.cells[0].outputs[0].text == f"{i}\n"
    assert not any(folder.exists() for folder in folders) and not any(tmp_path.iterdir())


def test_nbgrader_starts_them_when_it_grades_and_validates():
    config = settings(ROOT)
    ours = config.Autograde.autograde_preprocessors
    nbgraders = Autograde(coursedir=CourseDirectory()).autograde_preprocessors
    assert [Execute if step is LocalExecute else step for step in ours] == nbgraders
    for step in (LocalExecute, ExecuteNeeded):
        assert step in (*ours, *Validator.preprocessors)
        assert step(config=config).kernel_manager_class is LocalKernelManager
