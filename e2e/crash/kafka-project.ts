// The project of a round with Kafka: two data sources read one topic, each in a group of its own; views behind the first.

export const TOPIC = 'events'
/** Data sources, and the groups they read in. */
export const READERS = { events: 'crash-events', events_again: 'crash-again' } as const

const reader = (group: string): string => `SCHEMA >
    \`n\` UInt64 \`json:$.n\`,
    \`text\` String \`json:$.text\`

ENGINE "MergeTree"
ENGINE_SORTING_KEY "__partition, __offset"
KAFKA_CONNECTION_NAME cluster
KAFKA_TOPIC ${TOPIC}
KAFKA_GROUP_ID ${group}
KAFKA_AUTO_OFFSET_RESET earliest
`

const TALLIED =
  'toUInt32(__partition) AS producer, countState() AS events, sumState(toUInt64(__offset)) AS offsets, groupBitXorState(n) AS numbers'

/** Path to text. */
export function kafkaProject(bootstrap: string): Record<string, string> {
  return {
    'cluster.connection': `TYPE kafka
KAFKA_BOOTSTRAP_SERVERS ${bootstrap}
KAFKA_SECURITY_PROTOCOL PLAINTEXT
`,
    'events.datasource': reader(READERS.events),
    'events_again.datasource': reader(READERS.events_again),
    'tally.datasource': `SCHEMA >
    \`producer\` UInt32,
    \`events\` AggregateFunction(count),
    \`offsets\` AggregateFunction(sum, UInt64),
    \`numbers\` AggregateFunction(groupBitXor, UInt64)

ENGINE "AggregatingMergeTree"
ENGINE_SORTING_KEY "producer"
`,
    'tally_mv.pipe': `NODE materialize
SQL >
    SELECT ${TALLIED} FROM events GROUP BY producer

TYPE materialized
DATASOURCE tally
`,
  }
}
