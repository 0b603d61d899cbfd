import torch

from helpers.engine.prompt_cache import BLOCK, PromptCache, WholePrompts

BYTES = 4 * BLOCK  # of a block, with one number a token


def past(tokens):
    """Numbers that tell positions and prompts apart, in the shape of keys and values."""
    return torch.tensor(tokens, dtype=torch.float32).cumsum(0).reshape(1, 1, 1, -1, 1)


def known(cache, tokens):
    """How many of `tokens` the cache knows, once their values are found to be right."""
    blocks, _ = cache.find(tokens)
    if blocks:
        found = torch.cat(blocks, -2)
        assert torch.equal(found, past(tokens)[..., : found.shape[-2], :])
    return len(blocks) * BLOCK


def test_a_prompt_is_known_as_far_as_it_begins_like_an_earlier_one():
    cache, whole = PromptCache(limit=2**20), tuple(range(40))
    cache.keep(whole, past(whole))
    for tokens, expected in (
        (whole, 32),  # no block is half full
        (whole[:20], 16),
        (whole[:15], 0),
        ((*whole, 7, 8, 9), 32),
        ((*whole[:20], *whole[:20]), 16),
        ((9, *whole[1:]), 0),
        ((*range(9), *whole[:31]), 0),
        ((*[5] * 16, *whole[16:]), 0),  # the tokens of a block, behind another beginning
        ((), 0),
    ):
        assert known(cache, tokens) == expected


def test_equal_beginnings_are_kept_once():
    cache = PromptCache(limit=2**20)
    for end in range(50):
        tokens = (*range(32), *[end] * 16)
        cache.keep(tokens, past(tokens))
    assert cache.held == BYTES * (2 + 50)


def test_what_was_used_longest_ago_makes_room_and_ends_go_before_beginnings():
    cache = PromptCache(limit=4 * BYTES)
    one, two, three = ((*[i] * 32,) for i in (1, 2, 3))
    cache.keep(one, past(one))
    cache.keep(two, past(two))
    cache.find(one)
    cache.keep(three[:16], past(three[:16]))
    assert [known(cache, tokens) for tokens in (two, one, three)] == [16, 32, 16]
    cache.keep(three, past(three))
    assert [known(cache, tokens) for tokens in (two, one, three)] == [0, 32, 32]
    assert cache.held == 4 * BYTES


def test_a_prompt_larger_than_the_cache_leaves_it_within_its_limit():
    cache, tokens = PromptCache(limit=2 * BYTES), tuple(range(100))
    cache.keep(tokens, past(tokens))
    assert cache.held == 2 * BYTES and known(cache, tokens) == 32


def test_the_missing_block_is_named_alike_for_prompts_that_share_it():
    cache, tokens = PromptCache(limit=2**20), tuple(range(16))
    cache.keep(tokens, past(tokens))
    one, other, third = (cache.find((*tokens, *more))[1] for more in ([1] * 16, [1] * 17, [3] * 16))
    assert one == other != third and one is not None
    assert cache.find(tokens)[1] is cache.find((*tokens, 1))[1] is None


def test_whole_prompts_are_read_once_and_the_oldest_make_room():
    read = []
    kept = WholePrompts(limit=3 * BYTES)

    def ask(*numbers):
        return [
            kept.get((number,) * BLOCK, lambda tokens: read.append(tokens[0]) or past(tokens))
            for number in numbers
        ]

    first, *_ = ask(1, 2, 3, 1, 1)
    assert read == [1, 2, 3] and torch.equal(first, past((1,) * BLOCK))
    ask(4, 1)
    assert read == [1, 2, 3, 4]
    ask(2)
    assert read == [1, 2, 3, 4, 2]


def test_a_prompt_larger_than_the_limit_is_kept_until_another_comes():
    kept, tokens = WholePrompts(limit=1), tuple(range(BLOCK))
    assert kept.get(tokens, past) is kept.get(tokens, past)
