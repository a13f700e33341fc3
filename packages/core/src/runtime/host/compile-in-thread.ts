import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Plan } from '../../compiler/plan.js';
import { HalyardError } from '../../contract/index.js';
import type { CompileAnswer, CompileRequest, TidyRequest } from '../compilation/request.js';

/** A thread without work is kept for so long. */
const idleMs = 10_000;

const script = new URL('./compile-thread.js', import.meta.url);

/** Core that is run from its TypeScript sources has no script that a thread could run. */
export const hasCompileThread = existsSync(script);

interface Waiting {
  resolve(plan: Plan | undefined): void;
  reject(error: HalyardError): void;
}

let thread: Worker | undefined;
let idle: ReturnType<typeof setTimeout> | undefined;
let nextId = 0;
/** Whether it has compiled anything since it was tidied. */
let isUntidy = false;
const waiting = new Map<number, Waiting>();

/**
 * Compiles in a thread that all contexts share, so that the event loop goes on meanwhile.
 *
 * @throws HalyardError what `compile` throws
 */
export function compileInThread(request: Omit<CompileRequest, 'id'>): Promise<Plan> {
  thread ??= start();
  isUntidy = true;
  return ask(thread, { ...request, id: nextId++ }) as Promise<Plan>;
}

/**
 * Starts the thread if there is none, so that it is there by the time that a graph is built.
 *
 * @internal
 */
export function startCompileThread(): void {
  if (!hasCompileThread || thread) return;
  thread = start();
  rest(thread);
}

/** Resolves once the thread, if it has nothing to do, holds no memory for what it compiled. Never rejects. */
export async function tidyCompileThread(): Promise<void> {
  if (!thread || !isUntidy || waiting.size > 0) return;
  isUntidy = false;
  await ask(thread, { id: nextId++, tidy: true }).catch(() => {});
}

function ask(worker: Worker, request: CompileRequest | TidyRequest): Promise<Plan | undefined> {
  return new Promise((resolve, reject) => {
    clearTimeout(idle);
    worker.ref();
    waiting.set(request.id, { resolve, reject });
    worker.postMessage(request);
  });
}

function start(): Worker {
  const worker = new Worker(script, { execArgv: [], name: 'halyard compiler' });
  worker.on('message', (answer: CompileAnswer) => {
    const { resolve, reject } = waiting.get(answer.id)!;
    waiting.delete(answer.id);
    if ('plan' in answer) resolve(answer.plan);
    else if ('tidied' in answer) resolve(undefined);
    else reject(new HalyardError(answer.error.code, answer.error.details));
    if (waiting.size === 0) rest(worker);
  });
  worker.on('error', (cause) => end(worker, `failed: ${String(cause)}`));
  worker.on('exit', (code) => end(worker, `ended with exit code ${code}`));
  return worker;
}

function rest(worker: Worker): void {
  worker.unref();
  idle = setTimeout(() => {
    if (thread === worker) thread = undefined;
    void worker.terminate();
  }, idleMs);
  idle.unref();
}

function end(worker: Worker, found: string): void {
  if (thread !== worker) return;
  thread = undefined;
  const error = new HalyardError('backend-failed', {
    found: `The thread that compiles ${found}`,
    expected: 'a plan',
    remedy: 'Build the graph again; if this repeats, report it with the graph.',
  });
  for (const { reject } of waiting.values()) reject(error);
  waiting.clear();
}
