import type { Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

import { startConsole, type RunningConsole } from './console.ts'
import { deployVisits, placeOf } from './visits-project.ts'

/** What stands once the file's tests begin. */
export interface VisitsConsole {
  readonly running: RunningConsole
  /** Name of the workspace, the first part of every address. */
  readonly place: string
  /** Opens a path below the area's, in a window of its own. */
  open(path: string, options?: Parameters<RunningConsole['open']>[1]): Promise<Page>
}

/**
 * A console before the project of visits, for all tests of a file.
 * @param area such as `dashboards`; empty for the workspace's first page.
 * @param more files of the test's own.
 */
export function startVisitsConsole(
  area: string,
  more: Readonly<Record<string, string>> = {},
): VisitsConsole {
  let running: RunningConsole | undefined
  let place = ''
  const started = (): RunningConsole => {
    if (running === undefined) throw new Error('the console has not started')
    return running
  }
  beforeAll(async () => {
    running = await startConsole()
    await deployVisits(running.product, more)
    place = await placeOf(running.product)
  })
  afterAll(() => running?.stop())
  return {
    get running() {
      return started()
    },
    get place() {
      return place
    },
    open: (path, options) => started().open(`/w/${place}/${area}${path}`, options),
  }
}
