"""折りたたんだ出力の見出し。

MyST-NB は、折りたたんだコードにも出力にも、同じ見出し（``nb_code_prompt_show``）を付ける。
本の見出しは「コードを見る」なので、出力のほうを「結果を見る」に取り替える。
"""

from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform

ON_OUTPUT = {"below-input", "above-output"}  # MyST-NB が、出力を包んだものに付ける class


class OutputPrompts(SphinxPostTransform):
    """出力を折りたたんだ所の見出しを取り替える。"""

    default_priority = 200  # 折りたたむのは 199（myst_nb.sphinx_.HideInputCells）
    formats = ("html",)

    def run(self, **kwargs):
        usual = self.config.nb_code_prompt_show  # セルに自分の見出しを書いた所は、そのまま
        for node in self.document.findall(HideCodeCellNode):
            if ON_OUTPUT & set(node["classes"]) and node["prompt_show"] == usual:
                node["prompt_show"], node["prompt_hide"] = "結果を見る", "結果を隠す"


def setup(app):
    app.add_post_transform(OutputPrompts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
