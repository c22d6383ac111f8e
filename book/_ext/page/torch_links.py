"""PyTorch の名前: ページで初めて出た所だけを、PyTorch の説明書へのリンクにする。

説明書の目録（objects.inv）は通信しないと読めないので、この本に出る名前だけを ``NAMES`` に並べる。
"""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

PAGE = "https://docs.pytorch.org/docs/stable/generated/{name}.html"
NAMES = {
    **{
        f"nn.{name}": f"torch.nn.{name}"
        for name in (
            *("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"),
            *("Module", "Linear", "Embedding", "Dropout", "LayerNorm"),
        )
    },
    "torch.nn.Embedding": "torch.nn.Embedding",
    "torch.optim.Adam": "torch.optim.Adam",
    "torch.compile": "torch.compile",
    "torch.manual_seed": "torch.manual_seed",
    "torch.multinomial": "torch.multinomial",
    "torch.sigmoid": "torch.sigmoid",
    "torch.tanh": "torch.tanh",
    "cumsum": "torch.cumsum",
    "logcumsumexp": "torch.logcumsumexp",
    "cross_entropy": "torch.nn.functional.cross_entropy",
    "binary_cross_entropy_with_logits": "torch.nn.functional.binary_cross_entropy_with_logits",
    "pack_padded_sequence": "torch.nn.utils.rnn.pack_padded_sequence",
}


class TorchLinks(SphinxPostTransform):
    """見出しとリンクの中の名前は、そのままにする。"""

    default_priority = 200  # 相互参照をリンクにした（10）あと
    formats = ("html",)

    def run(self, **kwargs):
        seen = set()
        for literal in list(self.document.findall(nodes.literal)):
            name = NAMES.get(literal.astext())
            if name is None or name in seen or not plain(literal):
                continue
            seen.add(name)
            link = nodes.reference("", "", literal.deepcopy(), refuri=PAGE.format(name=name))
            link["reftitle"] = f"PyTorch の説明書: {name}"
            literal.replace_self(link)


def plain(node):
    """node が、段落の中にあり、リンクの中にはないか。"""
    while not isinstance(node, nodes.paragraph):
        node = node.parent
        if node is None or isinstance(node, nodes.reference | nodes.title):
            return False
    return True


def setup(app):
    app.add_post_transform(TorchLinks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
