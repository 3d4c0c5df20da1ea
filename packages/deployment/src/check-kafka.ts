// What data sources and connections of Kafka ask of each other, and what a change of them means for the rows.
import { kafkaSettings, type DataSourceFile, type KafkaSettings } from '@sandpiper/datafile'

import { resourceLabel, type PlanFeedback } from './plan.ts'
import type { ProjectFiles } from './project-files.ts'

/** Every rule that is broken, as ERROR feedback. Connections that are not there are reported elsewhere. */
export function checkKafka(project: ProjectFiles): PlanFeedback[] {
  const readers = new Map<string, string>()
  return [...project.dataSources.values()].flatMap((file): PlanFeedback[] => {
    const kafka = kafkaSettings(file)
    const connection = project.connections.get(kafka?.connectionName ?? '')
    if (kafka === null || connection === undefined) return []
    const found: string[] = []
    if (connection.type !== 'kafka')
      found.push(`KAFKA_CONNECTION_NAME: connection ${connection.name} is not of TYPE kafka`)
    const needing = formatOfRegistry(kafka)
    if (needing !== null && connection.settings['KAFKA_SCHEMA_REGISTRY_URL'] === undefined)
      found.push(
        `${needing} needs a schema registry: add KAFKA_SCHEMA_REGISTRY_URL to the connection ${connection.name}`,
      )
    const place = JSON.stringify([kafka.connectionName, kafka.topic, kafka.groupId])
    const other = readers.get(place)
    if (other === undefined) readers.set(place, file.name)
    else
      found.push(
        `${other} reads this topic in the same KAFKA_GROUP_ID: each would get a part of the records. Give one of them another KAFKA_GROUP_ID`,
      )
    return found.map((message) => ({ resource: resourceLabel(file), level: 'ERROR', message }))
  })
}

function formatOfRegistry({ keyFormat, valueFormat }: KafkaSettings): string | null {
  if (!valueFormat.startsWith('json')) return `KAFKA_VALUE_FORMAT ${valueFormat}`
  return keyFormat.startsWith('json') ? null : `KAFKA_KEY_FORMAT ${keyFormat}`
}

/** What changes in where a live data source reads, as INFO feedback. */
export function kafkaChanges(before: ProjectFiles, after: ProjectFiles): PlanFeedback[] {
  return [...after.dataSources.values()].flatMap((file): PlanFeedback[] => {
    const live = before.dataSources.get(file.name)
    const message = live === undefined ? null : changeOf(live, file)
    return message === null ? [] : [{ resource: resourceLabel(file), level: 'INFO', message }]
  })
}

function changeOf(live: DataSourceFile, next: DataSourceFile): string | null {
  const was = kafkaSettings(live)
  const is = kafkaSettings(next)
  if (was === null && is === null) return null
  if (is === null)
    return `It is no longer filled from the topic ${was?.topic ?? ''}. Its rows stay.`
  if (was === null)
    return `It is filled from the topic ${is.topic}, from the ${is.offsetReset} records on. Its rows stay, with empty columns of Kafka.`
  if (was.topic === is.topic && was.groupId === is.groupId) return null
  const what = was.topic === is.topic ? `group ${is.groupId}` : `topic ${is.topic}`
  return `It reads the ${what} from the promotion on, from the ${is.offsetReset} records where there is no position yet. Its rows stay.`
}
