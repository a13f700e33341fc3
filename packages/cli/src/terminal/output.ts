/** Data goes to standard output and nothing else does. */
export function printData(text: string): void {
  process.stdout.write(text);
}

export function printJson(value: unknown): void {
  printData(`${JSON.stringify(value, undefined, process.stdout.isTTY ? 2 : undefined)}\n`);
}

/** Notes for the person at the terminal go to standard error. */
export function note(text = ''): void {
  process.stderr.write(`${text}\n`);
}

/** A reader that goes away (`| head`) ends the command quietly, as it does for any Unix tool. */
export function endWhenReaderLeaves(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
}
