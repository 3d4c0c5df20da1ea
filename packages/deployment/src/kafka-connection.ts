// A Kafka connection as clients use it: references to secrets replaced by their values. What comes out is never logged, kept or answered.
import { kafkaSettings, type ConnectionFile, type DataSourceFile } from '@sandpiper/datafile'

/** How a cluster and its registry are reached. Holds secrets. */
export interface ResolvedConnection {
  readonly bootstrapServers: readonly string[]
  /** null: no TLS; `caPem` null: the authorities that the system trusts. */
  readonly tls: { readonly caPem: string | null } | null
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  } | null
  /** With its login, percent-encoded; null when there is none. */
  readonly registryUrl: string | null
}

/** What was asked for, or why it cannot be used: a text for the owner, without any value of a secret. */
export type Resolved<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  | { readonly kind: 'problem'; readonly message: string }

/** Replaces references and reads the settings. @param secrets by name, opened. */
export function resolveKafkaConnection(
  file: ConnectionFile,
  secrets: ReadonlyMap<string, string>,
): Resolved<ResolvedConnection> {
  if (file.type !== 'kafka') return problem(`the connection ${file.name} is no Kafka connection`)
  const settings = new Map<string, string>()
  for (const [name, text] of Object.entries(file.settings)) {
    if (text === HIDDEN)
      return problem(
        `${name} of the connection ${file.name} was written in plain text, which is not kept: store it as a secret and write {{ tb_secret("NAME") }}`,
      )
    const resolved = resolveText(text, secrets, name === 'KAFKA_SCHEMA_REGISTRY_URL')
    if (resolved.kind === 'problem')
      return problem(`${name} of the connection ${file.name}: ${resolved.message}`)
    settings.set(name, resolved.value)
  }
  const protocol = (settings.get('KAFKA_SECURITY_PROTOCOL') ?? 'SASL_SSL').toUpperCase()
  if (!PROTOCOLS.has(protocol))
    return problem(`KAFKA_SECURITY_PROTOCOL of the connection ${file.name} is not valid`)
  const sasl = protocol.startsWith('SASL_') ? loginOf(settings) : null
  if (typeof sasl === 'string')
    return problem(`${sasl} of the connection ${file.name} is not valid`)
  const servers = (settings.get('KAFKA_BOOTSTRAP_SERVERS') ?? '')
    .split(',')
    .map((each) => each.trim())
  if (servers.some((each) => !/^.+:\d{1,5}$/.test(each)))
    return problem(`KAFKA_BOOTSTRAP_SERVERS of the connection ${file.name} is not host:port`)
  const caPem = settings.get('KAFKA_SSL_CA_PEM') ?? null
  return {
    kind: 'ok',
    value: {
      bootstrapServers: servers,
      tls: protocol.endsWith('SSL') ? { caPem } : null,
      sasl,
      registryUrl: settings.get('KAFKA_SCHEMA_REGISTRY_URL') ?? null,
    },
  }
}

/** The topic and the group of a data source, with references replaced. */
export function resolveKafkaTopic(
  file: DataSourceFile,
  secrets: ReadonlyMap<string, string>,
): Resolved<{ readonly topic: string; readonly groupId: string }> {
  const kafka = kafkaSettings(file)
  if (kafka === null) return problem('it is filled from no topic')
  const topic = resolveText(kafka.topic, secrets, false)
  if (topic.kind === 'problem') return problem(`KAFKA_TOPIC: ${topic.message}`)
  if (!TOPIC.test(topic.value) || topic.value === '.' || topic.value === '..')
    return problem('KAFKA_TOPIC is no name of a topic')
  const groupId = resolveText(kafka.groupId, secrets, false)
  if (groupId.kind === 'problem') return problem(`KAFKA_GROUP_ID: ${groupId.message}`)
  return { kind: 'ok', value: { topic: topic.value, groupId: groupId.value } }
}

/** What stands in place of a secret that was written in plain text. */
const HIDDEN = '***'
/** What Kafka itself allows. */
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/
const PROTOCOLS: ReadonlySet<string> = new Set(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'])
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
const QUOTED = `"([^"\\\\]*)"|'([^'\\\\]*)'`
const REFERENCE = new RegExp(
  String.raw`\{\{\s*tb_(?:secret|var)\s*\(\s*(?:name\s*=\s*)?(?:${QUOTED})\s*(?:,\s*(?:default\s*=\s*)?(?:${QUOTED})\s*)?\)\s*\}\}`,
  'g',
)

function resolveText(
  text: string,
  secrets: ReadonlyMap<string, string>,
  isUrl: boolean,
): Resolved<string> {
  const missing: string[] = []
  // A URL that is a secret as a whole is one; in a part of it a secret is only text.
  const isPart = isUrl && text.replace(REFERENCE, '').trim() !== ''
  const value = text.replace(
    REFERENCE,
    (_all, name1?: string, name2?: string, default1?: string, default2?: string) => {
      const name = name1 ?? name2 ?? ''
      const found = secrets.get(name) ?? default1 ?? default2
      if (found === undefined) missing.push(name)
      return isPart ? encodeURIComponent(found ?? '') : (found ?? '')
    },
  )
  const [first] = missing
  if (first !== undefined) return problem(`the workspace has no secret '${first.slice(0, 200)}'`)
  if (value.includes('{{')) return problem('only {{ tb_secret("NAME") }} is replaced')
  return { kind: 'ok', value }
}

function loginOf(settings: ReadonlyMap<string, string>): ResolvedConnection['sasl'] | string {
  const asked = settings.get('KAFKA_SASL_MECHANISM')?.toLowerCase() ?? 'plain'
  const mechanism = MECHANISMS.find((each) => each === asked)
  const username = settings.get('KAFKA_KEY')
  const password = settings.get('KAFKA_SECRET')
  if (mechanism === undefined) return 'KAFKA_SASL_MECHANISM'
  if (username === undefined || username === '') return 'KAFKA_KEY'
  if (password === undefined || password === '') return 'KAFKA_SECRET'
  return { mechanism, username, password }
}

function problem(message: string): { readonly kind: 'problem'; readonly message: string } {
  return { kind: 'problem', message }
}
