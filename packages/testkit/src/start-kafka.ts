// A real Kafka broker for tests: Apache Kafka in KRaft mode, one node, on loopback, with a folder and ports of its own.
// It outlives stop-and-start: `kill9` and `start` are what a crash is, `restart` what an upgrade is. Listeners with passwords and
// certificates are there on request, for they take another second to prepare.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { freePorts } from './free-port.ts'
import { kafkaProperties, type KafkaPorts } from './kafka-properties.ts'

const run = promisify(execFile)

/** How a broker is started. */
export interface StartKafkaOptions {
  /** Also listens with TLS and with passwords: fills `secure`. Default false. */
  readonly secure?: boolean
  /** More properties of the broker, or other values of the usual ones, such as `message.max.bytes`. */
  readonly properties?: Readonly<Record<string, string>>
  /** Heap of the JVM. MiB. Default 256. */
  readonly heapMb?: number
}

/** A broker. Topics are made by clients: nothing creates them by itself. */
export interface TestKafka {
  /** `127.0.0.1:<port>`, PLAINTEXT. The same after each start. */
  readonly bootstrap: string
  /** Of a broker started with `secure`, else null. */
  readonly secure: SecureKafka | null
  /** Process id of the running broker, null while it is down. */
  pid(): number | null
  /** Starts it again after `end` or `kill9`; resolves when it serves. */
  start(): Promise<void>
  /** SIGTERM, waits; data stays. */
  end(): Promise<void>
  /** `end`, then `start`. */
  restart(): Promise<void>
  /** SIGKILL; data stays. */
  kill9(): Promise<void>
  /** Ends it and removes its folder. Idempotent. */
  stop(): Promise<void>
}

/** Addresses of the listeners that ask for something. */
export interface SecureKafka {
  readonly ssl: string
  readonly saslPlaintext: string
  readonly saslSsl: string
  /** PEM of the authority that signed the broker's certificate. */
  readonly caPem: string
  /** Known to PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly username: string
  readonly password: string
}

const USERNAME = 'alice'
const PASSWORD = 'a-password-of-tests'

/** Starts a broker; takes 2-4 s once its jars are there (else Maven brings them first). */
export async function startKafka(options: StartKafkaOptions = {}): Promise<TestKafka> {
  const jars = await findJars()
  const folder = await mkdtemp(join(tmpdir(), 'sp-kafka-'))
  const ports = await portsOfBroker()
  const isSecure = options.secure === true
  const pem = isSecure ? await makeCertificate(folder) : null
  const login = { username: USERNAME, password: PASSWORD }
  const properties = {
    ...kafkaProperties(folder, ports, pem === null ? null : { ...login, keystore: pem.keystore }),
    ...options.properties,
  }
  const file = join(folder, 'server.properties')
  await writeFile(
    file,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  await prepareStorage(jars, folder, file, isSecure)
  const broker = createBroker(jars, folder, file, options.heapMb ?? 256)
  try {
    await broker.start()
  } catch (err) {
    await rm(folder, { recursive: true, force: true })
    throw err
  }
  const at = (port: number): string => `127.0.0.1:${String(port)}`
  return {
    bootstrap: at(ports.plaintext),
    secure:
      pem === null
        ? null
        : {
            ...{ ssl: at(ports.ssl), saslPlaintext: at(ports.saslPlaintext) },
            ...{ saslSsl: at(ports.saslSsl), caPem: pem.caPem, ...login },
          },
    ...broker,
    async restart() {
      await broker.end()
      await broker.start()
    },
    async stop() {
      // Nothing of it is wanted: waiting for an orderly end would only take time.
      await broker.kill9()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Broker {
  pid(): number | null
  start(): Promise<void>
  end(): Promise<void>
  kill9(): Promise<void>
}

function createBroker(jars: string, folder: string, file: string, heapMb: number): Broker {
  let child: ChildProcess | null = null
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === null) return
    const ending = child
    child = null
    if (ending.exitCode !== null || ending.signalCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill(signal)
    await ended
  }
  return {
    pid: () => child?.pid ?? null,
    async start() {
      if (child !== null) return
      const flags = [
        `-Xmx${String(heapMb)}m`,
        '-Xms64m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
      ]
      const log = 'org.slf4j.simpleLogger'
      const logging = [
        `-D${log}.defaultLogLevel=warn`,
        `-D${log}.log.kafka.server.KafkaRaftServer=info`,
      ]
      const args = [...flags, ...logging, '-cp', join(jars, '*'), 'kafka.Kafka', file]
      child = spawn('java', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
      await whenServing(child)
    },
    end: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
  }
}

function whenServing(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-10_000)
      if (text.includes('Kafka Server started')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => {
      reject(new Error(`Kafka ended while starting: ${text}`))
    })
  })
}

async function findJars(): Promise<string> {
  const script = fileURLToPath(new URL('../../../scripts/ensure-kafka.mjs', import.meta.url))
  const { stdout } = await run(process.execPath, [script])
  return stdout.trim()
}

/** What the storage tool writes. Where no users are kept three lines do, without the second that a JVM takes. */
async function prepareStorage(
  jars: string,
  folder: string,
  file: string,
  hasUsers: boolean,
): Promise<void> {
  const cluster = 'c2FuZHBpcGVyLXRlc3RzLQ'
  if (!hasUsers) {
    const meta = ['version=1', `cluster.id=${cluster}`, 'node.id=1', `directory.id=${cluster}`]
    await mkdir(join(folder, 'data'))
    await writeFile(join(folder, 'data', 'meta.properties'), `${meta.join('\n')}\n`)
    return
  }
  const user = (mechanism: string): string[] => [
    '--add-scram',
    `${mechanism}=[name=${USERNAME},password=${PASSWORD}]`,
  ]
  const users = [...user('SCRAM-SHA-256'), ...user('SCRAM-SHA-512')]
  const tool = ['-XX:TieredStopAtLevel=1', '-cp', join(jars, '*'), 'kafka.tools.StorageTool']
  await run('java', [...tool, 'format', '-t', cluster, '-c', file, ...users], { cwd: folder })
}

/** A certificate of this address that is its own authority. */
async function makeCertificate(folder: string): Promise<{ caPem: string; keystore: string }> {
  const key = join(folder, 'key.pem')
  const cert = join(folder, 'cert.pem')
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  await run('openssl', [...kind, ...subject, '-keyout', key, '-out', cert])
  const caPem = await readFile(cert, 'utf8')
  const keystore = join(folder, 'keystore.pem')
  await writeFile(keystore, (await readFile(key, 'utf8')) + caPem)
  return { caPem, keystore }
}

/** Brokers must know theirs before they start, for they tell clients where to come back to. */
async function portsOfBroker(): Promise<KafkaPorts> {
  const [plaintext = 0, controller = 0, ssl = 0, saslPlaintext = 0, saslSsl = 0] =
    await freePorts(5)
  return { plaintext, controller, ssl, saslPlaintext, saslSsl }
}
