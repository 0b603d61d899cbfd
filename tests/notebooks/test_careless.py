"""Every notebook runs to its end on a model that ignores every form, blames nobody for it, and names it."""

import pytest
from nbformat.v4 import new_code_cell

from tests.helpers.careless import Careless
from tests.helpers.faulty import FaultyEndpoint, reply
from tests.notebooks.reading import read
from tests.notebooks.whole import WITH_A_MODEL, complaints, execute

NAME = "stranger"
OPEN = """
import helpers.models
from tests.helpers.careless import Careless

helpers.models.load_model = lambda name=None, own=helpers.models.load_model: own(name) if name else Careless()
"""


def answered(handler) -> None:
    """What an endpoint would answer that serves such a model."""
    asked = handler.body
    options = {name: asked[name] for name in ("temperature", "max_tokens", "seed", "stop") if name in asked}
    [samples] = Careless().sample([asked["messages"]], asked.get("n", 1), **options)
    choices = [
        {
            "index": i,
            "message": {"role": "assistant", "content": sample.text},
            "finish_reason": sample.finish_reason,
            "logprobs": {"content": [{"logprob": value} for value in sample.token_logprobs]},
        }
        for i, sample in enumerate(samples)
    ]
    usage = {"prompt_tokens": samples[0].prompt_tokens, "completion_tokens": sum(s.tokens for s in samples)}
    reply({"object": "chat.completion", "choices": choices, "usage": usage})(handler)


@pytest.mark.slow
@pytest.mark.parametrize("path", WITH_A_MODEL, ids=lambda path: path.stem)
def test_a_careless_model_stops_no_notebook(path, tmp_path):
    notebook = read(path)
    notebook.cells.insert(0, new_code_cell(OPEN))
    with FaultyEndpoint(default=answered) as server:
        endpoint = {"ENDPOINT_BASE": server.url, "API_KEY": "none", "MODEL": NAME, "JUDGE_MODEL": NAME}
        environment = endpoint if path.stem.startswith("04") else {}
        shown = execute(notebook, path.parent, 900, XDG_CACHE_HOME=str(tmp_path), **environment)
    assert complaints(shown, NAME) == []
