/** What is used of BullMQ, whose classes differ by the place. */
export interface TicketBook {
  on(event: 'error', listener: (err: Error) => void): unknown
  waitUntilReady(): Promise<unknown>
  obliterate(options: { readonly force: true }): Promise<void>
  add(name: string, data: unknown, options: TicketOptions): Promise<unknown>
  close(): Promise<void>
}

/** How a ticket is kept. */
interface TicketOptions {
  jobId: string
  delay?: number
  removeOnComplete: true
  removeOnFail: true
}

/** As BullMQ brings it. */
export interface BroughtTicket {
  readonly data: unknown
}

/** Brings tickets. */
export interface TicketWorker {
  on(event: 'error', listener: (err: Error) => void): unknown
  on(event: 'completed', listener: (job: BroughtTicket) => void): unknown
  on(event: 'failed', listener: (job: BroughtTicket | undefined) => void): unknown
  waitUntilReady(): Promise<unknown>
  close(force?: boolean): Promise<void>
}

/** Where BullMQ keeps tickets. */
export interface TicketPlace {
  openQueue(name: string): TicketBook
  openWorker(
    name: string,
    concurrency: number,
    run: (job: BroughtTicket) => Promise<void>,
  ): TicketWorker
  /** Ends the connections that are not BullMQ's own; after it has closed. */
  end(): void
}
