"""Tests of the example: pytest examples/language_model"""

import dataclasses
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("prodigest.torch")

import attention
import plain
import tasks
import train
from log import read_log
from model import LanguageModel, Shape

TOKENS, BLOCK = 200, 32  # several blocks, the last one short


def heads(tokens=TOKENS, width=16, batch=2, seed=1):
    draw = torch.Generator().manual_seed(seed)
    return [torch.randn(batch, 2, tokens, width, generator=draw) for _ in "qkv"]


def assert_close(a, b):
    """To a ten-thousandth of the largest number."""
    assert (a - b).abs().max() <= 1e-4 * b.abs().max()


@pytest.mark.parametrize("shift", [False, True])
@pytest.mark.parametrize("variant", attention.VARIANTS)
def test_later_bytes_change_no_earlier_logits(variant, shift):
    model = LanguageModel(Shape(variant, layers=2, width=16, local_block=BLOCK, size=8, shift=shift))
    text = torch.randint(256, (1, TOKENS), generator=torch.Generator().manual_seed(1))
    changed = text.clone()
    changed[:, 100:] = 255 - changed[:, 100:]
    with torch.no_grad():
        before, after = model(text), model(changed)
    assert torch.equal(before[:, :100], after[:, :100])
    assert not torch.equal(before[:, 100], after[:, 100])


@pytest.mark.parametrize("variant", attention.VARIANTS)
def test_every_parameter_has_a_gradient(variant):
    model = LanguageModel(Shape(variant, layers=1, width=16, local_block=BLOCK, size=8))
    text = torch.randint(256, (1, TOKENS), generator=torch.Generator().manual_seed(1))
    model(text).logsumexp(-1).sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in model.parameters())


@pytest.mark.parametrize("tokens", [1, TOKENS, 1000])  # the longest is computed by way of states
@pytest.mark.parametrize("block", [0, BLOCK])
def test_the_library_agrees_with_the_definition(tokens, block):
    module = attention.Polysketch(heads=2, width=16, size=8, layer=0, seed=1, local_block=block, learned=True)
    inputs = [x.requires_grad_() for x in heads(tokens)]
    learned = inputs + list(module.parameters())
    out = module(*inputs)
    weigh = torch.randn(out.shape, generator=torch.Generator().manual_seed(2))
    expected = plain.polysketch_attention(*inputs, *module.matrices, local_block=block,
                                          remote_gain=module.gain() if block else None)
    assert_close(out, expected)
    # One token alone sees no other: its weight cancels but for epsilon, and so do the gradients.
    if tokens > 1:
        for a, b in zip(torch.autograd.grad((out * weigh).sum(), learned),
                        torch.autograd.grad((expected * weigh).sum(), learned)):
            assert_close(a, b)


def test_exact_degree_4_agrees_with_the_definition():
    q, k, v = heads()
    assert_close(attention.Polynomial()(q, k, v), plain.polynomial_attention(q, k, v))


def test_local_attention_is_exact_attention_without_what_is_outside_the_block():
    q, k, v = heads()
    assert_close(attention.Local(BLOCK)(q, k, v),
                 plain.polynomial_attention(q, k, v, local_block=BLOCK, remote_gain=torch.zeros(2)))


def test_performer_by_blocks_agrees_with_the_definition():
    q, k, v = heads()
    module = attention.Performer(2, 16, 32, 0, seed=1)
    assert_close(module(q, k, v), plain.performer_attention(q, k, v, module.features))


def test_performer_comes_near_softmax_of_normalized_vectors():
    q, k, v = heads(tokens=64, width=4)
    module = attention.Performer(2, 4, 2**16, 0, seed=1)
    exact = torch.nn.functional.scaled_dot_product_attention(plain.normalized(q), plain.normalized(k), v,
                                                             is_causal=True, scale=1)
    assert (module(q, k, v) - exact).norm() < 0.07 * exact.norm()


def test_the_sketches_of_layers_differ():
    q, k, v = heads()
    first, second = (attention.Polysketch(2, 16, 8, layer, seed=1)(q, k, v) for layer in (0, 1))
    assert not torch.allclose(first, second)


def test_variants_start_from_the_same_numbers():
    states = [LanguageModel(Shape(variant, layers=2)).state_dict() for variant in attention.VARIANTS]
    for state in states[1:]:
        assert all(torch.equal(state[name], x) for name, x in states[0].items())


def tiny(task, variant):
    return train.Run(task, variant, steps=6, batch=2, tokens=64, layers=1, local_block=16, size=8,
                     evaluate_every=2, evaluate_windows=2)


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "some.txt"
    path.write_bytes(bytes(range(32, 127)) * 40)
    return path


@pytest.mark.parametrize("task, variant", [("text", "polysketch-learned-local"), ("recall", "softmax")])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path, text, monkeypatch, task, variant):
    monkeypatch.setattr(train, "LOG_EVERY", 1)
    run, data = tiny(task, variant), tasks.make(task, text, 64)

    def lines(out):
        return [json.dumps(line | {"seconds": 0}) for line in read_log(run.folder(out) / "log.jsonl")]

    train.Training(run, data, tmp_path / "whole").go_on()
    stopped = train.Training(run, data, tmp_path / "stopped")
    stopped.go_on(until=3)
    stopped.save()
    stopped.go_on(until=5)  # lost: no checkpoint of it
    assert not train.is_finished(run, tmp_path / "stopped")
    train.Training(run, data, tmp_path / "stopped").go_on()
    assert lines(tmp_path / "stopped") == lines(tmp_path / "whole")
    assert train.is_finished(run, tmp_path / "stopped")


def test_a_checkpoint_of_another_run_is_refused(tmp_path, text):
    run, data = tiny("text", "softmax"), tasks.make("text", text, 64)
    train.Training(run, data, tmp_path).save()
    with pytest.raises(SystemExit, match="another run"):
        train.Training(dataclasses.replace(run, steps=7), data, tmp_path)


def test_text_is_read_from_the_train_part_and_judged_on_the_rest(text):
    task = tasks.make("text", text, 64)
    assert bytes(task.train) + bytes(task.valid) == text.read_bytes()
    x, y = task.batch(1, 0, 3)
    assert x.shape == y.shape == (3, 64)
    assert torch.equal(x[:, 1:], y[:, :-1])
    assert torch.equal(x, task.batch(1, 0, 3)[0])
    assert not torch.equal(x, task.batch(1, 1, 3)[0])
    assert not torch.equal(x, task.batch(2, 0, 3)[0])


def test_what_is_asked_in_recall_is_told_once_before_and_by_nothing_else():
    task = tasks.Recall(256)
    x, y, distance = task.sequences(np.random.default_rng(1), 20)
    asked = 0
    for tokens, targets, far in zip(x.tolist(), y.tolist(), distance.tolist()):
        for i, target in enumerate(targets):
            if target == tasks.IGNORED:
                assert far[i] == 0
                continue
            asked += 1
            earlier = [j for j in range(i) if tokens[j] == tokens[i]]
            assert earlier == [i - far[i]]
            assert tokens[earlier[0] + 1] == target == tokens[i + 1]
    assert asked >= 20 * 20


def test_keys_of_recall_have_other_values_in_other_sequences():
    task = tasks.Recall(256)
    x, y = task.batch(1, 0, 50)
    values = {}
    for key, value in zip(x[y != tasks.IGNORED].tolist(), y[y != tasks.IGNORED].tolist()):
        values.setdefault(key, set()).add(value)
    assert all(len(of) > 5 for of in values.values())
