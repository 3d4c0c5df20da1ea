import { GridLayout, type Layout, useContainerWidth } from 'react-grid-layout'
import 'react-grid-layout/css/styles.css'

import './tiles.css'
import type { TileGridProps } from './tile-grid-props.ts'

export function DraggableGrid(props: TileGridProps) {
  const { tiles, columns, rowPx, gapPx, handleClass, onLayout } = props
  const { width, containerRef, mounted } = useContainerWidth()
  const changed = (layout: Layout): void =>
    onLayout(layout.map(({ i: id, x, y, w, h }) => ({ id, x, y, w, h })))
  return (
    <div ref={containerRef}>
      {mounted ? (
        <GridLayout
          width={width}
          layout={tiles.map(({ id, x, y, w, h }) => ({ i: id, x, y, w, h }))}
          gridConfig={{
            cols: columns,
            rowHeight: rowPx,
            margin: [gapPx, gapPx],
            containerPadding: [0, 0],
          }}
          dragConfig={{ handle: `.${handleClass}` }}
          onDragStop={changed}
          onResizeStop={changed}
        >
          {tiles.map(({ id, content }) => (
            <div key={id}>{content}</div>
          ))}
        </GridLayout>
      ) : null}
    </div>
  )
}
