"""Sentence embeddings of a BERT-style encoder in float64, written from the paper, apart from Halyard: the reference.

Reads {"folder": …, "sentences": […]} on stdin; prints [{"sentence", "tokens", "embedding"}, …].
Bert: Devlin et al., 2018. Pooling: mean over the tokens, then length 1, as all-MiniLM-L6-v2's 1_Pooling states.
"""

import json
import math
import sys
from pathlib import Path

import numpy
from safetensors.numpy import load_file
from tokenizers import Tokenizer

error_function = numpy.vectorize(math.erf)


def linear(weights, name, x):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def normalize(weights, name, x, epsilon):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / numpy.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def attention(weights, name, x, heads):
    query, key, value = (linear(weights, f"{name}.self.{part}", x) for part in ("query", "key", "value"))
    split = lambda tensor: tensor.reshape(len(x), heads, -1).swapaxes(0, 1)  # noqa: E731
    scores = split(query) @ split(key).swapaxes(1, 2) / math.sqrt(x.shape[1] // heads)
    shares = numpy.exp(scores - scores.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    return (shares @ split(value)).swapaxes(0, 1).reshape(x.shape)


def encode(weights, config, tokens):
    epsilon = config["layer_norm_eps"]
    x = (
        weights["embeddings.word_embeddings.weight"][tokens]
        + weights["embeddings.position_embeddings.weight"][: len(tokens)]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    x = normalize(weights, "embeddings.LayerNorm", x, epsilon)
    for layer in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{layer}"
        attended = attention(weights, f"{name}.attention", x, config["num_attention_heads"])
        attended = linear(weights, f"{name}.attention.output.dense", attended)
        x = normalize(weights, f"{name}.attention.output.LayerNorm", x + attended, epsilon)
        hidden = linear(weights, f"{name}.intermediate.dense", x)
        hidden = hidden / 2 * (1 + error_function(hidden / math.sqrt(2)))
        x = normalize(weights, f"{name}.output.LayerNorm", x + linear(weights, f"{name}.output.dense", hidden), epsilon)
    pooled = x.mean(0)
    return pooled / numpy.linalg.norm(pooled)


def main():
    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    config = json.loads((folder / "config.json").read_text())
    limit = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
    weights = {name: tensor.astype(numpy.float64) for name, tensor in load_file(folder / "model.safetensors").items()}
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(limit)
    answers = []
    for sentence in request["sentences"]:
        tokens = tokenizer.encode(sentence).ids
        embedding = encode(weights, config, tokens)
        answers.append({"sentence": sentence, "tokens": tokens, "embedding": [round(float(x), 8) for x in embedding]})
    json.dump(answers, sys.stdout)


main()
