// Topics in the console: what stops one is told, and reading is paused and resumed. The broker is one that may not be reached.
import { expect, test } from 'vitest'

import { expectAccessible } from './support/console.ts'
import { startVisitsConsole } from './support/visits-console.ts'

const visits = startVisitsConsole('settings', {
  'hub.connection':
    'TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS 127.0.0.1:9\nKAFKA_SECURITY_PROTOCOL PLAINTEXT\n',
  'clicks.datasource':
    'SCHEMA >\n    page String `json:$.page`\n\nKAFKA_CONNECTION_NAME hub\nKAFKA_TOPIC web_clicks\nKAFKA_GROUP_ID readers\n',
})

test('a topic is shown with what stops it, paused and resumed', async () => {
  const page = await visits.open('?tab=connections')
  const topic = page.getByRole('row', { name: /clicks web_clicks readers/ })
  await topic.getByText('failing').waitFor()
  await topic.getByText(/private or reserved network/).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Pause clicks' }).click()
  await topic.getByText('paused').waitFor()
  await page.getByRole('button', { name: 'Resume clicks' }).click()
  await page.getByRole('button', { name: 'Pause clicks' }).waitFor()
  const { json } = await visits.running.api('GET', '/v0/datasources/clicks/scheduling/state')
  expect(json).toMatchObject({ state: 'running', kafka_topic: 'web_clicks' })
})
