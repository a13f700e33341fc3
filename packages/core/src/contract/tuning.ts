/** One entry of a tuning table: tile sizes, pipeline stages, thread split, which kernel. */
export type Configuration = Readonly<Record<string, number | string>>;
