// Bodies with a bound, read from the request's own stream: a new Request around it, as hono's bodyLimit makes, fails under the
// server's own globals when a body comes in chunks without a length.
import { fault } from '@sandpiper/faults'
import { bufferToFormData } from 'hono/utils/buffer'

/** The whole body. @throws fault `request.too_large` (413) above `bytesMax` bytes, said of `what` (`body`, `project`). */
export async function readBytes(
  request: Request,
  bytesMax: number,
  what = 'body',
): Promise<Buffer> {
  const tooLarge = (): Error =>
    fault('request.too_large', { public: `The ${what} is larger than ${bytesMax} bytes.` })
  if (Number(request.headers.get('Content-Length') ?? 0) > bytesMax) throw tooLarge()
  const chunks: Uint8Array[] = []
  let length = 0
  // The header may be missing or lie: what counts is what comes.
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength
    if (length > bytesMax) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Reads bytes that came as multipart/form-data. @throws fault `request.invalid` when they are none. */
export async function readForm(bytes: Buffer, contentType: string): Promise<FormData> {
  try {
    return await bufferToFormData(new Uint8Array(bytes).buffer, contentType)
  } catch (cause) {
    throw fault('request.invalid', {
      public: 'The body is not valid multipart/form-data.',
      cause,
    })
  }
}
