"""Feedback shows the error's last line and nothing of the code that raised it."""

from nbformat.v4 import new_code_cell, new_output

from grading.feedback import ShortTracebacks


def test_traceback_is_cut_to_its_message():
    error = new_output(
        "error", ename="AssertionError", evalue="got 3", traceback=["----> assert secret(3) == 4"]
    )
    text = new_output("stream", name="stdout", text="kept")
    cell, _ = ShortTracebacks().preprocess_cell(new_code_cell("f()", outputs=[error, text]), {}, 0)
    assert cell.outputs[0].traceback == ["AssertionError: got 3"]
    assert cell.outputs[1].text == "kept"
