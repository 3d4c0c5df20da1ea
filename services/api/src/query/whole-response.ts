// An answer whose bytes are all there needs no stream on its way out: whoever serves it can ask for them and send them in one piece.

interface Whole {
  readonly bytes: Uint8Array
  /** What a reader of the body gets; made for the first one. */
  streamed: Response | null
}

const WHOLE = new WeakMap<Response, Whole>()

/** A response as any other, which wholeBody() knows. */
export function wholeResponse(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Response {
  const response = new WholeResponse(null, { headers })
  WHOLE.set(response, { bytes: body, streamed: null })
  return response
}

/** The bytes of a response of wholeResponse(), while nobody made another one of it; else undefined. */
export function wholeBody(response: Response): Uint8Array | undefined {
  const whole = WHOLE.get(response)
  return whole === undefined || whole.streamed?.bodyUsed === true ? undefined : whole.bytes
}

/** Made without a body: its stream would cost more than everything else of a small answer. Whoever reads one gets it. */
class WholeResponse extends Response {}

const READERS = ['arrayBuffer', 'blob', 'json', 'text'] as const

Object.defineProperties(WholeResponse.prototype, {
  body: {
    get(this: Response) {
      return streamed(this).body
    },
  },
  bodyUsed: {
    get(this: Response) {
      return WHOLE.get(this)?.streamed?.bodyUsed ?? false
    },
  },
  clone: {
    value(this: Response) {
      return new Response(streamed(this).clone().body, this)
    },
  },
  ...Object.fromEntries(
    READERS.map((name) => [
      name,
      {
        value(this: Response) {
          return streamed(this)[name]()
        },
      },
    ]),
  ),
})

function streamed(response: Response): Response {
  const whole = WHOLE.get(response)
  if (whole === undefined) return new Response(null)
  whole.streamed ??= new Response(whole.bytes as Uint8Array<ArrayBuffer>)
  return whole.streamed
}
