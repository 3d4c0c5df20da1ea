import { Link } from '@tanstack/react-router'
import clsx from 'clsx'
import type { ReactNode } from 'react'

import { useApi } from '@/lib/api-context.ts'

export interface PlaceLinkProps {
  /** Below the place: `jobs/123`, `logs`; names in it encoded by encodeURIComponent. */
  to: string
  search?: Readonly<Record<string, unknown>>
  /** Replaces the look of a link in a text. */
  className?: string
  label?: string
  children: ReactNode
}

/** A link to any page of the place that is shown; for features, which do not know the routes. */
export function PlaceLink({ to, search, className, label, children }: PlaceLinkProps) {
  const { place } = useApi()
  // As text: which routes there are is the router's to know.
  const address: string = `/w/${encodeURIComponent(place)}/${to}`
  return (
    <Link
      to={address}
      {...(search === undefined ? {} : { search: search as never })}
      {...(label === undefined ? {} : { 'aria-label': label })}
      className={clsx(className ?? 'text-accent underline underline-offset-2')}
    >
      {children}
    </Link>
  )
}
