import type { Adapter, Program, ScalarOperator, Type } from '../contract/index.js';
import { contractVersion, typeLayouts } from '../contract/index.js';
import type { BackendDefinition } from './define-backend.js';

const scalarOperators: readonly ScalarOperator[] = [
  ...(['constant', 'coordinate', 'random', 'cast', 'select'] as const),
  ...(['add', 'sub', 'mul', 'div', 'pow', 'min', 'max'] as const),
  ...(['equal', 'notEqual', 'lesser', 'lesserOrEqual', 'greater', 'greaterOrEqual'] as const),
  ...(['and', 'or', 'xor', 'not', 'isNaN', 'isInfinite'] as const),
  ...(['abs', 'neg', 'sign', 'exp', 'log', 'sqrt', 'rsqrt', 'reciprocal', 'erf', 'tanh', 'sigmoid'] as const),
  ...(['gelu', 'silu', 'sin', 'cos', 'tan', 'floor', 'ceil', 'roundEven'] as const),
];

/** No ArrayBuffer of a current engine is larger. */
const regionBytes = 2 ** 32;

/** The host as an adapter, never preferred to anything, with the proof that the backend computes. */
export async function hostAdapter(definition: BackendDefinition): Promise<Adapter> {
  const adapter: Adapter = {
    id: definition.name,
    name: `${definition.name} (JavaScript)`,
    fingerprint: definition.name,
    architecture: 'javascript',
    relatives: [],
    computeUnits: 1,
    memory: [{ tier: 'device', bytes: regionBytes }],
    links: [],
    types: (Object.keys(typeLayouts) as Type[]).filter((type) => !type.startsWith('float8')),
    scalarOperators,
    composites: [],
    limits: { alignment: 64, regionBytes, operandsPerStep: 64, rank: 16, inPlace: true },
    versions: {},
    score: 0,
    proof: { ok: true, detail: '' },
  };
  return { ...adapter, proof: await prove(definition, adapter) };
}

/** Adds two vectors. */
async function prove(definition: BackendDefinition, adapter: Adapter): Promise<Adapter['proof']> {
  const view = (tensor: number) => ({ tensor, offset: 0, shape: [3], strides: [1] });
  const program: Program = {
    version: contractVersion,
    bindings: (['input', 'input', 'output'] as const).map((role, index) => ({ role, name: `${index}`, bytes: 12 })),
    tensors: [0, 1, 2].map((binding) => ({ type: 'float32', shape: [3], at: { binding }, offset: 0 })),
    steps: [
      {
        kind: 'map',
        inputs: [view(0), view(1)],
        outputs: [view(2)],
        attributes: {},
        epilogue: { inputs: [], body: [{ op: 'add', arguments: [0, 1], dataType: 'float32' }], results: [2] },
        after: [],
        origin: [],
      },
    ],
    workspaceBytes: 0,
  };
  const sum = new Float32Array(3);
  const bindings = [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6), sum].map(
    ({ buffer }) => new Uint8Array(buffer),
  );
  const compute = await definition.compile(program, [{}], adapter);
  await compute(bindings, new Uint8Array(0));
  return { ok: `${sum}` === '5,7,9', detail: `1,2,3 + 4,5,6 = ${sum}` };
}
