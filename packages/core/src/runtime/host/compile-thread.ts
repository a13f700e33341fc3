import { parentPort } from 'node:worker_threads';
import { compileRequest } from '../compilation/compile-request.js';
import type { CompileAnswer, CompileRequest, TidyRequest } from '../compilation/request.js';
import { asHalyardError } from '../errors.js';
import { collectGarbage } from './collect-garbage.js';

/** The other end of `compileInThread`. */
parentPort?.on('message', async (request: CompileRequest | TidyRequest) => {
  parentPort!.postMessage('tidy' in request ? await tidied(request) : await compiled(request));
});

async function compiled(request: CompileRequest): Promise<CompileAnswer> {
  const { id } = request;
  try {
    return { id, plan: await compileRequest(request) };
  } catch (error) {
    const { code, details } = asHalyardError(error, 'Compiling a graph');
    return { id, error: { code, details } };
  }
}

async function tidied({ id }: TidyRequest): Promise<CompileAnswer> {
  await collectGarbage();
  return { id, tidied: true };
}
