/** Most bytes that one packed batch may become: more is a bomb, and brokers unpack what they check. */
export const UNPACKED_BYTES_MAX = 256 * 1024 * 1024

/** Bytes that are unpacked one after the other, and copied from what is there already. */
export class GrowingBytes {
  private bytes: Buffer
  private length = 0

  constructor(expected: number) {
    this.bytes = Buffer.allocUnsafe(Math.min(Math.max(expected, 1_024), UNPACKED_BYTES_MAX))
  }

  add(from: Buffer, start: number, end: number): void {
    if (start > end || end > from.length) throw new Error('a packed batch ends too early')
    this.grow(end - start)
    from.copy(this.bytes, this.length, start, end)
    this.length += end - start
  }

  /** Copies what was added `distance` bytes ago; it may reach into what it writes. */
  repeat(distance: number, count: number): void {
    if (distance <= 0 || distance > this.length) throw new Error('a packed batch is damaged')
    this.grow(count)
    const from = this.length - distance
    if (distance >= count) this.bytes.copy(this.bytes, this.length, from, from + count)
    else {
      for (let index = 0; index < count; index += 1)
        this.bytes[this.length + index] = this.bytes[from + index] ?? 0
    }
    this.length += count
  }

  take(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  private grow(more: number): void {
    const needed = this.length + more
    if (needed > UNPACKED_BYTES_MAX) throw new Error('a packed batch is too large')
    if (needed <= this.bytes.length) return
    const next = Buffer.allocUnsafe(
      Math.min(Math.max(needed, this.bytes.length * 2), UNPACKED_BYTES_MAX),
    )
    this.bytes.copy(next, 0, 0, this.length)
    this.bytes = next
  }
}
