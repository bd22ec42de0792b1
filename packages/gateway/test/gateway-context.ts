import { createVirtualClock } from '@teams-operations/core/testing'
import { unlimitedAccess } from '../src/resolvers/operation-access.ts'
import type { GatewayContext } from '../src/resolvers/context.ts'
import { anonymous } from '../src/resolvers/principal.ts'
import { OverviewPace } from '../src/subscriptions/overview-pace.ts'
import { scriptedOperations } from './scripted-operations.ts'

/** What resolvers know when nobody tells them otherwise. */
export function gatewayContext(given: Partial<GatewayContext> = {}): GatewayContext {
  const { clock = createVirtualClock() } = given
  return {
    operations: scriptedOperations().client,
    clock,
    principal: anonymous,
    access: unlimitedAccess,
    authorizeStart: () => false,
    maxRefs: 10,
    overviewPace: new OverviewPace(clock),
    inTurn: (list) => list(),
    signal: new AbortController().signal,
    ...given,
  }
}
