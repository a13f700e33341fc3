import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Engine, EngineOptions } from './engine.js';

interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

/** An engine in a process of its own, asked over pipes: one JSON line each way. No engine disturbs another's threads. */
export async function openRemote(command: string, args: readonly string[], options: EngineOptions): Promise<Engine> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ask = conversation(child);
  await ask({ call: 'open', ...options });
  const call = (name: string, ...rest: unknown[]) => ask({ call: name, arguments: rest });
  return {
    tokenize: (text) => call('tokenize', text) as Promise<number[]>,
    prefill: (tokens) => call('prefill', tokens) as ReturnType<Engine['prefill']>,
    decode: (tokens, count) => call('decode', tokens, count) as ReturnType<Engine['decode']>,
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.stdin.end(`${JSON.stringify({ call: 'close' })}\n`);
      }),
  };
}

function conversation(child: ChildProcess): (request: object) => Promise<unknown> {
  let notes = '';
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  const fail = (reason: string) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${reason}\n${notes}`.trim()));
  };
  child.stderr!.on('data', (text) => {
    notes = (notes + text).slice(-2000);
  });
  child.once('error', (error) => fail(error.message));
  child.once('exit', (code, signal) => fail(`The engine ended with ${signal ?? `exit code ${code}`}.`));
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    const next = waiting.shift();
    if (answer.error === undefined) next?.resolve(answer.value);
    else next?.reject(new Error(answer.error));
  });
  return (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin!.write(`${JSON.stringify(request)}\n`);
    });
}
