"""速さとメモリの実験。``make bench`` は ``bench_layers`` を動かす。

====================  ==================================================
モジュール            役割
====================  ==================================================
``layers_measured``   速さを比べる層
``memory_use``        1 回の順伝播と逆伝播で増えるメモリ
``matmul``            行列積の速さ
``bench_layers``      再帰層の速さとメモリ
``bench_imdb``        IMDb の訓練の速さ
``scan_cost``         並列に計算できる再帰の時間とメモリ
``newton``            LSTM と GRU をニュートン法で解くときの歩数と時間
``speed``             RNN、LSTM、GRU の 1 回の更新にかかる時間
``layer_devices``     同じ再帰層を、CPU と GPU で
``busy_neighbour``    隣で別の計算が動いているときの訓練の時間
``two_processes``     2 つのプロセスで 1 つのモデルを訓練する時間
``packing``           パッキングするか、パディングのまま読むか
``frameworks``        PyTorch、Keras、TensorFlow、JAX の LSTM
``keras_worker``      Keras、TensorFlow、JAX を動かす、別のプロセス
``serving``           訓練した分類器に、PyTorch なしで答えさせる
``serving_measured``  その答え手：PyTorch、ONNX Runtime、int8 にしたもの
``fresh_process``     新しいプロセスが初めの答えを出すまで
====================  ==================================================
"""
