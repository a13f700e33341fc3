import type { Plan } from '../compiler/plan.js';
import { type Adapter, byteLength } from '../contract/index.js';
import { constantSource } from '../graph/constant.js';
import {
  type BuilderContext,
  type Graph,
  type MLGraph,
  type OpSupportLimits,
  opSupportLimits,
} from '../graph/index.js';
import type { ContextCore } from './context-core.js';
import { badArgument, destroyed } from './errors.js';
import { CompiledGraph } from './graph/compiled-graph.js';
import { type MLNamedTensors, Signature } from './graph/signature.js';
import { readInto } from './graph/transfer.js';
import { unsetArrayBuffer } from './host/index.js';
import type { Telemetry } from './telemetry.js';
import { MLConstantTensor, MLTensor, type MLTensorDescriptor, TensorMemory } from './tensor.js';

export interface MLDispatchOptions {
  /** Memory that outlives the dispatch, for each state of the graph. */
  readonly states?: MLNamedTensors;
  /** Checked when the dispatch is submitted; what has been submitted is not cancelled. */
  readonly signal?: AbortSignal;
}

const collected = new FinalizationRegistry<ContextCore>((core) => void core.close('The context was collected'));

/**
 * A device, and all that was made on it. Everything is submitted in the order of the calls.
 *
 * @see https://www.w3.org/TR/webnn/#api-mlcontext
 */
export class MLContext implements BuilderContext {
  readonly #core: ContextCore;

  /** @internal Contexts come from `createContext`. */
  constructor(core: ContextCore) {
    this.#core = core;
    collected.register(this, core, core);
  }

  /** Resolves when the context can no longer be used: destroyed, or its device lost. */
  get lost(): Promise<{ readonly message: string }> {
    return this.#core.lost;
  }

  /** The device that it computes on. */
  get adapter(): Adapter {
    return this.#core.primary.adapter;
  }

  get telemetry(): Telemetry {
    return this.#core.telemetry;
  }

  get accelerated(): boolean {
    return this.adapter.score >= 1000;
  }

  opSupportLimits(): OpSupportLimits {
    const { types, limits } = this.adapter;
    return opSupportLimits(types, limits.regionBytes);
  }

  /**
   * A tensor of zeros.
   *
   * @throws HalyardError `bad-argument`, `out-of-memory`
   */
  async createTensor(descriptor: MLTensorDescriptor): Promise<MLTensor> {
    this.#core.requireOpen();
    checkDescriptor(descriptor);
    const memory = await TensorMemory.allocate(this.#core.primary, descriptor.dataType, [...descriptor.shape]);
    if (this.#core.closed) {
      memory.destroy();
      throw this.#core.closed;
    }
    this.#core.telemetry.counters.tensors++;
    return new MLTensor(descriptor, memory);
  }

  /** A tensor for `MLGraphBuilder.constant`. Its bytes are copied. */
  async createConstantTensor(
    descriptor: MLTensorDescriptor,
    data: ArrayBuffer | SharedArrayBuffer | ArrayBufferView,
  ): Promise<MLTensor & { readonly constantSource: MLConstantTensor['constantSource'] }> {
    this.#core.requireOpen();
    checkDescriptor(descriptor);
    return new MLConstantTensor(descriptor, constantSource('createConstantTensor', descriptor, data));
  }

  /**
   * Replaces the contents. The bytes have been copied when the call returns.
   *
   * @throws HalyardError `bad-argument`, `destroyed`
   */
  writeTensor(tensor: MLTensor, data: ArrayBuffer | SharedArrayBuffer | ArrayBufferView): void {
    const core = this.#core;
    const memory = this.#memoryOf(tensor, 'writable');
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    if (bytes.byteLength !== memory.bytes) {
      throw badArgument(
        `${bytes.byteLength} bytes were given to be written`,
        `the ${memory.bytes} bytes of the tensor`,
        'Pass as many elements as the tensor has.',
      );
    }
    core.telemetry.counters.writes++;
    core.telemetry.counters.bytesWritten += memory.bytes;
    if (core.telemetry.hears('write')) core.telemetry.emit('write', { bytes: memory.bytes });
    if (memory.bytes === 0) return;
    if (core.isBusy) {
      const copy = bytes.slice();
      void core.inTurn(() => this.#write(memory, copy));
    } else this.#write(memory, bytes);
  }

  /**
   * The contents, as they are once all that was submitted before is done.
   *
   * @throws HalyardError `bad-argument`, `destroyed`; `poisoned` if the work that wrote the tensor failed
   */
  readTensor(tensor: MLTensor): Promise<ArrayBuffer>;
  /** The same, into memory of the caller, which must be left alone until then. */
  readTensor(tensor: MLTensor, into: ArrayBuffer | SharedArrayBuffer | ArrayBufferView): Promise<undefined>;
  async readTensor(
    tensor: MLTensor,
    into?: ArrayBuffer | SharedArrayBuffer | ArrayBufferView,
  ): Promise<ArrayBuffer | undefined> {
    const core = this.#core;
    const memory = this.#memoryOf(tensor, 'readable');
    const target = into ?? unsetArrayBuffer(memory.bytes);
    const bytes = ArrayBuffer.isView(target)
      ? new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
      : new Uint8Array(target);
    if (bytes.byteLength < memory.bytes) {
      throw badArgument(
        `A buffer of ${bytes.byteLength} bytes was given to read into`,
        `at least the ${memory.bytes} bytes of the tensor`,
        'Pass a larger one, or none.',
      );
    }
    core.telemetry.counters.reads++;
    core.telemetry.counters.bytesRead += memory.bytes;
    if (core.telemetry.hears('read')) core.telemetry.emit('read', { bytes: memory.bytes });
    const read = () => {
      if (memory.isDestroyed) throw destroyed('The tensor');
      return readInto(memory, bytes.subarray(0, memory.bytes));
    };
    if (memory.bytes > 0) await (core.isBusy ? core.inTurn(read) : read());
    return into === undefined ? (target as ArrayBuffer) : undefined;
  }

  /**
   * Submits a run of the graph and returns. What fails in it shows when what it writes is read.
   *
   * @throws HalyardError `bad-argument`, `destroyed`, `aborted`, `device-lost`; nothing has changed then
   */
  dispatch(graph: MLGraph, inputs: MLNamedTensors, outputs: MLNamedTensors, options: MLDispatchOptions = {}): void {
    const core = this.#core;
    core.requireOpen();
    const runtime = CompiledGraph.runtimeOf(graph);
    if (!runtime || !core.owns(runtime)) {
      throw badArgument(
        'The graph is not one of this context',
        'a graph that was built for it',
        'Build it with this context.',
      );
    }
    if (runtime.isDestroyed) throw destroyed('The graph');
    if (options.signal?.aborted) throw core.aborted(options.signal);
    const set = runtime.resolve(inputs, outputs, options.states ?? none, MLTensor.memoryOf, core.ownsMemory);
    core.telemetry.counters.dispatches++;
    if (core.isBusy || runtime.isAsynchronous) core.inTurn(() => runtime.submitInTurn(set));
    else runtime.submit(set);
  }

  /** Resolves once all that was submitted is done, whether it failed or not. */
  async settled(): Promise<void> {
    await this.#core.settled();
  }

  /** @internal For `MLGraphBuilder`. */
  async compile(graph: Graph): Promise<MLGraph> {
    this.#core.requireOpen();
    return new CompiledGraph(await this.#core.compile(graph));
  }

  /** Makes a graph of a plan that was compiled elsewhere, for the adapters of this context. */
  async load(plan: Plan, graph: Graph): Promise<MLGraph> {
    this.#core.requireOpen();
    return new CompiledGraph(await this.#core.load(plan, Signature.of(graph)));
  }

  /**
   * Nothing more can be submitted; what has been is finished, and reads in flight are answered. Resolves once
   * everything is given back. Never rejects.
   */
  destroy(): Promise<void> {
    collected.unregister(this.#core);
    return this.#core.close('The context was destroyed');
  }

  #write(memory: TensorMemory, bytes: Uint8Array): void {
    if (memory.isDestroyed) return;
    const { session } = memory;
    memory.lastWrite = session.submitted(session.queue.write(bytes, memory.span));
    memory.failure = undefined;
  }

  #memoryOf(tensor: MLTensor, right: 'readable' | 'writable'): TensorMemory {
    this.#core.requireOpen();
    const memory = MLTensor.memoryOf(tensor);
    const what = tensor?.label ? `The tensor "${tensor.label}"` : 'The tensor';
    if (!memory || !this.#core.ownsMemory(memory)) {
      throw badArgument(
        `${what} is not one of this context`,
        'what its createTensor gave',
        'Create the tensor in this context.',
      );
    }
    if (memory.isDestroyed) throw destroyed(what);
    if (tensor[right]) return memory;
    throw badArgument(`${what} is not ${right}`, `a tensor created with ${right}: true`, 'Create it so.');
  }
}

const none: MLNamedTensors = Object.freeze({});

/** @throws HalyardError `bad-argument` */
function checkDescriptor(descriptor: MLTensorDescriptor): void {
  const { dataType, shape } = descriptor ?? {};
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  let bytes = Number.NaN;
  try {
    if (isShape) bytes = byteLength(dataType, shape);
  } catch {
    // An unknown data type.
  }
  if (Number.isSafeInteger(bytes)) return;
  throw badArgument(
    `A tensor of ${String(dataType)}[${String(shape)}]`,
    'a known data type, and a shape of non-negative integers',
    'Correct the descriptor.',
  );
}
