import { fault } from '@sandpiper/faults'
import type { Outbound } from '@sandpiper/outbound'

import type { FetchFile } from './import-deps.ts'

/** Fetches files through the guarded way out. A gzip encoding stays: the file is unpacked when it is read. @param bytesMax as sent. */
export function createFetchFile(outbound: Outbound, bytesMax: number): FetchFile {
  return async (url, { signal }) => {
    const reply = await outbound.openRemote(url, {
      ...{ bytesMax, signal, totalMs: TOTAL_MS },
      headers: { 'accept-encoding': 'gzip, identity' },
    })
    if (reply.status === 200) return reply.body
    reply.close()
    throw fault('request.invalid', {
      public: `${reply.shownUrl} answered with status ${reply.status} instead of a file.`,
    })
  }
}

/** Milliseconds for a whole file. */
const TOTAL_MS = 4 * 3_600_000
