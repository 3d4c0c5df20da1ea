import type { EChartsType } from 'echarts/core'
import { type PointerEvent, type RefObject, useState } from 'react'

/** Shorter ones are clicks. */
const DRAG_PX_MIN = 5

interface Drag {
  fromPx: number
  toPx: number
}

/** A span of time, chosen by dragging over a chart. Without `onSelect` nothing listens. */
export function useTimeDrag(
  chart: RefObject<EChartsType | null>,
  onSelect: ((fromMs: number, toMs: number) => void) | undefined,
) {
  const [drag, setDrag] = useState<Drag | null>(null)
  if (onSelect === undefined) return { handlers: {}, selected: null }
  const finish = (event: PointerEvent<HTMLElement>): void => {
    setDrag(null)
    if (drag === null || chart.current === null) return
    const [left, right] = [drag.fromPx, pixelOf(event)].sort((a, b) => a - b)
    if (left === undefined || right === undefined || right - left < DRAG_PX_MIN) return
    const at = (px: number): number =>
      chart.current?.convertFromPixel({ xAxisIndex: 0 }, px) ?? Number.NaN
    const [from, to] = [at(left), at(right)]
    if (Number.isFinite(from) && Number.isFinite(to)) onSelect(from, to)
  }
  return {
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        // A finger scrolls the page.
        if (event.button !== 0 || event.pointerType === 'touch') return
        event.currentTarget.setPointerCapture(event.pointerId)
        setDrag({ fromPx: pixelOf(event), toPx: pixelOf(event) })
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        if (drag !== null) setDrag({ ...drag, toPx: pixelOf(event) })
      },
      onPointerUp: finish,
      onPointerCancel: () => setDrag(null),
    },
    selected:
      drag === null
        ? null
        : { left: Math.min(drag.fromPx, drag.toPx), width: Math.abs(drag.toPx - drag.fromPx) },
  }
}

function pixelOf(event: PointerEvent<HTMLElement>): number {
  return event.clientX - event.currentTarget.getBoundingClientRect().left
}
