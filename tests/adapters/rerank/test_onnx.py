from __future__ import annotations

import pytest

from basicchat.adapters.rerank.onnx import OnnxReranker
from basicchat.core.errors import DependencyMissing


def test_absent_files_name_the_command_that_fetches_them(tmp_path):
    reranker = OnnxReranker(tmp_path / "some-model")
    with pytest.raises(DependencyMissing) as caught:
        reranker.score("question", ["passage"])
    assert "basicchat models pull some-model" in caught.value.hint


@pytest.mark.models
def test_a_score_does_not_depend_on_the_other_passages(model_file):
    folder = model_file("ms-marco-minilm-l12-v2-int8")
    passages = [f"Part {n} of the gearbox is oiled every {n} years. " * (1 + n % 5) for n in range(12)]
    together = OnnxReranker(folder, threads=2).score("How often is part 7 oiled?", passages)
    alone = [OnnxReranker(folder, threads=1).score("How often is part 7 oiled?", [each])[0] for each in passages[:3]]
    assert together[:3] == alone
