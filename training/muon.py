"""Muon for the matrices of a language model (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/).

`torch.optim.Muon` orthogonalises in bfloat16, which a processor without it emulates, many times slower than
float32. This one takes the type.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

QUINTIC = (3.4445, -4.7750, 2.0315)
MOMENTUM = 0.95


def orthogonal(matrix: torch.Tensor, dtype: torch.dtype, steps: int = 5) -> torch.Tensor:
    """The matrix with all its singular values brought near one (0.7 to 1.2), by Newton-Schulz steps."""
    a, b, c = QUINTIC
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.mT if tall else matrix).to(dtype)
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised; an update has the size of AdamW's at the same rate (Liu et al. 2025,
    arXiv 2502.16982).
    """

    def __init__(self, matrices: Iterable[torch.Tensor], lr: float, weight_decay: float, dtype: torch.dtype):
        super().__init__(matrices, {"lr": lr, "weight_decay": weight_decay})
        self.dtype = dtype

    @torch.no_grad()
    def step(self) -> None:
        """One update of every matrix that has a gradient."""
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is None:
                    continue
                state = self.state[matrix]
                momentum = state.setdefault("momentum_buffer", torch.zeros_like(matrix.grad))
                momentum.lerp_(matrix.grad, 1 - MOMENTUM)
                update = orthogonal(matrix.grad.lerp(momentum, MOMENTUM), self.dtype)
                matrix.mul_(1 - group["lr"] * group["weight_decay"])
                matrix.add_(update.to(matrix), alpha=-0.2 * group["lr"] * max(matrix.shape) ** 0.5)
