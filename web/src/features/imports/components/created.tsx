import type { ReactNode } from 'react'

import { buttonClass } from '@/ui/button.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'

/** The data source is live; `children` tell what becomes of its first rows. */
export function Created({ name, children }: { name: string; children: ReactNode }) {
  const at = `data-sources/${encodeURIComponent(name)}`
  return (
    <Card title={`${name} is live`}>
      <div className="flex flex-col gap-4">
        {children}
        <p className="flex flex-wrap gap-2">
          <PlaceLink to={at} className={buttonClass('primary')}>
            Open {name}
          </PlaceLink>
          <PlaceLink to={at} search={{ tab: 'use' }} className={buttonClass()}>
            Send more rows
          </PlaceLink>
        </p>
      </div>
    </Card>
  )
}
