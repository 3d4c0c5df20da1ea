// The life of the whole product, as whoever types `npm start` meets it.
import {
  startPostgres,
  startSandpiper,
  StartFailed,
  type RunningSandpiper,
  type StartSandpiperOptions,
} from '@sandpiper/testkit'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let home: string
const running: RunningSandpiper[] = []

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sandpiper-start-'))
})

afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
  rmSync(home, { recursive: true, force: true })
})

const start = async (options: StartSandpiperOptions = {}): Promise<RunningSandpiper> => {
  const sandpiper = await startSandpiper({ dataDir: join(home, 'data'), ...options })
  running.push(sandpiper)
  return sandpiper
}

const refusal = async (options: StartSandpiperOptions = {}): Promise<StartFailed> => {
  const failed: unknown = await start(options).catch((err: unknown) => err)
  if (!(failed instanceof StartFailed))
    throw new Error('it started, or failed in another way', { cause: failed })
  return failed
}

/** One line of its own, nothing of a stack. */
const expectOneLine = (failed: StartFailed, text: RegExp): void => {
  expect(failed.exitCode).toBe(1)
  expect(failed.stderr).toMatch(text)
  expect(failed.stderr.trim().split('\n')).toHaveLength(1)
}

const ask = async (at: RunningSandpiper, sql: string): Promise<string> => {
  const url = new URL('/v0/sql', at.url)
  url.searchParams.set('q', `${sql} FORMAT CSV`)
  const headers = { Authorization: `Bearer ${at.tokens.workspace_admin_token}` }
  const response = await fetch(url, { headers })
  return `${response.status} ${(await response.text()).trim()}`
}

const EVENTS = `SCHEMA >
    \`n\` Int64 \`json:$.n\`
ENGINE "MergeTree"
ENGINE_SORTING_KEY "n"
`

async function deployEvents(at: RunningSandpiper): Promise<void> {
  const form = new FormData()
  form.append('data_project://', new Blob([EVENTS]), 'events.datasource')
  const headers = { Authorization: `Bearer ${at.tokens.workspace_admin_token}` }
  const response = await fetch(`${at.url}/v1/deploy?auto_promote=true`, {
    method: 'POST',
    headers,
    body: form,
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`the deployment failed: ${text}`)
  await until(async () => (await ask(at, 'SELECT count() FROM events')) === '200 0')
}

/** Posts two events. */
async function post(at: RunningSandpiper, search: string): Promise<number> {
  const headers = { Authorization: `Bearer ${at.tokens.workspace_admin_token}` }
  const body = '{"n":1}\n{"n":2}\n'
  const url = `${at.url}/v0/events?name=events&${search}`
  const response = await fetch(url, { method: 'POST', headers, body })
  await response.text()
  return response.status
}

const isAlive = (pid: number | null): boolean => {
  if (pid === null) return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !/\) [ZX] /.test(stat)
  } catch {
    return false
  }
}

const everyChild = (at: RunningSandpiper): (number | null)[] => [
  at.children.engine,
  at.children.writer,
  at.children.postgres,
  postmaster(at),
]

const postmaster = (at: RunningSandpiper): number => {
  const file = join(at.dataDir, 'postgres/postmaster.pid')
  return Number(readFileSync(file, 'utf8').split('\n')[0])
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 20_000
  while (!(await isTrue())) {
    if (Date.now() > giveUpAt) throw new Error('it did not come true within 20 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Somebody without rights: whoever runs the tests, unless that is root. */
const uid = process.getuid?.() ?? 0
const ordinary = uid === 0 ? { uid: 65_534, start: { uid: 65_534 } } : { uid, start: {} }

describe('a start', () => {
  test('answers SQL with the printed token at the printed address', async () => {
    const at = await start()
    expect((await fetch(`${at.url}/v0/health`)).status).toBe(200)
    expect(await ask(at, 'SELECT 1')).toBe('200 1')
  })

  test('keeps everything closed to others and listens on no port but its own', async () => {
    const at = await start()
    // Others may pass through to what is theirs, and read nothing on the way.
    for (const name of readdirSync(at.dataDir)) {
      const passable = name === 'run' ? 0o001 : 0
      expect([name, statSync(join(at.dataDir, name)).mode & 0o007 & ~passable]).toEqual([name, 0])
    }
    expect(statSync(at.dataDir).mode & 0o066).toBe(0)
    const ports = everyChild(at).flatMap((pid) => listeningPorts(Number(pid)))
    expect(ports).toEqual([])
    expect(listeningPorts(at.pid)).toEqual([at.port])
  })

  test('gives the engine and Postgres users of their own when root starts it', async () => {
    const at = await start()
    const uid = (pid: number): number => statSync(`/proc/${pid}`).uid
    const users = new Set([uid(at.children.engine), uid(postmaster(at)), uid(at.pid)])
    expect(users.size).toBe(process.getuid?.() === 0 ? 3 : 1)
  })

  test('with DATABASE_URL keeps its catalog there and starts no Postgres', async () => {
    const external = await startPostgres()
    try {
      const { user, host, port, database } = external.connection
      const DATABASE_URL = `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
      const at = await start({ env: { DATABASE_URL } })
      expect(at.children.postgres).toBeNull()
      await deployEvents(at)
      expect(await post(at, 'wait=true')).toBe(200)
      expect(await ask(at, 'SELECT count() FROM events')).toBe('200 2')
      expect(existsSync(join(at.dataDir, 'postgres'))).toBe(false)
      await at.stop()
    } finally {
      await external.stop()
    }
  })

  test('two instances run side by side', async () => {
    const [one, two] = await Promise.all([
      start({ dataDir: join(home, 'one') }),
      start({ dataDir: join(home, 'two') }),
    ])
    expect(await ask(one, 'SELECT 1')).toBe('200 1')
    expect(await ask(two, 'SELECT 2')).toBe('200 2')
    expect(one.tokens.workspace_admin_token).not.toBe(two.tokens.workspace_admin_token)
  })

  test('works with a path that is too long for sockets, and leaves nothing outside it', async () => {
    const dataDir = join(home, 'long-'.repeat(15), 'it\'s {a} *strange* "path", too', 'data')
    const before = runFolders()
    const at = await start({ dataDir })
    expect(await ask(at, 'SELECT 1')).toBe('200 1')
    const made = runFolders().filter((name) => !before.includes(name))
    expect(made.length).toBeGreaterThan(0)
    const children = everyChild(at)
    await at.kill9()
    await until(() => !children.some(isAlive))
    const again = await start({ dataDir })
    expect(await ask(again, 'SELECT 1')).toBe('200 1')
    await again.stop()
    expect(runFolders().filter((name) => made.includes(name))).toEqual([])
  })

  test('works under a folder that nobody else may enter', async () => {
    const parent = join(home, 'closed')
    mkdirSync(parent, { mode: 0o700 })
    const at = await start({ dataDir: join(parent, 'data') })
    expect(await ask(at, 'SELECT 1')).toBe('200 1')
  })

  test('works as an ordinary user', async () => {
    chownSync(home, ordinary.uid, ordinary.uid)
    const at = await start({ ...ordinary.start, env: { HOME: home, TMPDIR: home } })
    expect(await ask(at, 'SELECT 1')).toBe('200 1')
    expect(statSync(`/proc/${at.children.engine}`).uid).toBe(ordinary.uid)
  })
})

describe('a start that cannot be', () => {
  test('a second instance on the same directory', async () => {
    const at = await start()
    expectOneLine(
      await refusal(),
      /^sandpiper: Sandpiper is already running on .*data \(process \d+\)\.$/m,
    )
    expect(await ask(at, 'SELECT 1')).toBe('200 1')
  })

  test('a taken port', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    try {
      expectOneLine(
        await refusal({ port }),
        new RegExp(`^sandpiper: Port ${port} on 127.0.0.1 is taken`),
      )
      // Nothing was left behind that would block the next start.
      expect(await ask(await start(), 'SELECT 1')).toBe('200 1')
    } finally {
      other.close()
    }
  })

  test('a directory with files of somebody else, which are left alone', async () => {
    const dataDir = join(home, 'photos')
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'holiday.jpg'), 'x')
    expectOneLine(
      await refusal({ dataDir }),
      /^sandpiper: .*photos holds files that are not Sandpiper's/,
    )
    expect(readdirSync(dataDir)).toEqual(['holiday.jpg'])
  })

  test('a file instead of a directory', async () => {
    const dataDir = join(home, 'file')
    writeFileSync(dataDir, 'x')
    expectOneLine(
      await refusal({ dataDir }),
      /^sandpiper: Cannot use the data directory .*: it is a file/,
    )
  })

  test('a directory of a later version', async () => {
    const dataDir = join(home, 'later')
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'sandpiper.json'), '{"format":99}')
    expectOneLine(await refusal({ dataDir }), /^sandpiper: .*written by another version/)
  })

  test('a directory that may not be written', async () => {
    const dataDir = join(home, 'read-only')
    mkdirSync(dataDir)
    chmodSync(home, 0o755)
    chmodSync(dataDir, 0o555)
    expectOneLine(
      await refusal({ dataDir, ...ordinary.start, env: { HOME: home } }),
      /^sandpiper: Cannot use the data directory .*: this user may not write there/,
    )
  })

  test('a wrong variable', async () => {
    expectOneLine(
      await refusal({ env: { SANDPIPER_LOG_LEVEL: 'loud' } }),
      /^sandpiper: Wrong configuration: SANDPIPER_LOG_LEVEL/,
    )
  })

  test('another secret key than the one its tokens were sealed with', async () => {
    const at = await start()
    await at.stop()
    const other = await refusal({ env: { SANDPIPER_SECRET_KEY: 'ab'.repeat(32) } })
    expectOneLine(other, /^sandpiper: .*key/)
  })

  test('an external Postgres that is not there', async () => {
    const failed = await refusal({
      env: {
        DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
        SANDPIPER_DATABASE_WAIT_SECONDS: '1',
      },
    })
    expectOneLine(failed, /^sandpiper: .*catalog/)
  })
})

describe('an end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s takes under 5 s, leaves no process and exit code 0',
    async (signal) => {
      const at = await start()
      const children = everyChild(at)
      expect(children.every(isAlive)).toBe(true)
      const began = Date.now()
      process.kill(at.pid, signal)
      expect(await at.stop()).toBe(0)
      expect(Date.now() - began).toBeLessThan(5_000)
      expect(children.filter(isAlive)).toEqual([])
      expect(existsSync(join(at.dataDir, 'lock'))).toBe(false)
      expect(existsSync(join(at.dataDir, 'run'))).toBe(false)
    },
  )

  test('while a query runs takes under 5 s too', async () => {
    const at = await start({ env: { SANDPIPER_QUERY_SECONDS: '60' } })
    const endless = ask(
      at,
      'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 3',
    ).catch(() => 'cut off')
    const began = Date.now()
    expect(await at.stop()).toBe(0)
    expect(Date.now() - began).toBeLessThan(5_000)
    expect(await endless).not.toMatch(/^200/)
  })

  test('by kill -9 ends the children too, and a new start at once finds everything there', async () => {
    const at = await start()
    const children = everyChild(at)
    const { workspace_admin_token: token } = at.tokens
    await deployEvents(at)
    expect(await post(at, 'wait=true')).toBe(200)
    expect(await ask(at, 'SELECT count() FROM events')).toBe('200 2')
    expect(await post(at, '')).toBe(202)
    await at.kill9()
    const again = await start()
    expect(again.tokens.workspace_admin_token).toBe(token)
    // What was only acknowledged is loaded by the writer of the new start.
    await until(async () => (await ask(again, 'SELECT count() FROM events')) === '200 4')
    await until(() => children.every((pid) => !isAlive(pid)))
  })

  test('of every process by kill -9 does not block the next start', async () => {
    const at = await start()
    for (const pid of [at.pid, ...everyChild(at)]) if (pid !== null) process.kill(pid, 'SIGKILL')
    await at.kill9()
    expect(await ask(await start(), 'SELECT 1')).toBe('200 1')
  })
})

describe('a child that dies', () => {
  test('the engine: events go on being acknowledged, and none is lost or doubled', async () => {
    const at = await start()
    await deployEvents(at)
    process.kill(at.children.engine, 'SIGKILL')
    for (let index = 0; index < 20; index++) expect(await post(at, '')).toBe(202)
    await until(
      async () => (await ask(at, 'SELECT count() FROM events').catch(() => '')) === '200 40',
    )
    expect(await post(at, 'wait=true')).toBe(200)
    expect(await ask(at, 'SELECT count() FROM events')).toBe('200 42')
  })

  test.each(['engine', 'writer', 'postgres'] as const)(
    '%s is started again while the server answers',
    async (name) => {
      const at = await start()
      const pid = name === 'postgres' ? postmaster(at) : at.children[name]
      process.kill(pid, 'SIGKILL')
      await until(
        async () => (await ask(at, 'SELECT 1').catch(() => '')) === '200 1' && !isAlive(pid),
      )
      await until(async () => (await fetch(`${at.url}/v0/health`)).status === 200)
      expect(at.log()).toContain('a child process ended')
      expect(await at.stop()).toBe(0)
    },
  )
})

function runFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('sandpiper-run-'))
}

/** TCP ports that a process listens on. */
function listeningPorts(pid: number): number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const { ino } = statSync(`/proc/${pid}/fd/${fd}`)
        return [String(ino)]
      } catch {
        return []
      }
    }),
  )
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && inodes.has(fields[9] ?? ''))
      .map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16)),
  )
}
