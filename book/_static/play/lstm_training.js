// 2 ユニットの LSTM の訓練：前向きの計算、時間をさかのぼる逆伝播、Adam。
// nn.LSTM（バイアスは和の 1 本）、自動微分、torch.optim.Adam と同じ答えになる。
"use strict";

Play.training = {
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  start: [{ c: 0, h: 0 }, { c: 0, h: 0 }],

  // 同じ種からは同じ列が出る、0 以上 1 未満の乱数（mulberry32）
  random(seed) {
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  },

  // 課題の系列 1 本：最初の入力は、答えが 1 なら +1、0 なら -1。あとは -0.5 から 0.5 の雑音。
  sequence(answer, length, random) {
    return { answer, x: Array.from({ length }, (_, t) => (t ? random() - 0.5 : 2 * answer - 1)) };
  },

  // 1 本の並びを、重みの名前で見る。行の順は PyTorch と同じ i、f、g、o。
  named(flat) {
    let at = 0;
    const take = (length) => flat.subarray(at, (at += length));
    return { wIh: take(8), wHh: take(16), bias: take(8), head: take(2), headBias: take(1) };
  },

  // nn.LSTM と同じ幅の一様乱数。忘却ゲートのバイアスだけは、決めた値から始める。
  initial(forgetBias, random) {
    const flat = Float64Array.from({ length: 35 }, () => (2 * random() - 1) / Math.SQRT2);
    Play.training.named(flat).bias.fill(forgetBias, 2, 4);
    return flat;
  },

  // 時刻ごと、ユニットごとの { i, f, g, o, c, h }
  read({ wIh, wHh, bias }, x) {
    const { sigmoid } = Play.training;
    const steps = [];
    let [one, two] = Play.training.start;
    const unit = (k, c, input) => {
      const affine = (row) => bias[row] + wIh[row] * input + wHh[2 * row] * one.h + wHh[2 * row + 1] * two.h;
      const i = sigmoid(affine(k));
      const f = sigmoid(affine(2 + k));
      const g = Math.tanh(affine(4 + k));
      const o = sigmoid(affine(6 + k));
      const next = f * c + i * g;
      return { i, f, g, o, c: next, h: o * Math.tanh(next) };
    };
    for (const input of x) {
      [one, two] = [unit(0, one.c, input), unit(1, two.c, input)];
      steps.push([one, two]);
    }
    return steps;
  },

  // 最後の隠れ状態から、答えが 1 であることの対数オッズ
  logit({ head, headBias }, steps) {
    const [one, two] = steps.at(-1);
    return headBias[0] + head[0] * one.h + head[1] * two.h;
  },

  // 交差エントロピー（binary_cross_entropy_with_logits）
  loss: (logit, answer) => Math.max(logit, 0) - logit * answer + Math.log1p(Math.exp(-Math.abs(logit))),

  // 系列 1 本の勾配を、最後の時刻からさかのぼって求め、gradient に足す
  addGradient({ wHh, head }, { x, steps, error }, gradient) {
    const da = new Float64Array(8);
    const dc = [0, 0];
    let dh = [error * head[0], error * head[1]];
    gradient.headBias[0] += error;
    for (let k = 0; k < 2; k++) gradient.head[k] += error * steps.at(-1)[k].h;
    for (let t = x.length - 1; t >= 0; t--) {
      const before = t ? steps[t - 1] : Play.training.start;
      for (let k = 0; k < 2; k++) {
        const { i, f, g, o, c } = steps[t][k];
        const seen = Math.tanh(c);
        dc[k] += dh[k] * o * (1 - seen * seen);
        da[k] = dc[k] * g * i * (1 - i);
        da[2 + k] = dc[k] * before[k].c * f * (1 - f);
        da[4 + k] = dc[k] * i * (1 - g * g);
        da[6 + k] = dh[k] * seen * o * (1 - o);
        dc[k] *= f; // セル状態の道を 1 時刻さかのぼる
      }
      dh = [0, 0];
      for (let row = 0; row < 8; row++) {
        gradient.wIh[row] += da[row] * x[t];
        gradient.bias[row] += da[row];
        for (let k = 0; k < 2; k++) {
          gradient.wHh[2 * row + k] += da[row] * before[k].h;
          dh[k] += da[row] * wHh[2 * row + k]; // 隠れ状態の回り道
        }
      }
    }
  },

  // バッチの平均の損失と、その勾配
  lossAndGradient(flat, batch) {
    const { named, read, logit, loss, sigmoid, addGradient } = Play.training;
    const weights = named(flat);
    const gradient = new Float64Array(flat.length);
    const sums = named(gradient);
    let total = 0;
    for (const { x, answer } of batch) {
      const steps = read(weights, x);
      const value = logit(weights, steps);
      total += loss(value, answer) / batch.length;
      addGradient(weights, { x, steps, error: (sigmoid(value) - answer) / batch.length }, sums);
    }
    return { loss: total, gradient };
  },
};

// 重みを、勾配の方向と大きさの移動平均で動かす
Play.Adam = class {
  constructor(size, rate) {
    this.rate = rate;
    this.mean = new Float64Array(size);
    this.square = new Float64Array(size);
    this.count = 0;
  }

  update(flat, gradient) {
    this.count++;
    const [first, second] = [1 - 0.9 ** this.count, 1 - 0.999 ** this.count];
    gradient.forEach((d, k) => {
      this.mean[k] = 0.9 * this.mean[k] + 0.1 * d;
      this.square[k] = 0.999 * this.square[k] + 0.001 * d * d;
      flat[k] -= (this.rate * (this.mean[k] / first)) / (Math.sqrt(this.square[k] / second) + 1e-8);
    });
  }
};

// 1 回の訓練。設定と種が同じなら、同じ経過をたどる。
Play.TrainingRun = class {
  constructor({ bias, length, seed }) {
    this.length = length;
    this.random = Play.training.random(seed);
    this.weights = Play.training.initial(bias, this.random);
    this.adam = new Play.Adam(this.weights.length, 0.01);
    this.losses = [];
  }

  update() {
    const coin = () => (this.random() < 0.5 ? 0 : 1);
    const batch = Array.from({ length: 16 }, () => Play.training.sequence(coin(), this.length, this.random));
    const { loss, gradient } = Play.training.lossAndGradient(this.weights, batch);
    this.adam.update(this.weights, gradient);
    this.losses.push(loss);
  }

  read(x) {
    return Play.training.read(Play.training.named(this.weights), x);
  }

  // 訓練に使っていない 100 本（半分は +1、半分は -1 で始まる）のうち、正しく答えた数
  correct() {
    const { named, logit, sequence, random } = Play.training;
    const noise = random(0);
    const checks = Array.from({ length: 100 }, (_, n) => sequence(n % 2, this.length, noise));
    return checks.filter(({ x, answer }) => logit(named(this.weights), this.read(x)) > 0 === (answer === 1)).length;
  }
};
