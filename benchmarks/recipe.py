"""The plain recipe of LangChain for taking PDFs in, timed: what `benchmarks.ingest` is compared with.

Runs in an environment of its own, which needs torch, sentence-transformers, langchain-community, langchain-huggingface,
langchain-chroma, langchain-text-splitters, pypdf[crypto], onnx and onnxruntime. Two commands:

``python benchmarks/recipe.py ingest MODEL PDF...`` prints one JSON document with pages, passages and seconds.
``python benchmarks/recipe.py export MODEL FOLDER`` writes the same weights as ONNX, in whole and in 8-bit numbers.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path


def ingest(model: str, files: list[str]) -> dict[str, float]:
    """Load, split 1000/200, embed and store, exactly as the recipe says."""
    from langchain_chroma import Chroma
    from langchain_community.document_loaders import PyPDFLoader
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    embeddings = HuggingFaceEmbeddings(model_name=model, model_kwargs={"device": "cpu"})
    embeddings.embed_query("warm")
    started, busy = time.perf_counter(), time.process_time()
    pages = [page for file in files for page in PyPDFLoader(file).load()]
    read = time.perf_counter()
    chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(pages)
    split = time.perf_counter()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = Chroma(embedding_function=embeddings, persist_directory=folder)
        for first in range(0, len(chunks), 5_000):  # Chroma takes no more at once
            store.add_documents(chunks[first : first + 5_000])
    ended = time.perf_counter()
    return {
        "pages": len(pages),
        "passages": len(chunks),
        "seconds": ended - started,
        "read": read - started,
        "cut": split - read,
        "embed and write": ended - split,
        "processor": time.process_time() - busy,
    }


def export(model: str, folder: str) -> None:
    """Write ``model.onnx`` and ``tokenizer.json`` to FOLDER-fp32 and FOLDER-int8."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel

    class Encoder(torch.nn.Module):  # type: ignore[misc]
        """The network with its inputs by name: what comes after the mask has changed places between versions."""

        def __init__(self) -> None:
            super().__init__()
            self.network = AutoModel.from_pretrained(model, attn_implementation="eager").eval()

        def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
            given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
            hidden: torch.Tensor = self.network(**given).last_hidden_state
            return hidden

    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "texts", 1: "tokens"} for name in (*names, "last_hidden_state")}
    sample = torch.ones(2, 16, dtype=torch.long)
    whole, small = Path(f"{folder}-fp32"), Path(f"{folder}-int8")
    for each in (whole, small):
        each.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(model) / "tokenizer.json", each)
    target = str(whole / "model.onnx")
    given = (sample, sample, torch.zeros_like(sample))
    options = {"input_names": names, "output_names": ["last_hidden_state"], "dynamic_axes": axes, "opset_version": 14}
    torch.onnx.export(Encoder(), given, target, dynamo=False, **options)
    quantize_dynamic(target, str(small / "model.onnx"), weight_type=QuantType.QInt8, per_channel=True)


if __name__ == "__main__":
    command, model, *rest = sys.argv[1:]
    if command == "ingest":
        print(json.dumps(ingest(model, rest)))
    else:
        export(model, rest[0])
