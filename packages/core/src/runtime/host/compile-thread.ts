import { parentPort } from 'node:worker_threads';
import { compileRequest } from '../compilation/compile-request.js';
import type { CompileAnswer, CompileRequest } from '../compilation/request.js';
import { asHalyardError } from '../errors.js';

/** The other end of `compileInThread`. */
parentPort?.on('message', async (request: CompileRequest) => {
  const { id } = request;
  let answer: CompileAnswer;
  try {
    answer = { id, plan: await compileRequest(request) };
  } catch (error) {
    const { code, details } = asHalyardError(error, 'Compiling a graph');
    answer = { id, error: { code, details } };
  }
  parentPort!.postMessage(answer);
});
