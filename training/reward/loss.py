"""What the reward models are trained to do, as losses on tensors.

Problems count alike, and what is known of a problem alone lowers neither the loss on pairs nor the even one.
"""

from __future__ import annotations

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from training.lm.pretrain import precision


def pair_loss(
    scores: torch.Tensor, problem: torch.Tensor, right: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """-log sigmoid(right - wrong) over the pairs of each problem (Bradley-Terry), and the share of pairs in
    order.

    scores, problem, right: [solutions]; every problem counts alike, whatever its number of pairs.
    """
    same = problem[:, None] == problem[None, :]
    pairs = (same & right[:, None] & ~right[None, :]).float()
    weight = pairs / (same.float() @ pairs.sum(1)).clamp(min=1)[:, None]
    margin = scores[:, None] - scores[None, :]
    total = weight.sum().clamp(min=1e-9)
    return (softplus(-margin) * weight).sum() / total, ((margin > 0) * weight).sum() / total


def even_loss(scores: torch.Tensor, problem: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Cross-entropy in which the right solutions of a problem weigh as much as its wrong ones.

    It fixes where zero lies, so that scores of different problems compare, and rewards no knowledge of the
    problem.
    """
    kind = (problem[:, None] == problem[None, :]) & (right[:, None] == right[None, :])
    weight = 1 / kind.sum(1)
    loss = binary_cross_entropy_with_logits(scores, right.float(), reduction="none")
    return (loss * weight).sum() / weight.sum()


def loss_of(
    scorer, trunk, batch: dict[str, torch.Tensor], even: float, by_line: float
) -> tuple[torch.Tensor, tuple[float, float, float]]:
    """The loss of one batch, with the weights of the even loss and of that on lines against that on pairs;
    and for the curve: pair loss, loss on lines, share of pairs in order.

    `scorer` has the heads `outcome` and `step`, `trunk` are its layers, compiled or not.
    """
    mask, ends, steps = batch["mask"], batch["ends"], batch["steps"]
    device = mask.device.type
    dtype = precision(device)
    bias = torch.zeros(mask.shape, dtype=dtype, device=device).masked_fill(~mask, -1e4)
    with torch.autocast(device, dtype=dtype, enabled=dtype != torch.float32):
        hidden = trunk(
            input_ids=batch["ids"], position_ids=batch["position"], attention_mask=bias, use_cache=False
        )[0]
    hidden = hidden.float()
    scores = scorer.outcome(hidden[ends[:, 0], ends[:, 1]])[:, 0]
    logits = scorer.step(hidden[steps[:, 0], steps[:, 1]])[:, 0]
    problem, right = ends[:, 0] * len(mask[0, 0]) + ends[:, 2], ends[:, 3].bool()
    pairs, in_order = pair_loss(scores, problem, right)
    lines = binary_cross_entropy_with_logits(logits, steps[:, 2].float())
    loss = pairs + even * even_loss(scores, problem, right) + by_line * lines
    return loss, (pairs.item(), lines.item(), in_order.item())
