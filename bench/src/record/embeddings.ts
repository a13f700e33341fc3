import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peerPython } from '../peers.js';
import { sentences } from '../prompts.js';
import { sha256, writeFixture } from './fixtures.js';

/** Records sentence embeddings computed in float64 with the weights and tokenizer of a model's folder. */
export async function recordEmbeddings(folder: string): Promise<string> {
  const script = fileURLToPath(new URL('../../src/record/reference_embeddings.py', import.meta.url));
  const { status, stdout } = spawnSync(await peerPython(), [script], {
    input: JSON.stringify({ folder, sentences }),
    stdio: ['pipe', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error('The reference embeddings could not be computed; see above.');
  return writeFixture('embeddings-minilm', {
    recordedBy: 'bench/src/record/embeddings.ts',
    engine: 'float64, bench/src/record/reference_embeddings.py with tokenizers 0.23.3',
    model: { file: 'model.safetensors', sha256: await sha256(join(folder, 'model.safetensors')) },
    embeddings: JSON.parse(stdout),
  });
}
