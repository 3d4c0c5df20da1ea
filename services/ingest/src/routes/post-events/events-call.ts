import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Quota } from '@sandpiper/tokens'

/** One request while it is answered. */
export interface EventsCall {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly requestId: string
  /** The tighter of the quotas the request counted against; null when none is configured or nobody is known to have sent it. */
  quota: Quota | null
}

export interface EventsAnswer {
  readonly status: number
  /** JSON; '' for none. */
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}
