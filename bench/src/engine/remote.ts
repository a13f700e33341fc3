import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endWithThisProcess } from '../process/end-with.js';
import { errorOf, type Failure } from '../process/failure.js';
import type { Engine, EngineOptions } from './engine.js';

interface Answer {
  readonly value?: unknown;
  readonly error?: Failure;
}

/** An engine in a process of its own, asked over pipes: one JSON line each way. No engine disturbs another's threads. */
export async function openRemote(command: string, args: readonly string[], options: EngineOptions): Promise<Engine> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  endWithThisProcess(child);
  const ask = conversation(child);
  try {
    await ask({ call: 'open', ...options });
  } catch (error) {
    child.kill();
    throw error;
  }
  const call = (name: string, ...rest: unknown[]) => ask({ call: name, arguments: rest });
  return {
    tokenize: (text) => call('tokenize', text) as Promise<number[]>,
    prefill: (tokens) => call('prefill', tokens) as ReturnType<Engine['prefill']>,
    decode: (tokens, count) => call('decode', tokens, count) as ReturnType<Engine['decode']>,
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.stdin.end(`${JSON.stringify({ call: 'close' })}\n`);
      }),
  };
}

function conversation(child: ChildProcess): (request: object) => Promise<unknown> {
  let notes = '';
  let ended: string | undefined;
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  const fail = (reason: string) => {
    ended = reason;
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
    else next?.reject(errorOf(answer.error));
  });
  // What cannot be written any more is told by the end of the process.
  child.stdin!.on('error', () => {});
  return (request) =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(new Error(ended));
      waiting.push({ resolve, reject });
      child.stdin!.write(`${JSON.stringify(request)}\n`);
    });
}
