import torch

from training import checkpoint


def made(seed):
    torch.manual_seed(seed)
    model = torch.nn.Linear(2, 1)
    return model, [torch.optim.AdamW(model.parameters(), lr=0.1)]


def step(model, optimizers):
    model(torch.ones(1, 2)).sum().backward()
    for opt in optimizers:
        opt.step()
        opt.zero_grad()


def test_a_run_that_goes_on_ends_where_one_without_a_break_does(tmp_path):
    whole, optimizers = made(0)
    step(whole, optimizers)
    checkpoint.save(tmp_path / "c.pt", whole, optimizers, 1, 2.5, "mine")
    step(whole, optimizers)
    resumed, optimizers = made(1)
    assert checkpoint.resume(tmp_path / "c.pt", resumed, optimizers, "mine") == (1, 2.5)
    step(resumed, optimizers)
    assert torch.equal(resumed.weight, whole.weight)
    assert [path.name for path in tmp_path.iterdir()] == ["c.pt"]


def test_what_is_not_there_or_of_another_run_is_not_loaded(tmp_path):
    model, optimizers = made(0)
    before = model.weight.clone()
    assert checkpoint.resume(tmp_path / "c.pt", model, optimizers) == (0, 0.0)
    other, others = made(1)
    checkpoint.save(tmp_path / "c.pt", other, others, 3, 1.0, "theirs")
    assert checkpoint.resume(tmp_path / "c.pt", model, optimizers, "mine") == (0, 0.0)
    assert torch.equal(model.weight, before)
