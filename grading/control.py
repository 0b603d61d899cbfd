"""Test cells that can only run in the learner's kernel: run them there, and check that checks still work.

A test that passes is believed only when an assertion that must fail does fail, when the test itself fails with
wrong answers in place of the learner's, and when the kernel's machinery, the packages and the names that the test
uses are as they were in the solution's kernel. Each doubt is noted as evidence. Knows nothing of points.
"""

import ast
import secrets
from typing import TYPE_CHECKING

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from grading.probe import changes
from grading.slicing import free_names

if TYPE_CHECKING:
    from grading.execute import SandboxExecute

SPOIL = "__grading_restore__ = __import__('grading.decoy', fromlist=['spoil']).spoil(globals(), {names!r})"
RESTORE = "assert not __grading_restore__(), 'equals anything'"


async def run_guarded(execute: "SandboxExecute", cell: NotebookNode, index: int) -> None:
    """Runs the test cell in the kernel; doubts go to `execute.evidence` under the cell's id."""
    test, learner = cell.metadata.nbgrader.grade_id, execute.names.get(cell.metadata.nbgrader.grade_id, [])
    doubts = execute.evidence.setdefault(test, [])
    used = sorted(free_names(cell.source) - set(learner))
    found, bindings = await _look(execute, used)
    doubts += changes(execute.baseline, found) if found else ["silent"]
    expected = execute.bindings.get(test, bindings)
    doubts += [f"name.{name}" for name in expected if bindings.get(name) != expected[name]]
    execute.bindings.setdefault(test, bindings)
    await execute.run_in_kernel(cell, index, store_history=False)
    errors = [output for output in cell.outputs if output.output_type == "error"]
    cell.outputs = errors or [output for output in cell.outputs if _belongs(output, cell.source)]
    if not errors:
        doubts += await _controls(execute, cell, index, learner)
    found, _ = await _look(execute, [])
    late = changes(execute.baseline, found) if found else ["silent"]
    doubts += [each for each in late if each not in doubts]


def _belongs(output: NotebookNode, source: str) -> bool:
    """Warnings are no failure, and only a test that ends in an expression has a result of its own."""
    if output.output_type == "execute_result":
        return isinstance(ast.parse(source).body[-1], ast.Expr)
    return output.get("name") != "stderr"


async def _controls(
    execute: "SandboxExecute", cell: NotebookNode, index: int, learner: list[str]
) -> list[str]:
    nonce = secrets.token_hex(8)
    failed = await _errors(execute, f"assert object() == {nonce!r}, {nonce!r}", index)
    doubts = [] if ("AssertionError", nonce) in failed else ["control.assertion"]
    if learner:
        await _errors(execute, SPOIL.format(names=learner), index)
        if not await _errors(execute, cell.source, index):
            doubts.append("control.wrong answers")
        for name, message in await _errors(execute, RESTORE, index):
            doubts.append("equality.a returned value" if message == "equals anything" else f"control.{name}")
    return doubts


async def _errors(execute: "SandboxExecute", source: str, index: int) -> list[tuple[str, str]]:
    """The errors of a cell that is not part of the notebook, as (name, message)."""
    kept, scratch = execute.nb.cells[index], new_code_cell(source)
    try:
        await execute.run_in_kernel(scratch, index, store_history=False)
    finally:
        execute.nb.cells[index] = kept
    return [(output.ename, output.evalue) for output in scratch.outputs if output.output_type == "error"]


async def _look(execute: "SandboxExecute", names: list[str]) -> tuple[dict, dict]:
    """The kernel's fingerprint and what the names stand for there."""
    found, bindings = await execute.kc.ask("probe"), await execute.kc.ask("bindings", names)
    return found if isinstance(found, dict) else {}, bindings if isinstance(bindings, dict) else {}
