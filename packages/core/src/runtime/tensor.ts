import {
  byteLength,
  type ConstantSource,
  type HalyardError,
  type Span,
  type Token,
  type Type,
} from '../contract/index.js';
import type { MLOperandDataType } from '../graph/index.js';
import type { DeviceSession } from './device/session.js';
import { destroyed } from './errors.js';

export interface MLTensorDescriptor {
  readonly dataType: MLOperandDataType;
  readonly shape: readonly number[];
  /** Whether `readTensor` may be called for it. */
  readonly readable?: boolean;
  /** Whether `writeTensor` may be called for it. */
  readonly writable?: boolean;
  readonly label?: string;
}

/** The memory behind a tensor. It does not refer to the tensor, so that this one can be collected. */
export class TensorMemory {
  isDestroyed = false;
  /** The last work that writes it, as long as that is not known to have succeeded. */
  lastWrite: Token | undefined;
  /** Why it is poisoned, where no token says so: a plan over several devices that failed on the way. */
  failure: HalyardError | undefined;
  readonly bytes: number;
  /** Exactly the tensor's bytes. */
  readonly span: Span;

  constructor(
    readonly session: DeviceSession,
    readonly dataType: Type,
    readonly shape: readonly number[],
    readonly held: Span,
  ) {
    this.bytes = byteLength(dataType, shape);
    this.span = { region: held.region, offset: held.offset, bytes: this.bytes };
  }

  static async allocate(session: DeviceSession, dataType: Type, shape: readonly number[]): Promise<TensorMemory> {
    const { span, clean } = await session.pool.allocate({ bytes: byteLength(dataType, shape), tag: 'tensor' });
    const memory = new TensorMemory(session, dataType, shape, span);
    if (!clean && memory.bytes > 0) memory.lastWrite = session.submitted(session.queue.fill(memory.span, 0));
    return memory;
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.session.pool.free(this.held, this.session.inFlight());
  }
}

const collected = new FinalizationRegistry<TensorMemory>((memory) => memory.destroy());

/**
 * A tensor in the memory of a context's device. Tensors that are forgotten are destroyed when they are collected, which
 * may be late.
 *
 * @see https://www.w3.org/TR/webnn/#api-mltensor
 */
export class MLTensor {
  readonly dataType: MLOperandDataType;
  readonly shape: readonly number[];
  readonly readable: boolean;
  readonly writable: boolean;
  readonly constant: boolean = false;
  readonly label: string;
  readonly #memory: TensorMemory | undefined;

  /** @internal Tensors come from `MLContext.createTensor`. */
  constructor(descriptor: MLTensorDescriptor, memory: TensorMemory | undefined) {
    this.dataType = descriptor.dataType;
    this.shape = Object.freeze([...descriptor.shape]);
    this.readable = descriptor.readable ?? false;
    this.writable = descriptor.writable ?? false;
    this.label = descriptor.label ?? '';
    this.#memory = memory;
    if (memory) collected.register(this, memory, memory);
  }

  /** Bytes. */
  get byteLength(): number {
    return byteLength(this.dataType, this.shape);
  }

  /** Gives the memory back once work in flight is done with it. */
  destroy(): void {
    if (!this.#memory) return;
    collected.unregister(this.#memory);
    this.#memory.destroy();
  }

  /** @internal Undefined for what is no tensor, and for constant ones. */
  static memoryOf(tensor: unknown): TensorMemory | undefined {
    return typeof tensor === 'object' && tensor !== null && #memory in tensor ? tensor.#memory : undefined;
  }
}

/** A tensor whose contents never change, for `MLGraphBuilder.constant`. Graphs share its memory on the device. */
export class MLConstantTensor extends MLTensor {
  override readonly constant = true;
  #source: ConstantSource | undefined;

  /** @internal */
  constructor(descriptor: MLTensorDescriptor, source: ConstantSource) {
    super({ ...descriptor, readable: false, writable: false }, undefined);
    this.#source = source;
  }

  /** @throws HalyardError `destroyed` */
  get constantSource(): ConstantSource {
    if (!this.#source) throw destroyed(this.label ? `The constant tensor "${this.label}"` : 'The constant tensor');
    return this.#source;
  }

  override destroy(): void {
    this.#source = undefined;
  }
}
