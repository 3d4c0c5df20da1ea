import type { Draft } from '@sandpiper/contracts'
import { expect, test } from 'vitest'

import { ApiError } from '../api-error.ts'
import { createDraftSaver, type SavedDraft } from './draft-saver.ts'

/** A server that keeps one draft as ours does, and a clock that is wound by hand. */
function setUp() {
  const server: { saved: SavedDraft | null; asked: string[] } = { saved: null, asked: [] }
  let waiting: (() => void) | null = null
  const saver = createDraftSaver({
    save: (revision: number, content: Draft) => {
      server.asked.push(`${revision}:${content.content}`)
      const current = server.saved?.revision ?? 0
      if (revision !== current) {
        const body = { current_revision: current, your_revision: revision }
        return Promise.reject(new ApiError(409, 'taken', { body }))
      }
      server.saved = { revision: current + 1, content }
      return Promise.resolve(server.saved)
    },
    discard: () => {
      server.asked.push('discard')
      server.saved = null
      return Promise.resolve()
    },
    later: (work) => {
      waiting = work
      return () => {
        if (waiting === work) waiting = null
      }
    },
  })
  const elapse = async (): Promise<void> => {
    waiting?.()
    await saver.flush()
  }
  return { server, saver, elapse }
}

test('many keystrokes are one request, and the next one goes on from its revision', async () => {
  const { server, saver, elapse } = setUp()
  for (const text of ['a', 'ab', 'abc']) saver.edit(text, 'live')
  expect(saver.state().status).toBe('saving')
  await elapse()
  saver.edit('abcd', 'live')
  await elapse()
  expect(server.asked).toEqual(['0:abc', '1:abcd'])
  expect(server.saved?.content).toEqual({ content: 'abcd', base: 'live' })
  expect(saver.state().status).toBe('saved')
})

test('a text that is the live one again is no draft', async () => {
  const { server, saver, elapse } = setUp()
  saver.edit('other', 'live')
  await elapse()
  saver.edit('live', 'live')
  await elapse()
  expect([server.saved, saver.state()]).toEqual([
    null,
    { draft: null, status: 'none', error: null },
  ])
})

test('what another tab saved is not written over until somebody chooses', async () => {
  const { server, saver, elapse } = setUp()
  saver.edit('mine', 'live')
  await elapse()
  server.saved = { revision: 7, content: { content: 'theirs', base: 'live' } }
  saver.edit('mine, more', 'live')
  await elapse()
  saver.edit('mine, and more', 'live')
  await elapse()
  expect([saver.state().status, server.saved.content.content]).toEqual(['taken', 'theirs'])

  saver.see(server.saved)
  saver.giveWay()
  expect(saver.state().draft?.content).toBe('theirs')
  saver.edit('both', 'live')
  await elapse()
  expect(server.saved.content.content).toBe('both')
})

test('mine can be saved over the other one', async () => {
  const { server, saver, elapse } = setUp()
  server.saved = { revision: 3, content: { content: 'theirs', base: null } }
  saver.edit('mine', null)
  await elapse()
  expect(saver.state().status).toBe('taken')
  saver.overwrite()
  await elapse()
  expect(server.saved).toEqual({ revision: 4, content: { content: 'mine', base: null } })
})

test('news of the server is taken over, but never in place of what is not saved', async () => {
  const { saver, elapse } = setUp()
  saver.see({ revision: 2, content: { content: 'from before', base: 'live' } })
  expect(saver.state().draft?.content).toBe('from before')
  saver.edit('typed', 'live')
  saver.see({ revision: 3, content: { content: 'late', base: 'live' } })
  expect(saver.state().draft?.content).toBe('typed')
  await elapse()
  expect(saver.state().status).toBe('taken')
})
