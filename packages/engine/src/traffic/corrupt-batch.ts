// What decoding a packet batch throws. It crosses to the store, which knows the event that the bytes belong to.

export class CorruptBatch extends Error {
  /** Byte of the encoded batch, from 0, at which the reader gave up. */
  readonly position: number;
  readonly reason: string;

  constructor(position: number, reason: string) {
    super(`packet batch can't be read at byte ${position}: ${reason}`);
    this.name = "CorruptBatch";
    this.position = position;
    this.reason = reason;
  }
}
