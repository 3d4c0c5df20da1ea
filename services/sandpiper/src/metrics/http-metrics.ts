// How long requests take, by kind of route. Paths hold names that callers chose, so only a list of ours becomes a label.
import type { RequestListener } from 'node:http'
import { createHistogram, type Histogram } from '@sandpiper/telemetry'

/** What was answered since the start. */
export interface HttpMetrics {
  /** The same listener, with each of its answers timed. */
  timed(listener: RequestListener): RequestListener
  inFlight(): number
  /** By route and first digit of the status; `aborted` where the caller left. */
  durations(): Iterable<{
    readonly route: string
    readonly status: string
    readonly histogram: Histogram
  }>
}

const ROUTES: readonly (readonly [label: string, path: RegExp])[] = [
  ['events', /^\/v0\/events\/?$/],
  ['sql', /^\/v0\/sql\/?$/],
  ['endpoint', /^\/v0\/pipes\/[^/]+\.\w+\/?$/],
  ['datasources', /^\/v\d\/datasources(\/|$)/],
  ['pipes', /^\/v\d\/pipes(\/|$)/],
  ['deployments', /^\/v\d\/(deploy|deployments|build)(\/|$)/],
  ['jobs', /^\/v\d\/jobs(\/|$)/],
  ['tokens', /^(\/v\d)?\/tokens(\/|$)/],
  ['workspaces', /^\/v\d\/(user|workspace|workspaces|environments)(\/|$)/],
  ['metrics', /^\/metrics\/?$/],
]

/** Makes the empty ones. @param monotonicMs milliseconds of a clock that never goes back. */
export function createHttpMetrics(monotonicMs: () => number): HttpMetrics {
  const histograms = new Map<string, { route: string; status: string; histogram: Histogram }>()
  let inFlight = 0

  function observe(route: string, status: string, seconds: number): void {
    const key = `${route} ${status}`
    let found = histograms.get(key)
    if (found === undefined) {
      found = { route, status, histogram: createHistogram() }
      histograms.set(key, found)
    }
    found.histogram.observe(seconds)
  }

  return {
    inFlight: () => inFlight,
    durations: () => histograms.values(),
    timed: (listener) => (req, res) => {
      const startedMs = monotonicMs()
      inFlight += 1
      res.once('close', () => {
        inFlight -= 1
        const status = res.writableFinished ? `${Math.floor(res.statusCode / 100)}xx` : 'aborted'
        observe(routeOf(req.url ?? '/'), status, (monotonicMs() - startedMs) / 1000)
      })
      listener(req, res)
    },
  }
}

/** The label of a URL: one of a dozen words, whatever was asked for. */
export function routeOf(url: string): string {
  const end = url.indexOf('?')
  const path = end === -1 ? url : url.slice(0, end)
  return ROUTES.find(([, pattern]) => pattern.test(path))?.[0] ?? 'other'
}
