// What is confirmed per data source, and from where the log must be read after a restart.

/** What one data source still holds back. */
export interface Holder {
  /** Lowest sequence that is waiting, in flight or left out; null when there is none. */
  lowestOpen(): number | null
}

/**
 * The lowest sequence that is not confirmed everywhere. What lies below is in every target and need not be read again.
 * @param scannedTo every frame up to here was handed to its data source.
 */
export function readFrom(holders: Iterable<Holder>, scannedTo: number): number {
  let lowest = scannedTo + 1
  for (const holder of holders) {
    const open = holder.lowestOpen()
    if (open !== null && open < lowest) lowest = open
  }
  return lowest
}
