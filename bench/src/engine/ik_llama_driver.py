"""Serves ik_llama.cpp over pipes: one JSON request a line on stdin, one JSON answer a line on stdout."""

import ctypes
import json
import os
import sys
import time

# The library prints to stdout: keep the real one for answers.
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import numpy  # noqa: E402
from ik_llama_cpp import IkLlama  # noqa: E402
from ik_llama_cpp import _ctypes_api as api  # noqa: E402
from ik_llama_cpp._internals import make_batch_range, make_batch_single  # noqa: E402


class Engine:
    def __init__(self, model, threads, context_length):
        # The object owns the context: both are kept.
        self.llama = IkLlama(model, n_ctx=context_length, n_threads=threads, verbose=False)
        self.context = self.llama._context
        self.vocabulary = api.llama_vocab_n_tokens(self.context.model.vocab)

    def greedy(self):
        logits = api.llama_get_logits_ith(self.context.ctx, -1)
        address = ctypes.cast(logits, ctypes.POINTER(ctypes.c_float * self.vocabulary)).contents
        return int(numpy.frombuffer(address, dtype=numpy.float32).argmax())

    def evaluate(self, batch):
        status = self.context.decode(batch)
        api.llama_batch_free(batch)
        if status != 0:
            raise RuntimeError(f"llama_decode gave {status}")

    def fill(self, tokens):
        self.context.kv_cache_clear()
        step = self.context._n_ubatch
        for start in range(0, len(tokens), step):
            chunk = tokens[start : start + step]
            self.evaluate(make_batch_range(chunk, pos_start=start, logits_last=start + step >= len(tokens)))
        return self.greedy()

    def tokenize(self, text):
        return self.llama.tokenize(text, add_bos=False)

    def prefill(self, tokens):
        started = time.perf_counter()
        token = self.fill(tokens)
        return {"seconds": time.perf_counter() - started, "token": token}

    def decode(self, tokens, count):
        generated = [self.fill(tokens)]
        position = len(tokens)
        started = time.perf_counter()
        while len(generated) <= count:
            self.evaluate(make_batch_single(generated[-1], position))
            position += 1
            token = self.greedy()
            if api.llama_token_is_eog(self.context.model.model, token):
                break
            generated.append(token)
        return {"seconds": time.perf_counter() - started, "tokens": generated}


def main():
    engine = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            call = request["call"]
            if call == "open":
                engine = Engine(request["model"], request["threads"], request["contextLength"])
                value = None
            elif call == "close":
                break
            else:
                value = getattr(engine, call)(*request["arguments"])
            answers.write(json.dumps({"value": value}) + "\n")
        except Exception as error:  # The other side reports it.
            answers.write(json.dumps({"error": {"message": f"{type(error).__name__}: {error}"}}) + "\n")


main()
