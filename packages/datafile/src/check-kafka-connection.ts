// Rules of a Kafka connection that look at more than one of its lines. Whatever holds a reference is judged when it is used.
// Source: Tinybird Kafka connector reference and Apache Kafka's security documentation, read 2026-11.
import type { Problems } from './problems.ts'
import type { Directive } from './read-directives.ts'

/** Reports half-given logins, addresses that are none and what is not supported. */
export function checkKafkaConnection(
  type: Directive,
  once: ReadonlyMap<string, Directive>,
  problems: Problems,
): void {
  checkServers(once.get('KAFKA_BOOTSTRAP_SERVERS'), problems)
  checkRegistry(once.get('KAFKA_SCHEMA_REGISTRY_URL'), problems)
  checkCertificate(once.get('KAFKA_SSL_CA_PEM'), problems)
  if (refuseTokens(once, problems)) return
  const protocol = once.get('KAFKA_SECURITY_PROTOCOL')?.value.toUpperCase() ?? 'SASL_SSL'
  if (!protocol.startsWith('SASL_')) return
  const missing = ['KAFKA_KEY', 'KAFKA_SECRET'].filter((each) => !once.has(each))
  if (missing.length === 0) return
  problems.error(
    once.get('KAFKA_SECURITY_PROTOCOL') ?? type,
    `${protocol} needs ${missing.join(' and ')}`,
    'Add them by {{ tb_secret("NAME") }}, or write KAFKA_SECURITY_PROTOCOL PLAINTEXT (or SSL) for brokers without a login.',
  )
}

/** Logins by a token of a cloud; true when there was one. */
function refuseTokens(once: ReadonlyMap<string, Directive>, problems: Problems): boolean {
  const mechanism = once.get('KAFKA_SASL_MECHANISM')
  const bearer =
    mechanism?.value.toUpperCase() === 'OAUTHBEARER'
      ? mechanism
      : [...once.values()].find((each) => each.name.startsWith('KAFKA_SASL_OAUTHBEARER_'))
  if (bearer === undefined) return false
  problems.error(
    bearer,
    'KAFKA_SASL_MECHANISM OAUTHBEARER (AWS IAM) is not supported',
    'Use SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN: Amazon MSK has SCRAM users too.',
  )
  return true
}

const SERVER = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):(\d{1,5})$/
const SERVERS_MAX = 100

function checkServers(directive: Directive | undefined, problems: Problems): void {
  if (directive === undefined || directive.value.includes('{{')) return
  const servers = directive.value.split(',').map((each) => each.trim())
  const wrong = servers.find((each) => {
    const port = Number(SERVER.exec(each)?.[1] ?? 0)
    return port < 1 || port > 65_535
  })
  if (wrong === undefined && servers.length <= SERVERS_MAX) return
  problems.error(
    directive.valuePlace,
    wrong === undefined
      ? `KAFKA_BOOTSTRAP_SERVERS has more than ${SERVERS_MAX} servers`
      : `KAFKA_BOOTSTRAP_SERVERS '${wrong.slice(0, 300)}' is not host:port`,
    'Write host:port, several with commas between them.',
  )
}

function checkRegistry(directive: Directive | undefined, problems: Problems): void {
  if (directive === undefined || directive.value.includes('{{')) return
  if (/^https?:\/\/[^\s]+$/i.test(directive.value) || directive.value === '***') return
  problems.error(
    directive.valuePlace,
    'KAFKA_SCHEMA_REGISTRY_URL is not a URL',
    'Write https://host:port, with a login as https://{{ tb_secret("USER") }}:{{ tb_secret("PASSWORD") }}@host:port.',
  )
}

function checkCertificate(directive: Directive | undefined, problems: Problems): void {
  if (directive === undefined || directive.value.includes('{{')) return
  if (directive.value.includes('-----BEGIN CERTIFICATE-----')) return
  problems.error(
    directive.valuePlace,
    'KAFKA_SSL_CA_PEM is not a certificate in PEM form',
    'Write KAFKA_SSL_CA_PEM > and the indented lines of the file, from BEGIN CERTIFICATE to END CERTIFICATE.',
  )
}
