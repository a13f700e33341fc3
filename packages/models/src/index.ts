export { type GgufFile, readGguf } from './formats/gguf.js';
export { readSafetensors, type SafetensorsFile } from './formats/safetensors.js';
export { type Weight, Weights, type WeightTensor } from './formats/weights.js';
export { modelAliases } from './sources/aliases.js';
export { cacheFolder } from './sources/cache-folder.js';
export { obtain, type PullOptions, pull } from './sources/pull.js';
export type { ModelFile, ModelRecipe, ModelSource, PullProgress } from './sources/recipe.js';
export type { ChatMessage } from './tokenizer/chat-template.js';
export type { SpecialTokens } from './tokenizer/definition.js';
