"""Keras、TensorFlow、JAX の 1 回の更新を、頼まれるたびに測る、別のプロセス。

この本の環境にそれらは入らないので、:data:`PROGRAM` を、それらのある Python に渡します。
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

PROGRAM = """
import json
import os
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import keras
import tensorflow as tf
from jax import lax, nn, numpy as np, random, tree

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
        "JAX": in_jax(np.array(ids), np.array(labels), features, hidden, words),
    }
    return theirs.count_params(), ways

def in_jax(ids, labels, features, hidden, words):
    keys = random.split(random.key(0), 4)
    shapes = {
        "embedding": (words, features),
        "input": (features, 4 * hidden),
        "state": (hidden, 4 * hidden),
        "head": (hidden, 1),
    }
    weights = {
        name: 0.05 * random.normal(key, shape)
        for key, (name, shape) in zip(keys, shapes.items(), strict=True)
    }
    weights |= {"bias": np.zeros(4 * hidden), "head_bias": np.zeros(1)}

    def loss(weights):
        inputs = weights["embedding"][ids.T] @ weights["input"] + weights["bias"]

        def step(state, x):
            h, c = state
            i, f, g, o = np.split(x + h @ weights["state"], 4, axis=-1)
            c = nn.sigmoid(f) * c + nn.sigmoid(i) * np.tanh(g)
            return (nn.sigmoid(o) * np.tanh(c), c), None

        zeros = np.zeros((len(ids), hidden))
        (h, _), _ = lax.scan(step, (zeros, zeros), inputs)
        logits = h @ weights["head"] + weights["head_bias"]
        return np.mean(nn.softplus(logits) - labels * logits)

    def adam(weights, means, squares, times):
        value, gradients = jax.value_and_grad(loss)(weights)
        means = tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradients)
        squares = tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, squares, gradients)
        rate = 0.001 * np.sqrt(1 - 0.999**times) / (1 - 0.9**times)
        weights = tree.map(
            lambda w, m, s: w - rate * m / (np.sqrt(s) + 1e-7), weights, means, squares
        )
        return value, weights, means, squares, times + 1

    zeros = tree.map(np.zeros_like, weights)
    state, update = [weights, zeros, zeros, 1], jax.jit(adam, donate_argnums=(0,))

    def once():
        value, *state[:] = update(*state)
        return float(value)

    return once

def tell(answer):
    print("ANSWER " + json.dumps(answer), flush=True)

tell({"keras": keras.__version__, "tensorflow": tf.__version__, "jax": jax.__version__})
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
"""TensorFlow と JAX のある Python が動かすもの。1 行の JSON の頼みに、1 行の JSON で答える。

頼みは、大きさの辞書なら「モデルを作れ」、``"Keras"``、``"TensorFlow"``、``"JAX"`` なら
「1 回更新せよ」。答えは、初めに版の辞書、モデルを作れば重みの数、更新すれば CPU を使ったミリ秒。
"""


class Worker:
    """:data:`PROGRAM` を動かしているプロセス。:func:`started` で作る。

    Attributes
    ----------
    versions : dict of str to str
        Keras、TensorFlow、JAX の版。
    """

    def __init__(self, process: subprocess.Popen):
        self.process = process
        self.versions = self._answer()

    def ask(self, question: dict | str):
        """頼み、答えを待つ。

        Parameters
        ----------
        question : dict or str
            大きさか、``"Keras"``、``"TensorFlow"``、``"JAX"``。

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
        raise RuntimeError("TensorFlow と JAX のプロセスが、答えずに終わりました。")


@contextmanager
def started(python: str, program: str = PROGRAM) -> Iterator[Worker]:
    """``program`` を ``python`` で動かし、終わったら止める。

    Parameters
    ----------
    python : str
        TensorFlow と JAX のある Python の場所。
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
