// An answer whose bytes are all there needs no stream on its way out: whoever serves it can ask for them and send them in one piece.

const WHOLE = new WeakMap<Response, Uint8Array>()

/** A response as any other, which wholeBody() knows. */
export function wholeResponse(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Response {
  const response = new Response(body as Uint8Array<ArrayBuffer>, { headers })
  WHOLE.set(response, body)
  return response
}

/** The bytes of a response of wholeResponse(), while nobody made another one of it; else undefined. */
export function wholeBody(response: Response): Uint8Array | undefined {
  return response.bodyUsed ? undefined : WHOLE.get(response)
}
