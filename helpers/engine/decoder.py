"""A transformers model as the decode loop uses it: prompts in, then one token a step for every row of a batch."""

from __future__ import annotations

from helpers.engine import attention


class Decoder:
    """Made once for a model, since taking over its attention costs a forward pass.

    Raises `attention.UnsupportedModel` for a model whose past is more than keys and values.
    """

    def __init__(self, model):
        import torch

        self.model, self.device = model, model.device
        self.token_bytes = attention.install(model)  # of the keys and values of one token
        self.vocabulary = model.config.get_text_config().vocab_size
        self._no_mask = torch.zeros(1, 1, 1, 1, device=self.device)  # makes transformers build none

    def read(self, ids, attend) -> None:
        """Read prompts, numpy [prompts, length], padded to the right; `attend` keeps their keys and values."""
        import numpy as np

        positions = np.broadcast_to(np.arange(ids.shape[1]), ids.shape).copy()
        self._forward(self.model.base_model, ids, positions, attend)

    def step(self, token, position, attend):
        """Logits [rows, vocabulary] after one more token of every row, numpy [rows] each."""
        return self._forward(self.model, token[:, None], position[:, None], attend).logits[:, -1]

    def alone(self, ids: list[int]):
        """Logits [1, vocabulary] after the token ids of one row, computed without any other row."""
        import torch

        return self.model(input_ids=torch.tensor([ids], device=self.device), use_cache=False).logits[:, -1]

    def _forward(self, model, ids, positions, attend):
        import torch

        ids, positions = (torch.as_tensor(x, device=self.device) for x in (ids, positions))
        return model(
            input_ids=ids,
            position_ids=positions,
            attention_mask=self._no_mask,
            use_cache=False,
            attend=attend,
        )
