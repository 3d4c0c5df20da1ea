// A writer process for link.process.test.ts: reads what is durable, says what it read, gives every turn.
import { connectLink } from './connect-link.ts'
import { openLogReader } from './open-log-reader.ts'

const [dir = '', socketPath = ''] = process.argv.slice(2)
const link = await connectLink({ socketPath })
const reader = openLogReader({ dir, onDamage: () => undefined })
link.onTurn(() => Promise.resolve())
let next = 1
let reading = Promise.resolve()

function readOn(upTo: number): void {
  reading = reading.then(async () => {
    for await (const ref of reader.scan(next, upTo, new AbortController().signal)) {
      const frame = await reader.read(ref)
      next = frame.sequence + 1
      link.publishLoaded(frame.dataSourceId, frame.sequence, { kind: 'loaded' })
    }
  })
}

link.onDurable(readOn)
readOn(link.durable())
await link.closed
await reader.close()
