"""Can one trained layer on top of the reranker tell whether a passage answers a question? Measures it, writes nothing.

``python scripts/measure_answerable.py MODEL SQUAD2``: MODEL is the folder of ms-marco-minilm-l12-v2-int8, SQUAD2
that of the evaluation set. Runs in an environment of its own with torch, onnx, onnxruntime and tokenizers; some five
minutes of one core, most of it for the layers that stay as they are.

The hidden states of the reranker's eighth layer are the input, read from its graph as it is. The ninth layer, for the
first token alone, and a new head (1.9 million weights) are trained on the questions of every second article in
alphabetical order, and measured on those of the others, each with the passage it was written for. The second line is
the same layer given another passage of the same article: what it tells by the wording of a question alone.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from tokenizers import Tokenizer
from torch import nn

LAYER = 8  # the first that is trained, counted from 0
WIDTH, HEADS, INNER = 384, 12, 1536
EPSILON = 1e-12
MOST_TOKENS, MOST_CHARACTERS = 230, 1200
BATCH, EPOCHS, RATE, DROPOUT = 16, 2, 2e-4, 0.1
SEED = 7


@dataclass(frozen=True)
class Pair:
    """A question, the passage that it is read with, whether the passage answers it, and the article of both."""

    question: str
    passage: str
    answered: bool
    article: str


def pairs(folder: Path) -> tuple[list[Pair], list[Pair]]:
    """Those of the articles for fitting, and those of the others."""
    passages = {row["_id"]: row for row in _rows(folder / "passages.jsonl.gz")}
    fitting = sorted({row["title"] for row in passages.values()})[::2]
    found = []
    for row in _rows(folder / "questions.jsonl.gz"):
        passage = passages[row["passage_id"]]
        text = passage["text"][:MOST_CHARACTERS]
        found.append(Pair(row["question"], text, not row["is_impossible"], passage["title"]))
    return [pair for pair in found if pair.article in fitting], [pair for pair in found if pair.article not in fitting]


def elsewhere(own: list[Pair]) -> list[Pair]:
    """The same questions, each with another passage of its article."""
    chosen = random.Random(SEED)  # noqa: S311 - no secret
    passages: dict[str, list[str]] = {}
    for pair in own:
        passages.setdefault(pair.article, []).append(pair.passage)
    return [
        Pair(
            pair.question,
            chosen.choice([text for text in passages[pair.article] if text != pair.passage]),
            pair.answered,
            pair.article,
        )
        for pair in own
    ]


def _rows(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class Lower:
    """The layers below `LAYER`, as they are."""

    def __init__(self, model: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self._tokenizer.enable_truncation(MOST_TOKENS, strategy="longest_first")
        self._tokenizer.no_padding()
        names = ["input_ids", "attention_mask", "token_type_ids"]
        last = f"bert.encoder.layer.{LAYER - 1}.output.LayerNorm.bias"
        (node,) = [each for each in onnx.load(str(model / "model.onnx")).graph.node if last in each.input]
        with tempfile.TemporaryDirectory() as folder:
            file = str(Path(folder) / "lower.onnx")
            onnx.utils.extract_model(str(model / "model.onnx"), file, names, [node.output[0]])
            self._session = ort.InferenceSession(file)

    def read(self, read: list[Pair]) -> list[NDArray[np.float16]]:
        """Hidden states of each pair, (tokens, `WIDTH`)."""
        states = []
        for encoding in self._tokenizer.encode_batch([(pair.question, pair.passage) for pair in read]):
            given = {
                "input_ids": encoding.ids,
                "attention_mask": encoding.attention_mask,
                "token_type_ids": encoding.type_ids,
            }
            (hidden,) = self._session.run(None, {name: np.array([ids], np.int64) for name, ids in given.items()})
            states.append(hidden[0].astype(np.float16))
        return states


class Weights:
    """The weights of the reranker as numbers of 32 bits."""

    def __init__(self, model: Path) -> None:
        graph = onnx.load(str(model / "model.onnx")).graph
        self._known = {tensor.name: tensor for tensor in graph.initializer}
        self._products = {node.name: node.input[1] for node in graph.node if node.op_type == "MatMulInteger"}

    def vector(self, name: str) -> torch.Tensor:
        """A bias or the like."""
        return torch.from_numpy(numpy_helper.to_array(self._known[name]).astype(np.float32))

    def linear(self, name: str) -> nn.Linear:
        """A product and its bias, by what both are called in the layer."""
        quantized = self._products[f"/bert/encoder/layer.{LAYER}/{name.replace('.', '/')}/MatMul_quant"]
        stem = quantized.removesuffix("_quantized")
        whole = self.vector(quantized) - self.vector(f"{stem}_zero_point")
        made = nn.Linear(*whole.shape)
        made.weight.data = (whole * self.vector(f"{stem}_scale")).T.contiguous()
        made.bias.data = self.vector(f"bert.encoder.layer.{LAYER}.{name}.bias")
        return made

    def norm(self, name: str) -> nn.LayerNorm:
        """A normalisation of the layer."""
        made = nn.LayerNorm(WIDTH, eps=EPSILON)
        made.weight.data = self.vector(f"bert.encoder.layer.{LAYER}.{name}.weight")
        made.bias.data = self.vector(f"bert.encoder.layer.{LAYER}.{name}.bias")
        return made


class Answered(nn.Module):  # type: ignore[misc]
    """A logit that the passage answers the question, from hidden states: one layer for the first token, and a head."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.query, self.key, self.value = (weights.linear(f"attention.self.{x}") for x in ("query", "key", "value"))
        self.joined, self.normed = weights.linear("attention.output.dense"), weights.norm("attention.output.LayerNorm")
        self.wide, self.narrow = weights.linear("intermediate.dense"), weights.linear("output.dense")
        self.last = weights.norm("output.LayerNorm")
        self.head = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Dropout(DROPOUT), nn.Linear(WIDTH, 1))

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """From (pairs, tokens, `WIDTH`) and (pairs, 1, 1, tokens) to (pairs)."""
        first = states[:, :1]
        attended = nn.functional.scaled_dot_product_attention(
            _heads(self.query(first)), _heads(self.key(states)), _heads(self.value(states)), attn_mask=mask
        )
        joined = self.normed(first + self.joined(attended.transpose(1, 2).reshape(first.shape)))
        made = self.last(joined + self.narrow(nn.functional.gelu(self.wide(joined))))
        return self.head(made[:, 0]).squeeze(-1)


def _heads(states: torch.Tensor) -> torch.Tensor:
    return states.view(len(states), -1, HEADS, WIDTH // HEADS).transpose(1, 2)


def together(states: list[NDArray[np.float16]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Padded states and their mask."""
    longest = max(map(len, states))
    padded = torch.zeros(len(states), longest, WIDTH)
    mask = torch.zeros(len(states), 1, 1, longest, dtype=torch.bool)
    for row, each in enumerate(states):
        padded[row, : len(each)] = torch.from_numpy(each.astype(np.float32))
        mask[row, ..., : len(each)] = True
    return padded, mask


def train(network: Answered, states: list[NDArray[np.float16]], fitting: list[Pair]) -> None:
    """Binary cross-entropy; the rate rises over a tenth of the steps and falls in a line."""
    mixed = random.Random(SEED)  # noqa: S311 - no secret
    order = [place for _ in range(EPOCHS) for place in mixed.sample(range(len(fitting)), len(fitting))]
    steps = len(order) // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.01)
    rising = max(1, steps // 10)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / rising, max(0.05, (steps - step) / (steps - rising)))
    )
    network.train()
    for step in range(steps):
        chosen = order[step * BATCH : (step + 1) * BATCH]
        logits = network(*together([states[place] for place in chosen]))
        wanted = torch.tensor([float(fitting[place].answered) for place in chosen])
        loss = nn.functional.binary_cross_entropy_with_logits(logits, wanted)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        rate.step()


def told(network: Answered, states: list[NDArray[np.float16]]) -> NDArray[np.float64]:
    """A logit a pair."""
    network.eval()
    with torch.no_grad():
        found = [network(*together(states[at : at + BATCH])).numpy() for at in range(0, len(states), BATCH)]
    return np.concatenate(found).astype(np.float64)


def area(logits: NDArray[np.float64], answered: NDArray[np.bool_]) -> float:
    """The chance that an answered pair has the higher logit of two."""
    higher = logits[answered][:, None] - logits[~answered][None, :]
    return float((higher > 0).mean() + (higher == 0).mean() / 2)


def main(model: Path, squad2: Path) -> None:
    """Train, then print both areas, over all and by article."""
    torch.manual_seed(SEED)
    fitting, reporting = pairs(squad2)
    lower, network = Lower(model), Answered(Weights(model))
    train(network, lower.read(fitting), fitting)
    answered = np.array([pair.answered for pair in reporting])
    for name, some in (("with its passage", reporting), ("with another passage", elsewhere(reporting))):
        logits = told(network, lower.read(some))
        print(f"{name}: area {area(logits, answered):.3f}, {len(some)} questions")
        for article in sorted({pair.article for pair in some}):
            own = np.array([pair.article == article for pair in some])
            print(f"  {article}: {area(logits[own], answered[own]):.3f}, {own.sum()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
