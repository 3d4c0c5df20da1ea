/** Says: look whether this job may be run. Losing, doubling or delaying a ticket is harmless: the catalog's row decides. */
export interface Ticket {
  readonly jobId: string
  readonly kind: string
  readonly attempt: number
}

/** Brings tickets to whoever runs jobs, in the order they were added. */
export interface TicketQueue {
  /** Adds a ticket unless the same one is there. @param delayMs brought no earlier than after it. @throws what the driver throws; adding again is safe. */
  add(ticket: Ticket, delayMs: number): Promise<void>
  /** Takes no more tickets; waits for those in hand. */
  close(): Promise<void>
}

/** How tickets are worked on. */
export interface TicketHandlers {
  /** Must not reject; the next ticket waits for it when all hands are full. */
  run(ticket: Ticket): Promise<void>
  /** After run() and after the queue has forgotten the ticket: the same one can be added again. */
  done(ticket: Ticket): void
  /** The connection broke or came back with an error; the queue goes on by itself. */
  readonly failed: (err: unknown) => void
}
