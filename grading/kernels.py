"""A Jupyter kernel that is reached by sockets in a folder of its own.

Jupyter's kernels are reached by TCP ports, which are looked for and let go before the kernel opens them.
Where much starts at once another process takes one in between, and the kernel dies before its first reply.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager
from nbgrader.preprocessors import Execute
from traitlets import default


class LocalKernelManager(AsyncKernelManager):
    """On Windows, where zmq lacks such sockets, by TCP as ever."""

    @default("transport")
    def _local(self) -> str:
        return "tcp" if os.name == "nt" else "ipc"

    def _ip_default(self) -> str:
        if self.transport == "tcp":
            return super()._ip_default()
        return str(Path(tempfile.mkdtemp(prefix="kernel-")) / "socket")

    def cleanup_ipc_files(self) -> None:
        """The folder goes with the kernel."""
        super().cleanup_ipc_files()
        if self.transport == "ipc":
            shutil.rmtree(Path(self.ip).parent, ignore_errors=True)


class LocalExecute(Execute):
    """nbgrader's Execute with such a kernel. It has a setting for that, and overrules it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"kernel_manager_class": LocalKernelManager} | options)
