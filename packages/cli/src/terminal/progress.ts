import { SingleBar } from 'cli-progress';
import { noteColors as colors } from './colors.js';

export interface Progress {
  /** `total` of 0 or less: not known. */
  update(done: number, total: number, stage: string): void;
  end(): void;
}

/** A bar on standard error, drawn once the work has taken a second; where that is no terminal, nothing. */
export function progressBar(): Progress {
  const patience = 1000;
  const started = performance.now();
  let bar: SingleBar | undefined;
  return {
    update(done, total, stage) {
      if (!process.stderr.isTTY || performance.now() - started < patience) return;
      if (!bar) {
        bar = new SingleBar({
          stream: process.stderr,
          format: `${colors.cyan('{bar}')} {percentage}% {stage}`,
          barCompleteChar: '━',
          barIncompleteChar: '─',
          barsize: 30,
          clearOnComplete: true,
          hideCursor: true,
          gracefulExit: true,
        });
        bar.start(Math.max(total, done), done, { stage });
      }
      bar.setTotal(Math.max(total, done, 1));
      bar.update(done, { stage });
    },
    end() {
      bar?.stop();
      bar = undefined;
    },
  };
}
