import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endWithThisProcess } from './end-with.js';
import { describeFailure, errorOf, type Failure } from './failure.js';

/**
 * Runs a script of `measure/` in a process of its own, so that nothing else's memory is counted.
 *
 * @param script its name, without an ending; it ends with {@link answerWith}
 * @param parameters what it finds in `process.argv`
 * @param environment variables beside those of this process
 * @throws Error what the script threw
 */
export async function measureInProcess<Result extends object>(
  script: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const file = fileURLToPath(new URL(`../measure/${script}.js`, import.meta.url));
  const env = { ...process.env, ...environment };
  const started = promisify(execFile)(process.execPath, [file, ...parameters], { env });
  endWithThisProcess(started.child);
  const answer = JSON.parse((await started).stdout) as Result | { readonly failure: Failure };
  if ('failure' in answer) throw errorOf(answer.failure);
  return answer;
}

/** The script's side: what it measured goes to whoever started it, and the process ends. */
export async function answerWith(measure: () => Promise<object>): Promise<never> {
  const answer = await measure().catch((error: unknown) => ({ failure: describeFailure(error) }));
  await new Promise((written) => process.stdout.write(JSON.stringify(answer), written));
  process.exit(0);
}
