import { runPip } from './pip.js';

/** Where an option of pip can come from, first what counts most. */
const sources = [':env:', 'download', 'global'];

/**
 * The index that pip is configured to download from, by its files and variables; PyPI unless they say otherwise.
 *
 * @throws Error in words without pip, or where it is told to ask no index
 */
export async function packageIndex(): Promise<URL> {
  const outcome = await runPip('config', 'list');
  if (outcome?.status !== 0) throw new Error('pip does not say how it is configured');
  const option = (name: string) => {
    const values = sources.map((source) => new RegExp(`^${source}\\.${name}='(.*)'$`, 'm').exec(outcome.stdout)?.[1]);
    return values.find((value) => value !== undefined);
  };
  if (option('no-index') !== undefined) throw new Error('pip is told to ask no index');
  return new URL(`${(option('index-url') ?? 'https://pypi.org/simple').replace(/\/+$/, '')}/`);
}
