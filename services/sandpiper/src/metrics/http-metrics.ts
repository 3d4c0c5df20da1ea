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
  // As long as somebody watches.
  ['tail', /^\/v0\/datasources\/[^/]+\/tail\/?$/],
  ['datasources', /^\/v\d\/datasources(\/|$)/],
  ['pipes', /^\/v\d\/pipes(\/|$)/],
  ['deployments', /^\/v\d\/(deploy|deployments|build)(\/|$)/],
  ['jobs', /^\/v\d\/jobs(\/|$)/],
  ['tokens', /^(\/v\d)?\/tokens(\/|$)/],
  ['workspaces', /^\/v\d\/(user|workspace|workspaces|environments)(\/|$)/],
  ['console', /^\/v0\/console(\/|$)/],
  ['metrics', /^\/metrics\/?$/],
]

/** Makes the empty ones. @param monotonicMs milliseconds of a clock that never goes back. */
export function createHttpMetrics(monotonicMs: () => number): HttpMetrics {
  const histograms = new Map<string, Map<string, Histogram>>()
  let inFlight = 0
  // Most requests are for what the one before was for.
  let lastUrl = ''
  let lastRoute = routeOf(lastUrl)

  function observe(url: string, status: string, seconds: number): void {
    if (url !== lastUrl) {
      lastUrl = url
      lastRoute = routeOf(url)
    }
    let ofRoute = histograms.get(lastRoute)
    if (ofRoute === undefined) {
      ofRoute = new Map()
      histograms.set(lastRoute, ofRoute)
    }
    let histogram = ofRoute.get(status)
    if (histogram === undefined) {
      histogram = createHistogram()
      ofRoute.set(status, histogram)
    }
    histogram.observe(seconds)
  }

  return {
    inFlight: () => inFlight,
    *durations() {
      for (const [route, ofRoute] of histograms)
        for (const [status, histogram] of ofRoute) yield { route, status, histogram }
    },
    timed: (listener) => (req, res) => {
      const startedMs = monotonicMs()
      inFlight += 1
      let isOver = false
      // Cheaper than once().
      res.on('close', () => {
        if (isOver) return
        isOver = true
        inFlight -= 1
        const status = res.writableFinished ? statusWord(res.statusCode) : 'aborted'
        observe(req.url ?? '/', status, (monotonicMs() - startedMs) / 1000)
      })
      listener(req, res)
    },
  }
}

function statusWord(status: number): string {
  if (status < 300) return '2xx'
  if (status < 400) return '3xx'
  return status < 500 ? '4xx' : '5xx'
}

/** The label of a URL: one of a dozen words, whatever was asked for. */
export function routeOf(url: string): string {
  const end = url.indexOf('?')
  const path = end === -1 ? url : url.slice(0, end)
  return ROUTES.find(([, pattern]) => pattern.test(path))?.[0] ?? 'other'
}
