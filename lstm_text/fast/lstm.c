/* LSTM の、時刻の繰り返し。Python から呼ぶのは、順伝播と逆伝播で 1 回ずつ。
 *
 * どの配列も float で、後ろの添字から順に詰まっている。ゲートは 1 行に i、f、g、o の順。
 * 系列どうしは独立なので、ROWS 本ずつ、初めから終わりまで計算する。こうすると、いま使う状態が
 * いつも手元のメモリ（キャッシュ）にある。
 */

#include <stdint.h>
#include <string.h>

#define ROWS 8 /* 一度に計算する系列の数 */

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

/* e^x = 2^n · e^r（n は整数、|r| ≤ 0.35）。e^r は 6 次までのテイラー展開で、誤差は 1.2e-7。
 * math.h の expf と違って分岐がないので、8 個ずつ一度に計算するコードになる。 */
static inline float exponential(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 87.0f ? 87.0f : x;
    float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f; /* 足して引くと整数に丸まる */
    float r = x - n * 0.693147181f;
    float p = 1.0f + r * (1.0f / 6);
    p = 1.0f + r * (1.0f / 5) * p;
    p = 1.0f + r * (1.0f / 4) * p;
    p = 1.0f + r * (1.0f / 3) * p;
    p = 1.0f + r * (1.0f / 2) * p;
    p = 1.0f + r * p;
    int32_t bits = ((int32_t)n + 127) << 23; /* 浮動小数点数の指数部に書けば 2^n になる */
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

static inline float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

static inline float tanh_(float x) { return 2.0f * sigmoid(2.0f * x) - 1.0f; }

/* out += a @ w の、rows 行と、lanes で width 個ぶんの列。大きさが定数になるように呼び出しの中に
 * 展開すると（always_inline）、コンパイラは繰り返しをほどき、和をレジスタに置ける。 */
static inline __attribute__((always_inline)) void tile(float *out, const float *a, const float *w,
                                                       int inner, int columns, int rows,
                                                       int width) {
    lanes sum[ROWS][2];
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < width; c++) sum[r][c] = *(lanes *)(out + r * columns + c * LANES);
    for (int k = 0; k < inner; k++)
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < width; c++)
                sum[r][c] += a[r * inner + k] * *(const lanes *)(w + k * columns + c * LANES);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < width; c++) *(lanes *)(out + r * columns + c * LANES) = sum[r][c];
}

/* out += a @ w の、rows 行ぶん。lanes に満たない余りの列は、1 列ずつ。 */
static inline __attribute__((always_inline)) void tiles(float *out, const float *a, const float *w,
                                                        int inner, int columns, int rows) {
    int c = 0;
    for (; c + 2 * LANES <= columns; c += 2 * LANES)
        tile(out + c, a, w + c, inner, columns, rows, 2);
    for (; c + LANES <= columns; c += LANES) tile(out + c, a, w + c, inner, columns, rows, 1);
    for (; c < columns; c++) {
        float sum[ROWS] = {0};
        for (int k = 0; k < inner; k++)
            for (int r = 0; r < rows; r++) sum[r] += a[r * inner + k] * w[k * columns + c];
        for (int r = 0; r < rows; r++) out[r * columns + c] += sum[r];
    }
}

/* out (rows, columns) += a (rows, inner) @ w (inner, columns)。 */
static void add_product(float *out, const float *a, const float *w, int rows, int inner,
                        int columns) {
    int r = 0;
    for (; r + ROWS <= rows; r += ROWS)
        tiles(out + r * columns, a + r * inner, w, inner, columns, ROWS);
    for (; r + 4 <= rows; r += 4) tiles(out + r * columns, a + r * inner, w, inner, columns, 4);
    for (; r < rows; r++) tiles(out + r * columns, a + r * inner, w, inner, columns, 1);
}

/* 1 本の系列の 1 時刻。ゲートは、入ってくるとき和、出ていくとき値。
 * 配列が重ならないと約束（restrict）すると、コンパイラは何個ずつかを一度に計算する。 */
static void step(int H, float *restrict i, float *restrict f, float *restrict g, float *restrict o,
                 const float *restrict c_old, float *restrict c_new, float *restrict h_new) {
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
static void step_back(int H, const float *restrict i, const float *restrict f,
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

/* gates (T, B, 4H) は、入ってくるとき W_ih x + b、出ていくときゲートの値。
 * w (H, 4H) は W_hh の転置。hidden と cells は (T + 1, B, H) で、時刻 0 は与えられている。 */
void lstm_forward(int T, int B, int H, float *gates, const float *w, float *hidden, float *cells) {
    for (int b = 0; b < B; b += ROWS) {
        int rows = B - b < ROWS ? B - b : ROWS;
        for (int t = 0; t < T; t++) {
            long now = (long)t * B + b, next = now + B;
            add_product(gates + now * 4 * H, hidden + now * H, w, rows, H, 4 * H);
            for (int r = 0; r < rows; r++) {
                float *a = gates + (now + r) * 4 * H;
                step(H, a, a + H, a + 2 * H, a + 3 * H, cells + (now + r) * H,
                     cells + (next + r) * H, hidden + (next + r) * H);
            }
        }
    }
}

static void add(int n, float *restrict out, const float *restrict more) {
    for (int j = 0; j < n; j++) out[j] += more[j];
}

/* gates (T, B, 4H) はゲートの値。delta (T, B, 4H) に δ を書き出す。w (4H, H) は W_hh。
 * dh と dc (B, H) は、入ってくるとき最後の時刻の、出ていくとき時刻 0 の状態の勾配。
 * grad_hidden と grad_cells (T, B, H) は各時刻の出力に来た勾配で、なければ NULL。 */
void lstm_backward(int T, int B, int H, const float *gates, const float *cells, const float *w,
                   const float *grad_hidden, const float *grad_cells, float *dh, float *dc,
                   float *delta) {
    for (int b = 0; b < B; b += ROWS) {
        int rows = B - b < ROWS ? B - b : ROWS;
        for (int t = T - 1; t >= 0; t--) {
            long now = (long)t * B + b, next = now + B;
            if (grad_hidden) add(rows * H, dh + b * H, grad_hidden + now * H);
            if (grad_cells) add(rows * H, dc + b * H, grad_cells + now * H);
            for (int r = 0; r < rows; r++) {
                const float *a = gates + (now + r) * 4 * H;
                float *d = delta + (now + r) * 4 * H;
                step_back(H, a, a + H, a + 2 * H, a + 3 * H, cells + (now + r) * H,
                          cells + (next + r) * H, dh + (b + r) * H, dc + (b + r) * H, d, d + H,
                          d + 2 * H, d + 3 * H);
            }
            add_product(dh + b * H, delta + now * 4 * H, w, rows, 4 * H, H);
        }
    }
}
