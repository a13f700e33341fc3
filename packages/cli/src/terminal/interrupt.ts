/**
 * Lets Ctrl-C abort a controller. A second Ctrl-C ends the process at once, as it would have without us. `release` gives
 * Ctrl-C its usual meaning back.
 */
export function onInterrupt(controller = new AbortController()): { readonly signal: AbortSignal; release(): void } {
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  return { signal: controller.signal, release: () => void process.off('SIGINT', interrupt) };
}
