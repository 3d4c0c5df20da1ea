// zstd, one block of at most 128 KiB at a time: this walker finds where frames and blocks begin and end and looks at each header before
// the decompressor does, so that no header makes it take memory, and no block is more work than a slice. Refused beside what is damaged:
// windows above 8 MiB (RFC 9659 asks that of zstd as a content coding) and dictionaries. Content checksums are not verified.
import { Transform, type TransformCallback } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fault, type Fault } from '@sandpiper/faults'
import { Decompress } from 'fzstd'

const WINDOW_BYTES_MAX = 8 * 1024 * 1024
const BLOCK_BYTES_MAX = 128 * 1024
/** The decompressor moves its window with every block. A body of many empty blocks would be all moving. */
const MOVED_BYTES_MAX = 8 * 1024 * 1024 * 1024
const SLICE_MS = 4

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const CHECKSUM_BYTES = 4
/** The decompressor looks at nothing before it has so much; a smaller frame is filled up behind its end. */
const FED_BYTES_MIN = 18
const RLE = 1
const RESERVED = 3

interface OpenFrame {
  readonly decompress: Decompress
  readonly windowBytes: number
  readonly hasChecksum: boolean
  fedBytes: number
}

export class ZstdUnpacker extends Transform {
  private readonly onKept: (bytes: number) => void
  private waiting: Buffer = Buffer.alloc(0)
  // Pieces are joined once there are enough for the next step, not one by one: they may be of one byte each.
  private pieces: Buffer[] = []
  private pieceBytes = 0
  private needed = 1
  private frame: OpenFrame | null = null
  private skip = 0
  private moved = 0
  private kept = 0
  private hasFrame = false

  /** @param onKept told of the bytes of each window that is larger than those before. */
  constructor(onKept: (bytes: number) => void) {
    super()
    this.onKept = onKept
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.pieces.push(chunk)
    this.pieceBytes += chunk.length
    if (this.pieceBytes < this.needed) {
      callback()
      return
    }
    this.waiting = this.pieces.length === 1 ? chunk : Buffer.concat(this.pieces)
    this.walk().then(
      () => {
        callback()
      },
      (err: unknown) => {
        callback(err instanceof Error ? err : damaged(err))
      },
    )
  }

  override _flush(callback: TransformCallback): void {
    const isWhole = this.hasFrame && this.frame === null && this.skip === 0 && this.pieceBytes === 0
    callback(isWhole ? null : damaged(null))
  }

  private async walk(): Promise<void> {
    let began = performance.now()
    for (;;) {
      const used = this.step(this.waiting)
      if (used === 0) {
        this.pieces = this.waiting.length === 0 ? [] : [this.waiting]
        this.pieceBytes = this.waiting.length
        return
      }
      this.waiting = this.waiting.subarray(used)
      if (performance.now() - began < SLICE_MS) continue
      await nextTurn()
      if (this.destroyed) return
      began = performance.now()
    }
  }

  /** Takes one thing from the front; 0 when it is not there in full yet, and `needed` says how much it takes. */
  private step(bytes: Buffer): number {
    if (bytes.length === 0) return this.wait(1)
    if (this.skip > 0) {
      const used = Math.min(this.skip, bytes.length)
      this.skip -= used
      return used
    }
    return this.frame === null ? this.beginFrame(bytes) : this.block(bytes, this.frame)
  }

  private wait(bytes: number): 0 {
    this.needed = bytes
    return 0
  }

  private beginFrame(bytes: Buffer): number {
    if (bytes.length < 5) return this.wait(5)
    const magic = bytes.readUInt32LE(0)
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      if (bytes.length < 8) return this.wait(8)
      this.skip = bytes.readUInt32LE(4)
      return 8
    }
    if (magic !== FRAME_MAGIC) throw damaged(null)
    const headerBytes = frameHeaderBytes(bytes.readUInt8(4))
    if (bytes.length < headerBytes) return this.wait(headerBytes)
    const header = bytes.subarray(0, headerBytes)
    const windowBytes = judgedWindow(header)
    if (windowBytes > this.kept) {
      this.onKept(windowBytes - this.kept)
      this.kept = windowBytes
    }
    const decompress = new Decompress((part) => {
      // The decompressor's blocks may be small parts of large buffers.
      if (part.length > 0) this.push(Buffer.from(part))
    })
    const hasChecksum = (bytes.readUInt8(4) & 4) !== 0
    this.frame = { decompress, windowBytes, hasChecksum, fedBytes: 0 }
    feed(this.frame, header)
    this.hasFrame = true
    return headerBytes
  }

  private block(bytes: Buffer, frame: OpenFrame): number {
    if (bytes.length < 3) return this.wait(3)
    const header = bytes.readUIntLE(0, 3)
    const type = (header >> 1) & 3
    const size = header >> 3
    if (type === RESERVED || size > BLOCK_BYTES_MAX) throw damaged(null)
    const used = 3 + (type === RLE ? 1 : size)
    if (bytes.length < used) return this.wait(used)
    this.moved += frame.windowBytes
    if (this.moved > MOVED_BYTES_MAX)
      throw refused('The body consists of too many small zstd blocks.')
    feed(frame, bytes.subarray(0, used))
    if ((header & 1) === 0) return used
    if (frame.fedBytes < FED_BYTES_MIN) feed(frame, Buffer.alloc(FED_BYTES_MIN - frame.fedBytes))
    this.frame = null
    if (frame.hasChecksum) this.skip = CHECKSUM_BYTES
    return used
  }
}

/** @param descriptor the byte after the magic number; RFC 8878, 3.1.1.1. */
function frameHeaderBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  return 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes(descriptor)
}

function contentSizeBytes(descriptor: number): number {
  const flag = descriptor >> 6
  if (flag === 0) return (descriptor & 0x20) === 0 ? 0 : 1
  return 1 << flag
}

/** Bytes of the frame's window. @throws fault for one that is too large, and for a dictionary. */
function judgedWindow(header: Buffer): number {
  const descriptor = header.readUInt8(4)
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeBytes = contentSizeBytes(descriptor)
  const idAt = isSingleSegment ? 5 : 6
  const sizeAt = header.length - sizeBytes
  if ((descriptor & 8) !== 0) throw damaged(null)
  if (header.subarray(idAt, sizeAt).some((byte) => byte !== 0))
    throw refused('The zstd body needs a dictionary, which nobody here has.')
  const windowBytes = isSingleSegment
    ? contentSize(header, sizeAt, sizeBytes)
    : windowOf(header.readUInt8(5))
  if (windowBytes > WINDOW_BYTES_MAX)
    throw refused(
      `The zstd body needs a window of ${windowBytes} bytes; at most ${WINDOW_BYTES_MAX} are taken. Compress it without --long or --ultra.`,
    )
  return windowBytes
}

function contentSize(header: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(header.readBigUInt64LE(at))
  return header.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0)
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

/**
 * The decompressor keeps what it is given until it has enough: it gets a copy. It is never told that something was the last: it would
 * then ask for the checksum, which is skipped here.
 */
function feed(frame: OpenFrame, bytes: Buffer): void {
  frame.fedBytes += bytes.length
  try {
    frame.decompress.push(Uint8Array.from(bytes), false)
  } catch (err) {
    throw damaged(err)
  }
}

function damaged(cause: unknown): Fault {
  return fault('request.invalid', { public: 'The compressed body is damaged or cut off.', cause })
}

function refused(text: string): Fault {
  return fault('request.invalid', { public: text })
}
