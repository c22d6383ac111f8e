"""Keras と TensorFlow の 1 回の更新を、頼まれるたびに測る、別のプロセス。

この本の環境に TensorFlow は入らないので、:data:`PROGRAM` を、TensorFlow のある Python に渡します。
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

PROGRAM = """
import json
import sys
import time

import keras
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

def build(batch, length, features, hidden, words):
    keras.utils.set_random_seed(0)
    ids = tf.random.uniform((batch, length), 1, words, tf.int32, seed=0)
    labels = tf.cast(tf.random.uniform((batch, 1), 0, 2, tf.int32, seed=1), tf.float32)
    models = []
    for _ in range(2):
        model = keras.Sequential(
            [
                keras.Input((length,), dtype="int32"),
                keras.layers.Embedding(words, features),
                keras.layers.LSTM(hidden),
                keras.layers.Dense(1),
            ]
        )
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(0.001), loss)
        models.append(model)
    theirs, ours = models
    ours.optimizer.build(ours.trainable_variables)

    @tf.function
    def update():
        with tf.GradientTape() as tape:
            value = ours.loss(labels, ours(ids, training=True))
        gradients = tape.gradient(value, ours.trainable_variables)
        ours.optimizer.apply_gradients(zip(gradients, ours.trainable_variables, strict=True))
        return value

    ways = {
        "Keras": lambda: float(theirs.train_on_batch(ids, labels)),
        "TensorFlow": lambda: float(update()),
    }
    return theirs.count_params(), ways

def tell(answer):
    print("ANSWER " + json.dumps(answer), flush=True)

tell({"keras": keras.__version__, "tensorflow": tf.__version__})
for line in sys.stdin:
    asked = json.loads(line)
    if isinstance(asked, dict):
        count, ways = build(**asked)
        tell(count)
    else:
        start = time.process_time()
        ways[asked]()
        tell(1000 * (time.process_time() - start))
"""
"""TensorFlow のある Python が動かすもの。1 行の JSON の頼みに、1 行の JSON で答える。

頼みは、大きさの辞書なら「モデルを作れ」、``"Keras"`` か ``"TensorFlow"`` なら「1 回更新せよ」。
答えは、初めに版の辞書、モデルを作れば重みの数、更新すれば CPU を使ったミリ秒。
"""


class Worker:
    """:data:`PROGRAM` を動かしているプロセス。:func:`started` で作る。

    Attributes
    ----------
    versions : dict of str to str
        Keras と TensorFlow の版。
    """

    def __init__(self, process: subprocess.Popen):
        self.process = process
        self.versions = self._answer()

    def ask(self, question: dict | str):
        """頼み、答えを待つ。

        Parameters
        ----------
        question : dict or str
            大きさか、``"Keras"``、``"TensorFlow"``。

        Returns
        -------
        int or float
            重みの数か、ミリ秒。

        Raises
        ------
        RuntimeError
            答えずに終わったとき。
        """
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        for line in self.process.stdout:  # ほかの行は、ライブラリの知らせ
            if line.startswith("ANSWER "):
                return json.loads(line.removeprefix("ANSWER "))
        raise RuntimeError("TensorFlow のプロセスが、答えずに終わりました。")


@contextmanager
def started(python: str, program: str = PROGRAM) -> Iterator[Worker]:
    """``program`` を ``python`` で動かし、終わったら止める。

    Parameters
    ----------
    python : str
        TensorFlow のある Python の場所。
    program : str
        :data:`PROGRAM` と同じ形で答えるもの。

    Yields
    ------
    Worker

    Examples
    --------
    >>> import sys
    >>> hello = 'print("ANSWER {}"); print("ANSWER 3")'
    >>> with started(sys.executable, hello) as worker:
    ...     worker.versions
    {}
    """
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [python, "-c", program],
        stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        yield Worker(process)
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()
