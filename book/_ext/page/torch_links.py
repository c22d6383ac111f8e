"""PyTorch の名前: ページで初めて出た所だけを、PyTorch の説明書へのリンクにする。

説明書の目録（objects.inv）は通信しないと読めない。``MODULES`` の関数とクラスは、同じ名前のページを
1 つずつ持つので、目録がなくても場所がわかる。ほかの場所にあるものは ``PLACES`` に、
``torch.`` も ``nn.`` も付けずに書くものは ``SHORT`` に並べる。
"""

import re
from pkgutil import resolve_name

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

DOCS = "https://docs.pytorch.org/docs/stable/"
MODULES = (
    *("torch", "torch.linalg", "torch.optim", "torch.optim.lr_scheduler"),
    *("torch.nn", "torch.nn.functional", "torch.nn.utils", "torch.nn.utils.rnn"),
)
PLACES = {
    "torch.Tensor": "tensors.html#torch.Tensor",
    "torch.autograd.Function": "autograd.html#torch.autograd.Function",
    "torch.device": "tensor_attributes.html#torch.device",
    "torch.inference_mode": "generated/torch.autograd.grad_mode.inference_mode.html",
    "torch.nn": "nn.html",
    "torch.nn.Parameter": "generated/torch.nn.parameter.Parameter.html",
    "torch.onnx.export": "onnx_export.html#torch.onnx.export",
    "torch.set_grad_enabled": "generated/torch.autograd.grad_mode.set_grad_enabled.html",
    "torch.utils.data.DataLoader": "data.html#torch.utils.data.DataLoader",
    "torch.utils.data.Dataset": "data.html#torch.utils.data.Dataset",
}
SHORT = {
    "DataLoader": "torch.utils.data.DataLoader",
    "binary_cross_entropy_with_logits": "torch.nn.functional.binary_cross_entropy_with_logits",
    "cross_entropy": "torch.nn.functional.cross_entropy",
    "cumsum": "torch.cumsum",
    "logcumsumexp": "torch.logcumsumexp",
    "pack_padded_sequence": "torch.nn.utils.rnn.pack_padded_sequence",
}
PREFIXES = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional"}
NAME = re.compile(rf"@?({'|'.join(PREFIXES)})((?:\.\w+)+)")


class TorchLinks(SphinxPostTransform):
    """見出しとリンクの中の名前は、そのままにする。"""

    default_priority = 200  # 相互参照をリンクにした（10）あと
    formats = ("html",)

    def run(self, **kwargs):
        seen = set()
        for literal in list(self.document.findall(nodes.literal)):
            name = full_name(literal.astext())
            place = name and address(name)
            if place is None or name in seen or not plain(literal):
                continue
            seen.add(name)
            link = nodes.reference("", "", literal.deepcopy(), refuri=place)
            link["reftitle"] = f"PyTorch の説明書: {name}"
            literal.replace_self(link)


def full_name(code):
    """code の初めにある PyTorch の名前を、``torch`` から書いたもの。なければ None。

    >>> full_name("nn.LSTM(8, 16)")
    'torch.nn.LSTM'
    >>> full_name("@torch.no_grad()"), full_name("F.linear"), full_name("cumsum")
    ('torch.no_grad', 'torch.nn.functional.linear', 'torch.cumsum')
    >>> full_name("import torch.nn")
    """
    if found := NAME.match(code):
        return PREFIXES[found[1]] + found[2]
    return SHORT.get(code)


def address(name):
    """説明書の中の、name の場所。わからなければ None。

    >>> address("torch.cat")
    'https://docs.pytorch.org/docs/stable/generated/torch.cat.html'
    >>> address("torch.nothing")
    """
    if name in PLACES:
        return DOCS + PLACES[name]
    own_page = name.rpartition(".")[0] in MODULES and is_callable(name)
    return f"{DOCS}generated/{name}.html" if own_page else None


def is_callable(name):
    """PyTorch の関数かクラスか。型（torch.float64）など、値の名前にはページがない。

    >>> is_callable("torch.cat"), is_callable("torch.float64"), is_callable("torch.nothing")
    (True, False, False)
    """
    try:
        return callable(resolve_name(name))
    except AttributeError:
        return False


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
