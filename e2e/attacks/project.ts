// The project that is attacked, and what lies in it.

/** Stands in the data source that only admins may read, and in no error and no answer to anybody else. */
export const SECRET = 'TOPSECRET'

/** Stands in rows that the filter of a token keeps from it, and in nothing that it hears. */
export const HIDDEN = 'HIDDENROW'

/** The value of a variable that endpoints use, and nobody reads. */
export const SALT = "SALTVALUE'x\\9"

/** Names of ours that no answer may hold. */
export const OUR_NAMES = /ws_[0-9a-f]{32}|t_[0-9a-f]{32}_\d/

const TREE = 'ENGINE "MergeTree"\n'
const EVENTS = `TOKEN reader READ
TOKEN adder APPEND
SCHEMA >
    \`at\` DateTime \`json:$.at\`,
    \`name\` String \`json:$.name\`,
    \`amount\` Nullable(Int32) \`json:$.amount\`
${TREE}ENGINE_SORTING_KEY "at"
`
const VAULT = `SCHEMA >
    \`secret\` String \`json:$.secret\`
${TREE}ENGINE_SORTING_KEY "secret"
`
const PEOPLE = `SCHEMA >
    \`org\` String \`json:$.org\`,
    \`word\` String \`json:$.word\`,
    \`n\` Int32 \`json:$.n\`,
    \`tag\` LowCardinality(String) \`json:$.tag\`
${TREE}ENGINE_SORTING_KEY "org, n"
`

/** An endpoint that the token `caller` may call. */
function endpoint(sql: string, more = ''): string {
  return `TOKEN caller READ\nNODE out\nSQL >\n    %\n    ${sql}\nTYPE endpoint\n${more}`
}

/** Path to text. */
export const PROJECT: Readonly<Record<string, string>> = {
  'events.datasource': EVENTS,
  'vault.datasource': VAULT,
  'people.datasource': PEOPLE,
  'echo.pipe': endpoint(
    "SELECT {{String(v, '')}} AS v, {{Array(list, 'String', '')}} AS list, length({{String(v, '')}}) AS size",
  ),
  'sorted.pipe': endpoint(
    "SELECT name, amount FROM events {% if defined(col) %} ORDER BY {{columns(col, 'name')}} {% end %} LIMIT {{Int32(n, 10)}}",
  ),
  'by_org.pipe': endpoint("SELECT org, word FROM people WHERE org = {{String(org, 'nobody')}}"),
  'tags.pipe': endpoint(
    "SELECT tag, [tag] AS tags FROM people WHERE org = {{String(org, 'nobody')}}",
  ),
  'kept.pipe': endpoint(
    "SELECT org, word FROM people WHERE org = {{String(org, 'nobody')}}",
    'CACHE 60\n',
  ),
  'salted.pipe': endpoint("SELECT name, name = {{tb_secret('salt')}} AS same FROM events LIMIT 1"),
  'spilling.pipe': endpoint("SELECT toInt32({{tb_secret('salt')}}) AS n"),
  'choosing.pipe': endpoint("SELECT {{tb_secret(String(name, 'salt'))}} AS v"),
}

/** Data source and rows. */
export const ROWS: readonly (readonly [string, string])[] = [
  ['vault', `{"secret":"${SECRET}"}`],
  ['events', '{"at":"2026-01-01 00:00:00","name":"x","amount":1}'],
  [
    'people',
    `{"org":"mine","word":"visible","n":1,"tag":"me"}\n{"org":"theirs","word":"${HIDDEN}","n":0,"tag":"${HIDDEN}"}\n{"org":"theirs","word":"${HIDDEN}2","n":7,"tag":"${HIDDEN}2"}`,
  ],
]
