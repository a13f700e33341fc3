import { HalyardError } from '@halyard/core';
import { CommanderError } from 'commander';
import { noteColors as colors } from './colors.js';
import { note } from './output.js';

/**
 * Says what went wrong and what to do, and gives the exit code: 2 for a command line that makes no sense, 130 after
 * Ctrl-C, else 1. With HALYARD_DEBUG set, the stack too.
 */
export function reportFailure(error: unknown): number {
  // Commander has said it already; its help and version come this way, too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (process.env.HALYARD_DEBUG) note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (error instanceof HalyardError) {
    const { found, expected, remedy } = error.details;
    note(`${colors.red('Error:')}    ${found}`);
    note(`${colors.dim('Expected:')} ${expected}`);
    note(`${colors.dim('Remedy:')}   ${remedy}`);
    return error.code === 'aborted' ? 130 : 1;
  }
  note(`${colors.red('Error:')} ${error instanceof Error ? error.message : String(error)}`);
  note(colors.dim('This is a defect: please report it with what HALYARD_DEBUG=1 prints.'));
  return 1;
}
