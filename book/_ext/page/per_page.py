"""ページごとの控え: 原稿を読むときに書き留め、後で本の全体を見るもの。

モジュールに ``tasks = PerPage("tasks")`` と置き、``tasks(env)[docname]`` に書く。``setup`` では
``tasks.connect(app)`` とする。
"""


class PerPage:
    """ページの名前から、そのページの控えへの対応。環境（env）に ``name`` の名で置く。

    読み直すページの控えは忘れ、並べて読んだ控えは 1 つに合わせる。
    """

    def __init__(self, name):
        self.name = name

    def __call__(self, env):
        return vars(env).setdefault(self.name, {})

    def connect(self, app):
        app.connect("env-purge-doc", self.forget)
        app.connect("env-merge-info", self.merge)

    def forget(self, app, env, docname):
        self(env).pop(docname, None)

    def merge(self, app, env, docnames, other):
        self(env).update({name: self(other)[name] for name in docnames if name in self(other)})
