// `.connection` files: from directives to the model. Source of the rules: Tinybird datafile reference, read 2026-11.
import { checkKafkaConnection } from './check-kafka-connection.ts'
import type { ConnectionFile } from './model.ts'
import type { Problems } from './problems.ts'
import type { Directive } from './read-directives.ts'
import { recordOf, takeOnce } from './settings.ts'
import { warnOfUnacted } from './warn-of-unacted.ts'

/** Builds the model; null when a problem makes that impossible. */
export function parseConnection(
  name: string,
  directives: readonly Directive[],
  problems: Problems,
): ConnectionFile | null {
  const once = takeOnce(directives, new Set(), problems)
  const include = once.get('INCLUDE')
  if (include !== undefined)
    problems.error(
      include,
      'INCLUDE is not supported yet',
      'Copy the included lines into this file.',
    )
  const type = once.get('TYPE')
  const kind = type?.value.toLowerCase() ?? ''
  const needed = NEEDS.get(kind)
  if (type === undefined)
    problems.error(
      { line: 1, column: 1 },
      'TYPE is missing',
      `Write TYPE ${[...NEEDS.keys()].join(', ')}.`,
    )
  else if (needed === undefined) {
    problems.error(
      type.valuePlace,
      `TYPE '${type.value}' is not valid`,
      `Use one of ${[...NEEDS.keys()].join(', ')}.`,
    )
  } else checkNeeds(type, needed, once, problems)
  checkValues(once, problems)
  if (type !== undefined && kind === 'kafka') checkKafkaConnection(type, once, problems)
  else warnOfUnacted('connection', directives, problems)
  if (problems.errors.length > 0) return null
  const settings = [...once.values()].filter(
    (each) => each.name !== 'TYPE' && each.name !== 'INCLUDE',
  )
  return {
    kind: 'connection',
    name,
    type: kind,
    settings: recordOf(settings.map((each) => [each.name, each.value])),
  }
}

/** What each type needs; one of each list. */
const NEEDS: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ['kafka', [['KAFKA_BOOTSTRAP_SERVERS']]],
  ['s3', [['S3_REGION'], ['S3_ARN', 'S3_ACCESS_KEY']]],
  ['gcs', [['GCS_SERVICE_ACCOUNT_CREDENTIALS_JSON', 'GCS_HMAC_ACCESS_ID']]],
  ['dynamodb', [['DYNAMODB_ARN'], ['DYNAMODB_REGION']]],
])

function checkNeeds(
  type: Directive,
  needed: readonly (readonly string[])[],
  once: ReadonlyMap<string, Directive>,
  problems: Problems,
): void {
  for (const choice of needed) {
    if (choice.some((each) => once.has(each))) continue
    problems.error(
      type,
      `A ${type.value.toLowerCase()} connection needs ${choice.join(' or ')}`,
      `Add a line ${choice[0] ?? ''} value.`,
    )
  }
}

const VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ['KAFKA_SECURITY_PROTOCOL', ['SASL_SSL', 'PLAINTEXT', 'SASL_PLAINTEXT', 'SSL']],
  ['KAFKA_SASL_MECHANISM', ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER']],
])

function checkValues(once: ReadonlyMap<string, Directive>, problems: Problems): void {
  for (const [name, allowed] of VALUES) {
    const directive = once.get(name)
    if (
      directive === undefined ||
      allowed.includes(directive.value.toUpperCase()) ||
      directive.value.includes('{{')
    )
      continue
    problems.error(
      directive.valuePlace,
      `${name} '${directive.value}' is not valid`,
      `Use one of ${allowed.join(', ')}.`,
    )
  }
}
