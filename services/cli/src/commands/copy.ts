import { usageError } from '../cli-error.ts'
import { pairs, type CommandSpec } from '../command-spec.ts'
import { printEnd } from '../follow-answer.ts'
import { inPath, listIn, objectIn, showLine, showTable, textIn } from '../show.ts'

export const copyLs: CommandSpec = {
  usage: 'copy ls',
  about: 'copy pipes, with where they write and when',
  examples: ['copy ls'],
  async run(call) {
    const body = await call.client.call('GET', '/v0/pipes')
    const copies = listIn(body, 'pipes').filter((each) => each['type'] === 'copy')
    const rows = copies.map((each) => [
      each['name'],
      each['copy_target_datasource'],
      each['copy_schedule'],
      each['copy_mode'],
      objectIn(each, 'schedule')['status'],
    ])
    const headings = ['COPY', 'INTO', 'WHEN', 'MODE', 'SCHEDULE']
    showTable(call, { copies }, { headings, rows, empty: 'There are no copy pipes.' })
  },
}

export const copyRun: CommandSpec = {
  usage: 'copy run <pipe>',
  about: 'copy now, and wait for the end',
  options: [
    ['--mode <mode>', 'append or replace; default: what the pipe says'],
    ['--param <name=value...>', 'parameters of the pipe'],
    ['--no-wait', 'print the job and do not wait for it'],
  ],
  examples: ['copy run daily_report', `copy run daily_report --param "day=2026-01-15"`],
  async run(call, [pipe = ''], options) {
    const mode = options.text('mode')
    if (mode !== undefined && mode !== 'append' && mode !== 'replace')
      throw usageError(`--mode ${mode}: use append or replace.`)
    const query = new URLSearchParams(pairs('param', options.list('param')))
    if (mode !== undefined) query.set('_mode', mode)
    const path = `/v0/pipes/${inPath(pipe)}/copy?${query.toString()}`
    await printEnd(call, await call.client.call('POST', path), !options.isOff('wait'))
  },
}

const switchCommand = (what: 'pause' | 'resume', about: string): CommandSpec => ({
  usage: `copy ${what} <pipe>`,
  about,
  examples: [`copy ${what} daily_report`],
  async run(call, [pipe = '']) {
    const body = await call.client.call('POST', `/v0/pipes/${inPath(pipe)}/copy/${what}`)
    const state = what === 'pause' ? 'paused' : 'on its schedule again'
    showLine(call, body, `${textIn(body, 'name') || pipe} is ${state}.`)
  },
})

export const copyPause = switchCommand('pause', 'leave its schedule out until it is resumed')
export const copyResume = switchCommand('resume', 'follow its schedule again')

export const copyCancel: CommandSpec = {
  usage: 'copy cancel <pipe>',
  about: 'stop the copies of a pipe that wait or are at work, and its schedule until it is resumed',
  examples: ['copy cancel daily_report'],
  async run(call, [pipe = '']) {
    const body = await call.client.call('POST', `/v0/pipes/${inPath(pipe)}/copy/cancel`)
    const hasSchedule = textIn(objectIn(body, 'schedule'), 'cron') !== ''
    const more = hasSchedule ? `, and its schedule until you resume it: copy resume ${pipe}` : ''
    showLine(call, body, `The copies of ${pipe} are stopped${more}.`)
  },
}
