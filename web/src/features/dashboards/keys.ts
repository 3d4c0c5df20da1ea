export const dashboardKeys = {
  all: (place: string) => [place, 'dashboards'] as const,
  one: (place: string, id: string) => [place, 'dashboards', 'one', id] as const,
  shares: (place: string, id: string) => [place, 'dashboards', 'shares', id] as const,
  /** Of all tiles; refreshed together. */
  rows: (place: string) => [place, 'dashboard-rows'] as const,
}
