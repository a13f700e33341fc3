import { type BlockType, type DataType, type Type, typeLayouts } from '../contract/index.js';

/** WebNN's data types, bfloat16, and the block formats of weights. */
export type MLOperandDataType = ElementType | BlockType;

export type ElementType = Exclude<DataType, 'float8e4m3' | 'float8e5m2' | 'int4' | 'uint4'>;

export const floatTypes = ['float32', 'float16', 'bfloat16'] as const satisfies readonly ElementType[];
export const signedTypes = [...floatTypes, 'int64', 'int32', 'int8'] as const satisfies readonly ElementType[];
export const integerTypes = ['int64', 'uint64', 'int32', 'uint32', 'int8', 'uint8'] as const;
export const wideTypes = [...floatTypes, 'int64', 'uint64', 'int32', 'uint32'] as const;
export const indexTypes = ['int32', 'uint32', 'int64'] as const satisfies readonly ElementType[];
export const elementTypes = [...floatTypes, ...integerTypes] as const satisfies readonly ElementType[];
export const blockTypes = ['q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'] as const satisfies readonly BlockType[];
export const allTypes = [...elementTypes, ...blockTypes] as const satisfies readonly MLOperandDataType[];

export function isBlockType(type: Type): type is BlockType {
  return (blockTypes as readonly Type[]).includes(type);
}

/** Elements that the innermost dimension has to hold whole blocks of. */
export function blockElements(type: Type): number {
  return isBlockType(type) ? typeLayouts[type].elements : 1;
}
