import { type EChartsCoreOption, type EChartsType, init } from 'echarts/core'
import { type RefObject, useEffect, useRef } from 'react'

import { useTheme } from '@/lib/theme.ts'

export interface EChartRefs {
  /** Of the element that it is drawn in. */
  host: RefObject<HTMLDivElement | null>
  chart: RefObject<EChartsType | null>
}

/** A chart that takes the size of its element and the colours of the page. @param option is asked for with a look-up of colours by role. */
export function useEChart(
  option: (colour: (role: string) => string) => EChartsCoreOption,
): EChartRefs {
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)
  const theme = useTheme()

  useEffect(() => {
    const element = host.current
    if (element === null) return
    const made = init(element, null, { renderer: 'canvas' })
    chart.current = made
    const resized = new ResizeObserver(() => made.resize())
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.dispose()
      chart.current = null
    }
  }, [])

  useEffect(() => {
    const style = getComputedStyle(document.documentElement)
    const found = option((name) => style.getPropertyValue(`--${name}`).trim())
    chart.current?.setOption(found, { notMerge: true })
  }, [option, theme])

  return { host, chart }
}
