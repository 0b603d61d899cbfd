"""Drawing the next token: greedy, temperature and top-p for each row, from random numbers that need no state.

The number behind a token depends on (seed, prompt, sample, position) alone; a token that another rounding of
the scores could turn is reported as doubtful.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

SHARED = 2**16  # scores of all rows together from which on threads share the rows
ROUNDING = 1e-5  # what rounding may do to a probability in float32; the course model shows 10 times less


def row_key(seed: int, prompt: Sequence[int], index: int) -> int:
    """64 bits that name one sample of one prompt under one seed."""
    name = f"{seed} {index} {' '.join(map(str, prompt))}"
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def uniform(keys, position: int):
    """Uniform numbers in [0, 1) with 23 bits, float32 [rows], for uint64 `keys` [rows] at one position.

    SplitMix64 as a counter-based generator (Steele, Lea and Flood 2014; Salmon et al. 2011 for the idea).
    """
    import numpy as np

    x = keys + np.uint64((position + 1) * 0x9E3779B97F4A7C15 % 2**64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(41)).astype(np.float32) / np.float32(2**23)


def draw(logits, temperature, top_p, draws):
    """One token for each row of `logits` [rows, vocabulary], by inverse transform sampling; greedy at
    temperature 0.

    `temperature`, `top_p`, `draws`: numpy [rows]. Returns numpy [rows] each: token, its log-probability under
    the model (temperature 1, top_p 1), and whether rounding could have turned the token. Half-precision
    logits are never reported as doubtful: their rounding is too coarse for it.
    """
    import numpy as np
    import torch

    exact = logits.dtype in (torch.float32, torch.float64)
    logits = logits.float()
    scale = np.where(temperature == 0, 1, temperature).astype(np.float32)
    rounding = np.float32(ROUNDING if exact else 0) / np.minimum(scale, 1)
    if logits.device.type == "cpu" and (top_p == 1).all():
        return _draw_compiled(logits.contiguous().numpy(), temperature, draws, rounding)
    return _draw_by_torch(logits, temperature, top_p, draws, rounding)


def _draw_compiled(logits, temperature, draws, rounding):
    import numpy as np

    from helpers.engine import compiled
    from helpers.engine.threads import share, spans

    rows = len(logits)
    found = np.empty(rows, np.int64), np.empty(rows, np.float32), np.empty(rows, bool)
    arrays = logits, temperature, draws, rounding, *found
    parts = [(0, rows)] if logits.size < SHARED else spans(rows, rows)
    share(lambda first, last: compiled.draw(*(x[first:last] for x in arrays)), parts)
    return found


def _draw_by_torch(logits, temperature, top_p, draws, rounding):
    import numpy as np
    import torch

    greedy = temperature == 0
    scale = np.where(greedy, 1, temperature).astype(np.float32)
    greedy, scale, top_p, draws, rounding = (
        torch.from_numpy(x[:, None]).to(logits.device) for x in (greedy, scale, top_p, draws, rounding)
    )
    highest = logits.amax(-1, keepdim=True)
    shifted = logits - highest
    weights = shifted.exp()  # probabilities, but for a factor
    total = weights.sum(-1, keepdim=True)
    if greedy.all():
        token, doubtful = _best(logits, rounding)
    else:
        if (scale != 1).any():
            weights = shifted.div_(scale).exp_()
        token, doubtful = _drawn(weights, top_p, draws, rounding)
        if greedy.any():
            best, close = _best(logits, rounding)
            token, doubtful = torch.where(greedy, best, token), torch.where(greedy, close, doubtful)
    log_prob = logits.gather(1, token).sub_(highest).sub_(total.log_())
    return tuple(x[:, 0].cpu().numpy() for x in (token, log_prob, doubtful))


def _best(logits, rounding):
    """Tokens [rows, 1], and which of them rounding could turn."""
    two = logits.topk(2, -1).values
    return logits.argmax(-1, keepdim=True), two[:, :1] - two[:, 1:] < 10 * rounding


def _drawn(weights, top_p, draws, rounding):
    """Tokens [rows, 1] drawn by their weights, and which of them rounding could turn."""
    import torch

    doubtful = None
    if (top_p < 1).any():
        rows = (top_p < 1)[:, 0].nonzero()[:, 0]
        weights = weights / weights.sum(-1, keepdim=True)
        doubtful = torch.zeros_like(top_p, dtype=torch.bool)
        weights[rows], doubtful[rows, 0] = _nucleus(weights[rows], top_p[rows], rounding[rows, 0])
    sums = weights.cumsum(-1)
    total = sums[:, -1:]
    target = draws * total
    token = torch.searchsorted(sums, target, right=True).clamp_(max=weights.shape[1] - 1)
    above = sums.gather(1, token)
    below = above - weights.gather(1, token)
    edge = torch.minimum(above - target, target - below)
    close = (edge < rounding * total) & (rounding > 0)
    return token, close if doubtful is None else close | doubtful


def _nucleus(probs, limit, rounding):
    """`probs` outside the smallest set of mass `limit` set to 0 (Holtzman et al. 2020), and which rows are
    doubtful.
    """
    import torch

    count = min(64, probs.shape[1])
    while True:
        top, at = probs.topk(count, -1)
        before = top.cumsum(-1) - top
        if count == probs.shape[1] or (before[:, -1:] >= limit).all():
            break
        count = min(8 * count, probs.shape[1])
    kept = before < limit
    last, rest = top.masked_fill(~kept, 2).amin(-1), top.masked_fill(kept, 0).amax(-1)
    on_the_edge = (((before - limit).abs() < rounding[:, None]) & (top > rounding[:, None])).any(-1)
    doubtful = on_the_edge | ((last > rounding) & (last - rest < 10 * rounding * last))
    return torch.zeros_like(probs).scatter_(1, at, top * kept), doubtful
