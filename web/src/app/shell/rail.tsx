import { Link } from '@tanstack/react-router'
import clsx from 'clsx'

import { type Area, AREAS } from './areas.ts'

/** The areas at the left; on a phone a drawer over the page. */
export function Rail({
  place,
  open,
  onClose,
}: {
  place: string
  open: boolean
  onClose: () => void
}) {
  return (
    <>
      {open ? (
        <button
          type="button"
          aria-label="Close the menu"
          className="fixed inset-0 z-30 bg-black/40 md:hidden"
          onClick={onClose}
        />
      ) : null}
      <nav
        aria-label="Areas"
        className={clsx(
          'fixed inset-y-0 left-0 z-30 flex w-52 shrink-0 flex-col gap-4 overflow-y-auto border-r border-line bg-surface p-3 md:static md:flex',
          open ? 'flex' : 'hidden',
        )}
      >
        <span className="flex items-center gap-2 px-2 pt-1 font-semibold">
          <img src="/favicon.svg" alt="" className="size-5" />
          Sandpiper
        </span>
        <RailGroup label="Build" group="build" place={place} onClick={onClose} />
        <RailGroup label="Operate" group="operate" place={place} onClick={onClose} />
      </nav>
    </>
  )
}

function RailGroup({
  label,
  group,
  place,
  onClick,
}: {
  label: string
  group: Area['group']
  place: string
  onClick: () => void
}) {
  return (
    <div>
      <p className="px-2 pb-1 text-xs text-muted">{label}</p>
      <ul>
        {AREAS.filter((each) => each.group === group).map(({ path, label: name, icon: Icon }) => (
          <li key={path}>
            <Link
              to={addressOf(place, path)}
              activeOptions={{ exact: path === '' }}
              activeProps={{ 'aria-current': 'page' }}
              onClick={onClick}
              className="flex items-center gap-2 rounded-md px-2 py-1.5 text-sm text-muted hover:bg-raised hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent"
            >
              <Icon size={16} aria-hidden />
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** An area's address as text: areas are listed in one place, so their links are not typed one by one. */
export function addressOf(place: string, path: string): string {
  return `/w/${encodeURIComponent(place)}/${path}`
}
