// A promotion while a body is on its way.
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mapOf, startIngest, type TestIngest } from '../../testing/start-ingest.ts'

let ingest: TestIngest
beforeAll(async () => {
  ingest = await startIngest()
})
afterAll(async () => {
  await ingest.stop()
})

test('events whose body ends after a promotion carry the schema version that is live then', async () => {
  let send: (chunk: Uint8Array | null) => void = () => undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      send = (chunk) => {
        if (chunk === null) controller.close()
        else controller.enqueue(chunk)
      }
    },
  })
  const answer = ingest.app.request('/v0/events?name=events', {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { Authorization: `Bearer ${ingest.tokens.append}` },
  })
  send(Buffer.from('{"n":1}\n'))
  await once(ingest.app.server, 'request')
  await promoteVersion2()
  send(Buffer.from('{"n":2}\n'))
  send(null)
  expect((await answer).status).toBe(202)
  const [frame] = await ingest.framesAfter(0)
  expect([frame?.schemaVersion, frame?.rowCount]).toEqual([2, 2])
})

async function promoteVersion2(): Promise<void> {
  const { catalog, workspaceId, eventsId } = ingest
  const more = [
    { name: 'extra', type: 'Nullable(String)', jsonPath: '$.extra', default: null, codec: null },
  ]
  const map = mapOf(eventsId, 2, more)
  const { number } = await catalog.createDeployment({
    workspaceId,
    kind: 'deploy',
    map,
    plan: null,
    feedback: [],
  })
  const columns = map.dataSources['events']!.file.columns
  await catalog.putSchemas([
    { dataSourceId: eventsId, version: 2, workspaceId, generation: 1, columns },
  ])
  await catalog.updateDeployment(workspaceId, number, { status: 'data_ready' })
  await catalog.promote(workspaceId, number)
}
