import { createOutbound, type OutboundOptions } from './create-outbound.ts'
import { fetchText } from './fetch-text.ts'

const BOUNDS = { bytesMax: 64 * 1024, totalMs: 5_000 }

/** Fetches the keys of identity providers: public addresses only, but for listed hosts. A failure is told in the log, for it locks users out. */
export function createFetchJwks(
  logger: { warn(about: object, text: string): void },
  options: OutboundOptions,
): (url: string) => Promise<string> {
  const outbound = createOutbound(options)
  return async (url) => {
    try {
      return await fetchText(outbound, url, BOUNDS)
    } catch (err) {
      logger.warn({ err }, 'the keys of JWTs could not be fetched')
      throw err
    }
  }
}
