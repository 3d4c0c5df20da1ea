// Three times more than the disk takes: what is in memory stays bounded, what is not taken is told so, and all is well again afterwards.
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHeldFiles, type HeldFiles } from '../../testing/held-files.ts'
import { startIngest, type TestIngest } from '../../testing/start-ingest.ts'

const IN_FLIGHT_MAX = 400_000
const APPENDS_MAX = 50
const EVENT = JSON.stringify({ n: 1, s: 'x'.repeat(2_000) })

let ingest: TestIngest
let held: HeldFiles
beforeAll(async () => {
  held = createHeldFiles()
  ingest = await startIngest({
    limits: { inFlightBytesMax: IN_FLIGHT_MAX, inFlightAppendsMax: APPENDS_MAX },
    wrapFiles: held.wrap,
  })
})
afterAll(() => ingest.stop())

test('a disk that stands still: 503 with Retry-After for what is too much, bounded memory, and nothing lost of what is taken', async () => {
  const { counters } = ingest.app
  const before = ingest.log.durable()
  held.hold()
  let highest = 0
  const sent = Array.from({ length: 3 * APPENDS_MAX }, () => ingest.post('name=events', EVENT))
  // Those beyond the bound are answered while the disk stands still; the others wait for it.
  const refused = 3 * APPENDS_MAX - APPENDS_MAX
  while ((counters.refused['server.busy'] ?? 0) < refused) {
    highest = Math.max(highest, counters.inFlightAppends)
    expect(counters.inFlightBytes).toBeLessThanOrEqual(IN_FLIGHT_MAX)
    await new Promise(setImmediate)
  }
  expect(Math.max(highest, counters.inFlightAppends)).toBe(APPENDS_MAX)
  held.release()
  const answers = await Promise.all(sent)
  const statuses = answers.map(({ status }) => status).sort()
  expect(statuses).toEqual([
    ...new Array<number>(APPENDS_MAX).fill(202),
    ...new Array<number>(refused).fill(503),
  ])
  for (const { status, headers } of answers)
    if (status === 503) expect(headers.get('Retry-After')).toBe('1')
  const frames = await ingest.framesAfter(before)
  expect(frames).toHaveLength(APPENDS_MAX)

  // Recovered: everything is free again, and everybody is served.
  expect([counters.inFlightAppends, counters.inFlightBytes]).toEqual([0, 0])
  const again = await Promise.all(
    Array.from({ length: APPENDS_MAX }, () => ingest.post('name=events', EVENT)),
  )
  expect(again.every(({ status }) => status === 202)).toBe(true)
})

test('bodies that stop in the middle hold what has come of them, and give it back when they go away', async () => {
  const { app, tokens } = ingest
  const { counters } = app
  const port = await app.port()
  const sockets = Array.from({ length: 20 }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST /v0/events?name=events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.append}\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n${'x'.repeat(1024)}\r\n`,
    )
    return socket
  })
  while (counters.inFlightBytes < 20 * 1024) await new Promise(setImmediate)
  expect(counters.inFlightBytes).toBe(20 * 1024)
  // They are not among those that wait for the log: others are served.
  expect(counters.inFlightAppends).toBe(0)
  expect((await ingest.post('name=events', EVENT)).status).toBe(202)
  for (const socket of sockets) socket.destroy()
  while (counters.inFlightBytes > 0) await new Promise(setImmediate)
})
