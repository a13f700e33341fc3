import { parentPort } from 'node:worker_threads';
import { collectGarbage, HalyardError } from '@halyard/core';
import { ModelFile } from './model-file.js';
import type { Failure, Request, Response } from './protocol.js';

const models = new Map<number, ModelFile>();

async function answer({ model, method, arguments: args }: Request): Promise<unknown> {
  if (method === 'release') {
    models.delete(model);
    await collectGarbage();
    return undefined;
  }
  let file = models.get(model);
  if (file === undefined) models.set(model, (file = new ModelFile()));
  return (file[method] as (...args: readonly unknown[]) => unknown).apply(file, args as unknown[]);
}

const port = parentPort!;
port.on('message', async (request: Request) => {
  const { id } = request;
  let response: Response;
  try {
    response = { id, result: await answer(request) };
  } catch (error) {
    response = { id, failure: describe(error) };
  }
  port.postMessage(response, 'result' in response ? buffersOf(response.result) : []);
});

function describe(error: unknown): Failure {
  if (error instanceof HalyardError) return { code: error.code, details: error.details };
  return error instanceof Error
    ? { message: error.message, stack: error.stack }
    : { message: String(error), stack: undefined };
}

/** What is moved to the other thread rather than copied: the memory of typed arrays, one or two levels down. */
function buffersOf(value: unknown, depth = 0): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return value.byteLength > 0 ? [value.buffer as ArrayBuffer] : [];
  if (value === null || typeof value !== 'object' || depth === 2) return [];
  return Object.values(value).flatMap((part) => buffersOf(part, depth + 1));
}
