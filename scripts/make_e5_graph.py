"""Write the graph of multilingual-e5-small without its weights: basicchat/adapters/embed/e5.onnx.

    python scripts/make_e5_graph.py      needs the package onnx, which BasicChat itself does not

The weights are of four bits in blocks of 32, as `MatMulNBits` of ONNX Runtime reads them, and are handed to the session
when it is opened (`basicchat.adapters.embed.e5`). Words and positions are looked up outside the graph.
"""

from __future__ import annotations

import math
from pathlib import Path

import onnx
from onnx import TensorProto, helper

WIDTH, LAYERS, HEADS, INNER, BLOCK = 384, 12, 12, 1536, 32
EPSILON = 1e-12
COMPUTE_INT8 = 4
"""The accuracy level of `MatMulNBits` that multiplies whole numbers."""
FILE = Path(__file__).resolve().parents[1] / "basicchat" / "adapters" / "embed" / "e5.onnx"


class Graph:
    """Nodes and weights as they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, kind: int, *shape: int) -> str:
        """A tensor that comes from elsewhere."""
        tensor = TensorProto(name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="elsewhere")
        self.weights.append(tensor)
        return name

    def constant(self, name: str, kind: int, values: list[float], *shape: int) -> str:
        """A tensor that stands in the graph."""
        self.weights.append(helper.make_tensor(name, kind, shape, values))
        return name

    def node(self, kind: str, inputs: list[str], name: str, *, domain: str = "", **attributes: object) -> str:
        """A node with one output that is called as the node is."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def product(self, given: str, name: str, rows: int, columns: int) -> str:
        """``given`` times a matrix of weights, and the bias added."""
        blocks = columns // BLOCK
        packed = self.weight(f"{name}.w", TensorProto.UINT8, rows, blocks, BLOCK // 2)
        scales = self.weight(f"{name}.scale", TensorProto.FLOAT, rows * blocks)
        attributes = {"K": columns, "N": rows, "bits": 4, "block_size": BLOCK, "accuracy_level": COMPUTE_INT8}
        times = self.node("MatMulNBits", [given, packed, scales], f"{name}.times", domain="com.microsoft", **attributes)
        return self.node("Add", [times, self.weight(f"{name}.b", TensorProto.FLOAT, rows)], f"{name}.plus")

    def norm(self, given: str, name: str) -> str:
        """Layer normalisation."""
        tensors = [self.weight(f"{name}.{part}", TensorProto.FLOAT, WIDTH) for part in "wb"]
        return self.node("LayerNormalization", [given, *tensors], f"{name}.out", axis=-1, epsilon=EPSILON)

    def heads(self, given: str, name: str, order: list[int]) -> str:
        """The vectors of each head."""
        apart = self.node("Reshape", [given, "apart"], f"{name}.apart")
        return self.node("Transpose", [apart], f"{name}.heads", perm=order)

    def layer(self, given: str, name: str) -> str:
        """Attention and the inner layer, each added to what came in."""
        query, key, value = (self.product(given, f"{name}.{part}", WIDTH, WIDTH) for part in "qkv")
        near = self.node(
            "MatMul",
            [self.heads(query, f"{name}.q", [0, 2, 1, 3]), self.heads(key, f"{name}.k", [0, 2, 3, 1])],
            f"{name}.near",
        )
        shares = self.node("Softmax", [self.node("Mul", [near, "root"], f"{name}.scaled")], f"{name}.shares", axis=-1)
        mixed = self.node("MatMul", [shares, self.heads(value, f"{name}.v", [0, 2, 1, 3])], f"{name}.mixed")
        back = self.node("Transpose", [mixed], f"{name}.back", perm=[0, 2, 1, 3])
        joined = self.node("Reshape", [back, "joined"], f"{name}.joined")
        attended = self.product(joined, f"{name}.ao", WIDTH, WIDTH)
        middle = self.norm(self.node("Add", [given, attended], f"{name}.sum"), f"{name}.aln")
        inner = self.product(middle, f"{name}.fi", INNER, WIDTH)
        lit = self.node("Gelu", [inner], f"{name}.gelu", domain="com.microsoft")
        outer = self.product(lit, f"{name}.fo", WIDTH, INNER)
        return self.norm(self.node("Add", [middle, outer], f"{name}.end"), f"{name}.oln")


def model() -> onnx.ModelProto:
    """The whole graph: from the sum of word, position and type to the vector of every token."""
    graph = Graph()
    graph.constant("apart", TensorProto.INT64, [0, 0, HEADS, WIDTH // HEADS], 4)
    graph.constant("joined", TensorProto.INT64, [0, 0, WIDTH], 3)
    graph.constant("root", TensorProto.FLOAT, [1 / math.sqrt(WIDTH // HEADS)])
    state = graph.norm("tokens", "emb.ln")
    for number in range(LAYERS):
        state = graph.layer(state, f"l{number}")
    graph.node("Identity", [state], "vectors")
    sizes = [1, "count", WIDTH]
    made = helper.make_graph(
        graph.nodes,
        "multilingual-e5-small",
        [helper.make_tensor_value_info("tokens", TensorProto.FLOAT, sizes)],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, sizes)],
        graph.weights,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=8, producer_name="basicchat")


if __name__ == "__main__":
    FILE.write_bytes(model().SerializeToString(deterministic=True))
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")
