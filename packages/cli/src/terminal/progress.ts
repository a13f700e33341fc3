import { SingleBar } from 'cli-progress';
import { noteColors as colors } from './colors.js';

export interface Progress {
  /** `total` of 0 or less: not known. */
  update(done: number, total: number, stage: string): void;
  end(): void;
}

const patienceMs = 1000;

/** A bar on standard error, drawn once the work has taken a second; where that is no terminal, nothing. */
export function progressBar(): Progress {
  let bar: SingleBar | undefined;
  let latest: Parameters<Progress['update']> | undefined;
  let isDue = false;
  const draw = () => {
    if (!isDue || !latest) return;
    const [done, total, stage] = latest;
    if (!bar) {
      bar = newBar();
      bar.start(Math.max(total, done), done, { stage });
    }
    bar.setTotal(Math.max(total, done, 1));
    bar.update(done, { stage });
  };
  const timer = setTimeout(() => {
    isDue = process.stderr.isTTY;
    draw();
  }, patienceMs);
  timer.unref();
  return {
    update(...state) {
      latest = state;
      draw();
    },
    end() {
      clearTimeout(timer);
      bar?.stop();
      bar = undefined;
      isDue = false;
    },
  };
}

function newBar(): SingleBar {
  return new SingleBar({
    stream: process.stderr,
    format: `${colors.cyan('{bar}')} {percentage}% {stage}`,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 30,
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: true,
  });
}
