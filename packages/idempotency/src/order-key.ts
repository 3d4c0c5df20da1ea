// Keys by age: 16 bytes of the workspace, then the sequence with its highest byte first, so that bytes sort as sequences do.

/** @param workspace 32 hexadecimal digits. */
export function orderKey(workspace: string, sequence: number): Buffer {
  const bytes = Buffer.alloc(24)
  bytes.write(workspace, 0, 'hex')
  bytes.writeBigUInt64BE(BigInt(sequence), 16)
  return bytes
}

export function sequenceOfOrderKey(key: Buffer): number {
  return Number(key.readBigUInt64BE(16))
}

/** Every order key of a workspace, the oldest first. */
export function orderRange(workspace: string): { start: Buffer; end: Buffer } {
  return { start: orderKey(workspace, 0), end: orderKey(workspace, Number.MAX_SAFE_INTEGER) }
}
