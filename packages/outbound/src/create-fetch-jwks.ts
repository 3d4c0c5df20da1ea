import type { FetchJwks } from '@sandpiper/catalog'
import { createOutbound, fetchText, type OutboundOptions } from '@sandpiper/outbound'
import type { Logger } from '@sandpiper/telemetry'

const BOUNDS = { bytesMax: 64 * 1024, totalMs: 5_000 }

/** Fetches the keys of identity providers: public addresses only, but for listed hosts. A failure is told in the log, for it locks users out. */
export function createFetchJwks(logger: Logger, options: OutboundOptions): FetchJwks {
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
