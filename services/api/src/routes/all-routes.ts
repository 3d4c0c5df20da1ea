// Every group of routes the api serves. Order does not matter: no two groups claim one path.
import type { RouteGroup } from '../app.ts'

export const allRoutes: readonly RouteGroup[] = []
