/* RNN、LSTM、GRU の、時刻の繰り返し。Python から呼ぶのは、順伝播と逆伝播で 1 回ずつ。
 *
 * どの配列も float で、後ろの添字から順に詰まっている。ゲートは 1 行に、LSTM では i、f、g、o、
 * GRU では r、z、n の順。上から、要素ごとの関数、行列積、RNN、LSTM、GRU。
 */

#include <stdint.h>
#include <string.h>

/* ---- 要素ごとの関数 ---- */

/* e^x - 1。e^x = 2^n · e^r（n は整数、|r| ≤ 0.35）と分け、e^r - 1 を 6 次までのテイラー展開で求める。
 * 1 を足してから引かないので、x が 0 に近くても桁が残る。math.h の expm1f と違って分岐がないので、
 * 何個ずつか一度に計算するコードになる。 */
static inline float exponential_minus_1(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 87.0f ? 87.0f : x;
    float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f; /* 足して引くと整数に丸まる */
    float r = x - n * 0.693147181f;
    float p = 1.0f + r * (1.0f / 6);
    p = 1.0f + r * (1.0f / 5) * p;
    p = 1.0f + r * (1.0f / 4) * p;
    p = 1.0f + r * (1.0f / 3) * p;
    p = r + r * r * (1.0f / 2) * p;
    int32_t bits = ((int32_t)n + 127) << 23; /* 浮動小数点数の指数部に書けば 2^n になる */
    float power;
    memcpy(&power, &bits, sizeof power);
    return power * p + (power - 1.0f);
}

static inline float sigmoid(float x) { return 1.0f / (2.0f + exponential_minus_1(-x)); }

static inline float tanh_(float x) {
    float e = exponential_minus_1(2.0f * x);
    return e / (e + 2.0f);
}

/* ---- 行列積 ---- */

/* CPU が 1 つの命令で計算できる数の個数。lanes は、それだけの float のまとまりで、配列のどこからでも
 * 読み書きできる（gcc と clang の書き方）。 */
#if defined __AVX512F__
#define LANES 16
#elif defined __AVX__
#define LANES 8
#else
#define LANES 4
#endif
typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define ROWS 8            /* 一度に計算する行の数 */
#define PANEL (2 * LANES) /* 一度に計算する列の数 */

/* 詰め直した行列 (inner, columns) の、float の個数。 */
long packed_size(int inner, int columns) {
    return (long)(columns + PANEL - 1) / PANEL * PANEL * inner;
}

/* w (inner, columns) を、PANEL 列ずつの束に詰め直す。束の中は、使う順に隙間なく並ぶ。同じ重みを
 * どの時刻でも使うので、並べ直す手間は 1 度で済む。余りの列は 0 で埋める。
 * down と right は、次の行と次の列までの個数。転置は、この 2 つを入れ替えて渡せばよい。 */
void pack(int inner, int columns, int down, int right, const float *w, float *packed) {
    for (int c = 0; c < columns; c += PANEL) {
        int width = columns - c < PANEL ? columns - c : PANEL;
        for (int k = 0; k < inner; k++, packed += PANEL) {
            const float *row = w + (long)k * down + (long)c * right;
            for (int j = 0; j < width; j++) packed[j] = row[(long)j * right];
            for (int j = width; j < PANEL; j++) packed[j] = 0;
        }
    }
}

/* out += a @ w の、rows 行、束 1 つぶん。rows が定数になるように呼び出しの中に展開すると
 * （always_inline）、コンパイラは繰り返しをほどき、和をレジスタに置ける。 */
static inline __attribute__((always_inline)) void tile(float *out, int out_row, const float *a,
                                                       int a_row, const float *w, int inner,
                                                       int width, int rows) {
    lanes sum[ROWS][2] = {0};
    for (int k = 0; k < inner; k++)
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < 2; c++)
                sum[r][c] += a[r * a_row + k] * *(const lanes *)(w + k * PANEL + c * LANES);
    for (int r = 0; r < rows; r++) {
        float *to = out + (long)r * out_row;
        if (width == PANEL)
            for (int c = 0; c < 2; c++) *(lanes *)(to + c * LANES) += sum[r][c];
        else
            for (int c = 0; c < width; c++) to[c] += sum[r][c / LANES][c % LANES];
    }
}

/* out (rows, columns) += a (rows, inner) @ w (inner, columns)。w は詰め直してある。out と a の行は、
 * もっと長い行の一部でもよく、次の行までの個数が out_row と a_row。 */
static void add_product(float *out, int out_row, const float *a, int a_row, const float *w,
                        int rows, int inner, int columns) {
    for (int c = 0; c < columns; c += PANEL, out += PANEL, w += (long)PANEL * inner) {
        int width = columns - c < PANEL ? columns - c : PANEL, r = 0;
        float *o = out;
        const float *b = a;
        for (; r + ROWS <= rows; r += ROWS, o += (long)ROWS * out_row, b += (long)ROWS * a_row)
            tile(o, out_row, b, a_row, w, inner, width, ROWS);
        for (; r + 4 <= rows; r += 4, o += 4 * (long)out_row, b += 4 * (long)a_row)
            tile(o, out_row, b, a_row, w, inner, width, 4);
        for (; r < rows; r++, o += out_row, b += a_row)
            tile(o, out_row, b, a_row, w, inner, width, 1);
    }
}

static void add(long n, float *restrict out, const float *restrict more) {
    for (long j = 0; j < n; j++) out[j] += more[j];
}

/* ---- RNN ---- */

/* hidden (T + 1, B, H) は、時刻 0 が初期状態、あとは入ってくるとき W_ih x + b、出ていくとき h。
 * w は W_hh の転置 (H, H) を詰め直したもの。 */
void rnn_forward(int T, int B, int H, const float *w, float *hidden) {
    long size = (long)B * H;
    for (int t = 0; t < T; t++, hidden += size) {
        float *h_new = hidden + size;
        add_product(h_new, H, hidden, H, w, B, H, H);
        for (long j = 0; j < size; j++) h_new[j] = tanh_(h_new[j]);
    }
}

static void rnn_step_back(long n, const float *restrict h_new, float *restrict dh,
                          float *restrict d) {
    for (long j = 0; j < n; j++) {
        d[j] = dh[j] * (1 - h_new[j] * h_new[j]);
        dh[j] = 0;
    }
}

/* h_new (T, B, H) は各時刻の h。delta (T, B, H) に δ を書き出す。w は W_hh (H, H) を詰め直したもの。
 * dh (B, H) は、入ってくるとき最後の時刻の、出ていくとき時刻 0 の状態の勾配。
 * grad_hidden (T, B, H) は各時刻の出力に来た勾配で、なければ NULL。 */
void rnn_backward(int T, int B, int H, const float *h_new, const float *w,
                  const float *grad_hidden, float *dh, float *delta) {
    long size = (long)B * H;
    for (int t = T - 1; t >= 0; t--) {
        float *d = delta + t * size;
        if (grad_hidden) add(size, dh, grad_hidden + t * size);
        rnn_step_back(size, h_new + t * size, dh, d);
        add_product(dh, H, d, H, w, B, H, H);
    }
}

/* ---- LSTM ---- */

/* 1 本の系列の 1 時刻。ゲートは、入ってくるとき和、出ていくとき値。
 * 配列が重ならないと約束（restrict）すると、コンパイラは何個ずつかを一度に計算する。 */
static void lstm_step(int H, float *restrict i, float *restrict f, float *restrict g,
                      float *restrict o, const float *restrict c_old, float *restrict c_new,
                      float *restrict h_new) {
    for (int j = 0; j < H; j++) {
        i[j] = sigmoid(i[j]);
        f[j] = sigmoid(f[j]);
        g[j] = tanh_(g[j]);
        o[j] = sigmoid(o[j]);
        c_new[j] = f[j] * c_old[j] + i[j] * g[j];
        h_new[j] = o[j] * tanh_(c_new[j]);
    }
}

/* 1 本の系列の 1 時刻の逆伝播。dc は前の時刻へ渡す値になり、dh は 0 になる。 */
static void lstm_step_back(int H, const float *restrict i, const float *restrict f,
                           const float *restrict g, const float *restrict o,
                           const float *restrict c_old, const float *restrict c_new,
                           float *restrict dh, float *restrict dc, float *restrict d_i,
                           float *restrict d_f, float *restrict d_g, float *restrict d_o) {
    for (int j = 0; j < H; j++) {
        float tanh_c = tanh_(c_new[j]);
        float d_c = dc[j] + dh[j] * o[j] * (1 - tanh_c * tanh_c);
        d_i[j] = d_c * g[j] * i[j] * (1 - i[j]);
        d_f[j] = d_c * c_old[j] * f[j] * (1 - f[j]);
        d_g[j] = d_c * i[j] * (1 - g[j] * g[j]);
        d_o[j] = dh[j] * tanh_c * o[j] * (1 - o[j]);
        dc[j] = d_c * f[j];
        dh[j] = 0;
    }
}

/* gates (T, B, 4H) は、入ってくるとき W_ih x + b、出ていくときゲートの値。w は W_hh の転置 (H, 4H) を
 * 詰め直したもの。hidden と cells は (T + 1, B, H) で、時刻 0 は与えられている。 */
void lstm_forward(int T, int B, int H, float *gates, const float *w, float *hidden, float *cells) {
    long size = (long)B * H;
    for (int t = 0; t < T; t++, hidden += size, cells += size) {
        add_product(gates, 4 * H, hidden, H, w, B, H, 4 * H);
        for (int b = 0; b < B; b++, gates += 4 * H) {
            float *c = cells + (long)b * H;
            lstm_step(H, gates, gates + H, gates + 2 * H, gates + 3 * H, c, c + size,
                      hidden + size + (long)b * H);
        }
    }
}

/* gates (T, B, 4H) はゲートの値、cells は (T + 1, B, H)。delta (T, B, 4H) に δ を書き出す。
 * w は W_hh (4H, H) を詰め直したもの。dh と dc (B, H) は、入ってくるとき最後の時刻の、出ていくとき
 * 時刻 0 の状態の勾配。grad_hidden と grad_cells (T, B, H) は各時刻の出力に来た勾配で、なければ NULL。 */
void lstm_backward(int T, int B, int H, const float *gates, const float *cells, const float *w,
                   const float *grad_hidden, const float *grad_cells, float *dh, float *dc,
                   float *delta) {
    long size = (long)B * H;
    for (int t = T - 1; t >= 0; t--) {
        if (grad_hidden) add(size, dh, grad_hidden + t * size);
        if (grad_cells) add(size, dc, grad_cells + t * size);
        for (int b = 0; b < B; b++) {
            long row = (long)t * B + b;
            const float *a = gates + row * 4 * H, *c = cells + row * H;
            float *d = delta + row * 4 * H;
            lstm_step_back(H, a, a + H, a + 2 * H, a + 3 * H, c, c + size, dh + (long)b * H,
                           dc + (long)b * H, d, d + H, d + 2 * H, d + 3 * H);
        }
        add_product(dh, H, delta + t * 4 * size, 4 * H, w, B, 4 * H, H);
    }
}

/* ---- GRU ---- */

/* 1 本の系列の 1 時刻。r と z は、入ってくるとき和、出ていくとき値。n は、入ってくるとき入力側の和。
 * m は状態側の積 W_hn h + b_hn で、r を掛けてから足す。 */
static void gru_step(int H, float *restrict r, float *restrict z, float *restrict n,
                     const float *restrict m, const float *restrict h_old,
                     float *restrict h_new) {
    for (int j = 0; j < H; j++) {
        r[j] = sigmoid(r[j]);
        z[j] = sigmoid(z[j]);
        n[j] = tanh_(n[j] + r[j] * m[j]);
        h_new[j] = (1 - z[j]) * n[j] + z[j] * h_old[j];
    }
}

/* 1 本の系列の 1 時刻の逆伝播。dh は、z を通ってまっすぐ前の時刻へ戻る分になる。 */
static void gru_step_back(int H, const float *restrict r, const float *restrict z,
                          const float *restrict n, const float *restrict m,
                          const float *restrict h_old, float *restrict dh, float *restrict d_r,
                          float *restrict d_z, float *restrict d_n, float *restrict d_m) {
    for (int j = 0; j < H; j++) {
        d_n[j] = dh[j] * (1 - z[j]) * (1 - n[j] * n[j]);
        d_m[j] = d_n[j] * r[j];
        d_r[j] = d_n[j] * m[j] * r[j] * (1 - r[j]);
        d_z[j] = dh[j] * (h_old[j] - n[j]) * z[j] * (1 - z[j]);
        dh[j] *= z[j];
    }
}

/* gates (T, B, 3H) は、入ってくるとき W_ih x + b（r と z の b には b_hh も入る）、出ていくとき値。
 * m (T, B, H) に W_hn h + b_hn を書き出す。b_n (H) は b_hn。
 * w_rz は W_hr と W_hz の転置 (H, 2H)、w_n は W_hn の転置 (H, H) を詰め直したもの。
 * hidden は (T + 1, B, H) で、時刻 0 は与えられている。 */
void gru_forward(int T, int B, int H, float *gates, float *m, const float *w_rz, const float *w_n,
                 const float *b_n, float *hidden) {
    for (int t = 0; t < T; t++) {
        long now = (long)t * B;
        float *a = gates + now * 3 * H, *m_t = m + now * H, *h = hidden + now * H;
        for (int b = 0; b < B; b++) memcpy(m_t + (long)b * H, b_n, H * sizeof *b_n);
        add_product(a, 3 * H, h, H, w_rz, B, H, 2 * H);
        add_product(m_t, H, h, H, w_n, B, H, H);
        for (int b = 0; b < B; b++, a += 3 * H, m_t += H, h += H)
            gru_step(H, a, a + H, a + 2 * H, m_t, h, h + (long)B * H);
    }
}

/* gates、m、hidden (T, B, ...) は順伝播の残したもの。delta_x と delta_h (T, B, 3H) に、入力側と状態側の
 * δ を書き出す。r と z の δ は同じで、n の δ だけが違う。w は W_hh (3H, H) を詰め直したもの。
 * dh と grad_hidden は rnn_backward と同じ。 */
void gru_backward(int T, int B, int H, const float *gates, const float *m, const float *hidden,
                  const float *w, const float *grad_hidden, float *dh, float *delta_x,
                  float *delta_h) {
    long size = (long)B * H;
    for (int t = T - 1; t >= 0; t--) {
        if (grad_hidden) add(size, dh, grad_hidden + t * size);
        for (int b = 0; b < B; b++) {
            long row = (long)t * B + b;
            const float *a = gates + row * 3 * H;
            float *d = delta_x + row * 3 * H, *d_h = delta_h + row * 3 * H;
            gru_step_back(H, a, a + H, a + 2 * H, m + row * H, hidden + row * H,
                          dh + (long)b * H, d, d + H, d + 2 * H, d_h + 2 * H);
            memcpy(d_h, d, 2 * H * sizeof *d);
        }
        add_product(dh, H, delta_h + t * 3 * size, 3 * H, w, B, 3 * H, H);
    }
}
