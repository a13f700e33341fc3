import type { ChildProcess } from 'node:child_process';

/** A child does not outlive this process, however that ends: one that computes would not see its pipes close. */
export function endWithThisProcess(child: ChildProcess): void {
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}
