import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeUpServer, say, type MadeUpServer, type Reply } from '../../test/run-cli.ts'

interface Kept {
  revision: number
  content: { name: string; tiles: unknown[] }
}

let project: string
let server: MadeUpServer
let kept: Map<string, Kept>
let deployed: Record<string, unknown>
/** What happens on the server between reading and writing. */
let meanwhile: (id: string) => void
let list: Reply | null

beforeEach(async () => {
  project = mkdtempSync(join(tmpdir(), 'deploy-'))
  mkdirSync(join(project, 'dashboards'))
  writeFileSync(join(project, 'top.pipe'), 'NODE n\nSQL SELECT 1\nTYPE endpoint\n')
  kept = new Map([
    ['same', { revision: 4, content: { tiles: [], name: 'Same' } }],
    ['old', { revision: 7, content: { name: 'Old', tiles: [] } }],
    ['theirs', { revision: 1, content: { name: 'Theirs', tiles: [] } }],
  ])
  write('same', { name: 'Same', tiles: [] })
  write('old', { name: 'Newer', tiles: [] })
  write('fresh', { name: 'Fresh', tiles: [] })
  deployed = { result: 'success', deployment: { id: '3', live: true } }
  meanwhile = () => undefined
  list = null
  server = await makeUpServer((seen) => {
    const { path, method } = seen
    if (path === '/v1/deploy' || path === '/v1/build') return { body: deployed }
    if (path.startsWith('/v1/deployments/'))
      return { body: { deployment: { id: '3', live: true, status: 'data_ready' } } }
    if (path === '/v0/console/dashboards') return list ?? { body: { documents: documents() } }
    const id = path.replace('/v0/console/dashboards/', '')
    return method === 'PUT' ? put(id, JSON.parse(seen.body) as Kept) : { body: kept.get(id) }
  })
})
afterEach(() => {
  server.close()
  rmSync(project, { recursive: true })
})

test('dashboards that differ are sent with the revision that was compared, others stay', async () => {
  const { code, out } = await deploy()
  expect(code).toBe(0)
  expect(out.slice(out.indexOf('deployment'))).toBe(
    'deployment 3 is live\nnew      dashboard fresh (Fresh)\nchanged  dashboard old (Newer)\n' +
      'Left alone, since they are in no file: dashboards theirs (Theirs). sandpiper pull writes them.\n',
  )
  expect(puts()).toEqual(['fresh', 'old'])
  expect(kept.get('old')).toMatchObject({ revision: 8, content: { name: 'Newer' } })
  expect(kept.get('theirs')).toMatchObject({ revision: 1 })
  expect((await deploy()).out).toContain('nothing to change in the dashboards')
  expect(puts()).toEqual(['fresh', 'old'])
})

test('a build sends them, too, and none of a project that it refuses', async () => {
  const build = () => say(['build', '--project', project], { url: server.url })
  deployed = { result: 'failed', errors: [{ filename: 'top.pipe', error: 'no' }] }
  expect([(await build()).code, puts()]).toEqual([1, []])
  deployed = { result: 'success', build: { id: '3' } }
  const { code, out } = await build()
  expect([code, puts()]).toEqual([0, ['fresh', 'old']])
  expect(out).toContain('changed  dashboard old (Newer)')
})

test('a project whose datafiles are live sends its dashboards all the same', async () => {
  deployed = { result: 'no_changes', deployment: { id: '0' } }
  expect((await deploy()).out).toContain('There is nothing to change in the datafiles.\nnew ')
  expect(puts()).toEqual(['fresh', 'old'])
})

test.each([['--check'], ['--no-auto'], ['--no-wait']])(
  'with %s no dashboard is sent, and what would be is said',
  async (flag) => {
    const { code, out } = await deploy(flag)
    expect([code, puts()]).toEqual([0, []])
    expect(out).toContain('changed  dashboard old (Newer)\n')
    expect(out.includes('then deploy again')).toBe(flag !== '--check')
  },
)

test('as JSON they are part of the answer, which comes once', async () => {
  const { out } = await deploy('--json')
  expect(JSON.parse(out)).toMatchObject({
    result: 'success',
    dashboards: {
      sent: true,
      files: [
        { id: 'fresh', name: 'Fresh', state: 'new' },
        { id: 'old', name: 'Newer', state: 'changed' },
        { id: 'same', name: 'Same', state: 'same' },
      ],
      left_alone: [{ id: 'theirs', name: 'Theirs' }],
      error: null,
    },
  })
})

test('what somebody changed meanwhile is not overwritten, and fails; the rest is sent', async () => {
  meanwhile = (id) => {
    if (id !== 'fresh') return
    kept.set('fresh', { revision: 1, content: { name: 'Of another', tiles: [] } })
  }
  const { code, out, err } = await deploy()
  expect(code).toBe(1)
  expect(out).toContain('conflict dashboard fresh (Fresh): ')
  expect(err).toContain('not sent: fresh. Somebody changed them meanwhile')
  expect(kept.get('fresh')?.content.name).toBe('Of another')
  expect(kept.get('old')).toMatchObject({ revision: 8 })
})

test('a wrong file is refused before anything is asked of the server', async () => {
  write('old', { name: 'x', tiles: [{ id: 't' }] })
  const { code, err } = await deploy()
  expect([code, server.seen]).toEqual([1, []])
  expect(err).toContain('dashboards/old.json: tiles.0.title: ')
})

test('a deployment that failed sends no dashboard', async () => {
  deployed = { result: 'failed', error: 'no' }
  expect((await deploy()).code).toBe(1)
  expect((await deploy('--json')).code).toBe(1)
  expect(server.seen.map(({ path }) => path)).toEqual(['/v1/deploy', '/v1/deploy'])
})

test.each([[[]], [['--json']]])('a token without the right is told so, %j', async (flags) => {
  list = { status: 403, body: { error: 'no' } }
  const { code, out, err } = await deploy(...flags)
  expect([code, out.includes('3')]).toEqual([1, true])
  expect(err).toContain('the dashboards were left out: this token may not read them')
})

test('a project without the folder asks nothing of dashboards', async () => {
  rmSync(join(project, 'dashboards'), { recursive: true })
  const { code, out } = await deploy()
  expect([code, out]).toEqual([0, 'deployment 3 is live\n'])
  expect(server.seen.some(({ path }) => path.includes('console'))).toBe(false)
})

function deploy(...flags: string[]) {
  return say(['deploy', '--project', project, ...flags], { url: server.url })
}

function write(id: string, content: unknown): void {
  writeFileSync(join(project, `dashboards/${id}.json`), JSON.stringify(content))
}

function puts(): string[] {
  return server.seen
    .filter(({ method }) => method === 'PUT')
    .map(({ path }) => path.split('/').at(-1) ?? '')
}

function documents(): unknown[] {
  return [...kept].map(([id, { content, revision }]) => ({ id, name: content.name, revision }))
}

/** As the server does it: only who names the current revision changes a document. */
function put(id: string, { revision, content }: Kept): Reply {
  meanwhile(id)
  const current = kept.get(id)?.revision ?? 0
  if (revision !== current)
    return { status: 409, body: { error: 'It is another revision.', current_revision: current } }
  kept.set(id, { revision: current + 1, content })
  return { body: { id, revision: current + 1, content } }
}
