import type { Clock } from '@teams-operations/core'
import type { ReportRefusal } from '../../access/identity.ts'
import type { ReportUnexpectedError } from '../../errors/present-error.ts'
import type { ClosedConnection } from '../../observability/connection-record.ts'
import type { RefusalReason } from '../../observability/gateway-stats.ts'
import type { ReportHealth } from '../../server/graph-health.ts'
import type { Log } from './create-log.ts'
import { createProblemLog } from './problem-log.ts'

/** What of a gateway is worth a line: each connection when it has ended, and each problem, within reason. */
export interface GatewayLog {
  readonly onUnexpectedError: ReportUnexpectedError
  readonly onConnectionClosed: (connection: ClosedConnection) => void
  readonly onTurnedAway: (reason: RefusalReason, origin: string | undefined) => void
  readonly onRefused: ReportRefusal
  readonly onHealthChange: ReportHealth
}

export function createGatewayLog(log: Log, clock: Clock): GatewayLog {
  const problem = createProblemLog(log, clock)

  return {
    onUnexpectedError: (error, id) =>
      problem('unexpected', 'error', { id, error }, 'An error that nobody foresaw'),

    onConnectionClosed({ id, principalId, origin, ...counted }) {
      const line = { connection: id, principal: principalId, origin: shortened(origin), ...counted }
      log.info(line, 'Connection closed')
    },

    onTurnedAway: (reason, origin) =>
      problem(
        `turned away: ${reason}`,
        // Whoever tries paths is no problem of the gateway.
        reason === 'path' || reason === 'stopping' ? 'debug' : 'warn',
        { reason, origin: shortened(origin) },
        'Turned away',
      ),

    onRefused: ({ code, detail, principalId }) =>
      problem(`refused: ${code}`, 'warn', { code, detail, principal: principalId }, 'Refused'),

    onHealthChange(dependency, condition, error) {
      const [good, bad] = healthMessages[dependency]
      if (condition === 'good') log.info({ dependency }, good)
      else log.error({ dependency, error }, bad)
    },
  }
}

const healthMessages = {
  token: ['There is a token for Microsoft Graph', 'There is no token for Microsoft Graph'],
  graph: ['Microsoft Graph answers', 'Microsoft Graph does not answer'],
} as const

function shortened(origin: string | undefined): string | undefined {
  return origin?.slice(0, 200)
}
