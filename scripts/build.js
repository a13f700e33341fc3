import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { missingPrerequisites } from './prerequisites.js';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Whether the command line has been built. */
export const isBuilt = () => existsSync(new URL('../packages/cli/dist/main.js', import.meta.url));

/** What a user runs, each with all that it imports: not the tools of those who test. */
const used = ['halyard', '@halyard/backend-cuda'];

/** Builds the command line and the backends. All that is said goes to standard error; ends the process if it fails. */
export function build() {
  const missing = missingPrerequisites();
  if (missing) {
    process.stderr.write(`${missing}\n`);
    process.exit(1);
  }
  run(['exec', 'turbo', 'run', 'build', '--output-logs=errors-only', ...used.map((name) => `--filter=${name}...`)]);
}

/** Runs pnpm, the one that runs this script. */
export function run(args, folder = root) {
  const [command, ...rest] = process.env.npm_execpath
    ? [process.execPath, process.env.npm_execpath]
    : ['npx', '--yes', 'pnpm@10.34.8'];
  const { status } = spawnSync(command, [...rest, ...args], {
    cwd: folder,
    stdio: ['inherit', 2, 2],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Goes on as if Node had been started with this module: backends are looked for beside the main script. */
export async function start(module) {
  const url = new URL(module, import.meta.url);
  process.argv[1] = fileURLToPath(url);
  await import(url.href);
}

export const startCommandLine = () => start('../packages/cli/bin/halyard.js');
