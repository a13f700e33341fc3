import type { ModelRecipe, PullProgress } from './recipe.js';

/** What a source's fetcher is handed. */
export interface FetchTask {
  readonly recipe: ModelRecipe;
  /** The files go there under their names; a temporary place on the cache's own file system. */
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
  readonly report: (progress: Omit<PullProgress, 'source'>) => void;
}
