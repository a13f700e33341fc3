import type { MLOperand } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../graph/record.js';
import { evaluateGraph } from './evaluate.js';
import { float32, int32 } from './operands.js';

const four = { dataType: 'float32', shape: [4] } as const;

describe('states', () => {
  it('keep what they are assigned', async () => {
    const graph = await record((b) => {
      const sum = b.state('sum', four);
      return { after: b.assign(sum, b.add(sum, float32(b, [1, 2, 3, 4]))) };
    });
    const { outputs, states } = evaluateGraph(graph, { sum: [10, 20, 30, 40] });
    expect(states.sum).toEqual([11, 22, 33, 44]);
    expect(outputs.after).toEqual([11, 22, 33, 44]);
  });

  it('are written although no output depends on them', async () => {
    const graph = await record((b) => {
      b.assign(b.state('kept', four), float32(b, [1, 2, 3, 4]));
      return {};
    });
    expect(evaluateGraph(graph).states.kept).toEqual([1, 2, 3, 4]);
  });

  it('rows go where the indices say at run time, and those outside are dropped', async () => {
    const graph = await record((b) => {
      const cache = b.state('cache', { dataType: 'float32', shape: [2, 4] });
      const rows = b.input('rows', { dataType: 'int32', shape: [3] });
      b.assign(cache, float32(b, [1, 2, 3, 4, 5, 6], [2, 3]), { axis: 1, rows });
      return {};
    });
    expect(evaluateGraph(graph, { rows: [2, 0, 9] }).states.cache).toEqual([2, 0, 1, 0, 5, 0, 4, 0]);
  });

  it('what was built from the old value reads the old value, whatever the order of calls', async () => {
    const graph = await record((b) => {
      const state = b.state('state', four);
      const view = b.reverse(state);
      const after = b.assign(state, b.add(state, b.constant('float32', 1)));
      return { old: b.neg(view), new: b.neg(after) };
    });
    const { outputs } = evaluateGraph(graph, { state: [1, 2, 3, 4] });
    expect(outputs.old).toEqual([-4, -3, -2, -1]);
    expect(outputs.new).toEqual([-2, -3, -4, -5]);
  });

  it('the old value is preserved for what needs both old and new', async () => {
    const graph = await record((b) => {
      const state = b.state('state', four);
      const old = b.reverse(state);
      const after = b.assign(state, b.mul(state, b.constant('float32', 10)));
      return { sum: b.add(old, after), ends: b.slice(old, [0], [2]) };
    });
    const { outputs } = evaluateGraph(graph, { state: [1, 2, 3, 4] });
    expect(outputs.sum).toEqual([14, 23, 32, 41]);
    expect(outputs.ends).toEqual([4, 3]);
  });

  it('two states can be swapped', async () => {
    const graph = await record((b) => {
      const [a, c] = [b.state('a', four), b.state('c', four)];
      b.assign(a, c);
      b.assign(c, a);
      return {};
    });
    const { states } = evaluateGraph(graph, { a: [1, 1, 1, 1], c: [2, 2, 2, 2] });
    expect(states).toEqual({ a: [2, 2, 2, 2], c: [1, 1, 1, 1] });
  });

  it('elements can be moved about within a state', async () => {
    const graph = await record((b) => {
      const state = b.state('state', four);
      b.assign(state, b.reverse(state));
      return {};
    });
    expect(evaluateGraph(graph, { state: [1, 2, 3, 4] }).states.state).toEqual([4, 3, 2, 1]);
  });

  it('assignments follow each other', async () => {
    const graph = await record((b) => {
      const state = b.state('state', four);
      const cleared = b.assign(state, b.expand(b.constant('float32', 0), [4]));
      const filled = b.assign(cleared, float32(b, [7]), { rows: int32(b, [2]) });
      return { between: b.identity(cleared), after: b.identity(filled) };
    });
    const { outputs, states } = evaluateGraph(graph, { state: [1, 2, 3, 4] });
    expect(outputs.between).toEqual([0, 0, 0, 0]);
    expect(outputs.after).toEqual([0, 0, 7, 0]);
    expect(states.state).toEqual([0, 0, 7, 0]);
  });

  it('assigning a state to itself does nothing', async () => {
    const graph = await record((b) => {
      const state = b.state('state', four);
      b.assign(state, b.identity(state));
      return {};
    });
    const { module, states } = evaluateGraph(graph, { state: [1, 2, 3, 4] });
    expect(module.steps).toEqual([]);
    expect(states.state).toEqual([1, 2, 3, 4]);
  });
});

describe('any mixture of reading and writing states', () => {
  type Action =
    | { readonly kind: 'add' | 'assign'; readonly first: number; readonly second: number }
    | { readonly kind: 'reverse' | 'output'; readonly first: number };
  const action: fc.Arbitrary<Action> = fc.oneof(
    fc.record({ kind: fc.constantFrom('add', 'assign'), first: fc.nat(40), second: fc.nat(40) }),
    fc.record({ kind: fc.constantFrom('reverse', 'output'), first: fc.nat(40) }),
  );

  it('gives what single assignments in the order of calls would give', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 25 }), async (actions) => {
        const initial = { a: [1, 2, 3, 4], b: [10, 20, 30, 40], c: [100, 200, 300, 400] };
        const expectedOutputs: Record<string, readonly number[]> = {};
        const expectedStates: Record<string, readonly number[]> = { ...initial };
        const graph = await record((builder) => {
          const names = ['a', 'b', 'c'] as const;
          const operands = names.map((name) => builder.state(name, four));
          const values: (readonly number[])[] = names.map((name) => initial[name]);
          const current = new Map(names.map((name, index) => [name, operands[index]!]));
          const outputs: Record<string, MLOperand> = {};
          const keep = (operand: MLOperand, value: readonly number[]) => {
            operands.push(operand);
            values.push(value);
          };
          for (const { kind, first, ...rest } of actions) {
            const at = first % operands.length;
            const other = 'second' in rest ? rest.second % operands.length : 0;
            if (kind === 'add') {
              keep(
                builder.add(operands[at]!, operands[other]!),
                values[at]!.map((value, index) => value + values[other]![index]!),
              );
            } else if (kind === 'reverse') {
              keep(builder.reverse(operands[at]!), values[at]!.toReversed());
            } else if (kind === 'assign') {
              const name = names[first % 3]!;
              const operand = builder.assign(current.get(name)!, operands[other]!);
              current.set(name, operand);
              keep(operand, values[other]!);
              expectedStates[name] = values[other]!;
            } else {
              const name = `output ${Object.keys(outputs).length}`;
              outputs[name] = operands[at]!;
              expectedOutputs[name] = values[at]!;
            }
          }
          outputs.last = builder.identity(operands.at(-1)!);
          expectedOutputs.last = values.at(-1)!;
          return outputs;
        });
        const { outputs, states } = evaluateGraph(graph, initial);
        expect(outputs).toEqual(expectedOutputs);
        for (const [name, values] of Object.entries(states)) expect(values, name).toEqual(expectedStates[name]);
      }),
      { numRuns: 500 },
    );
  });
});
