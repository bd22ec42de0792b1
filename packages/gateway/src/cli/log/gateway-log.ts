import type { CheckFailure, Clock } from '@teams-operations/core'
import type { ReportRefusal } from '../../access/identity.ts'
import type { ReportUnexpectedError } from '../../errors/present-error.ts'
import type { ClosedConnection } from '../../observability/connection-record.ts'
import type { RefusalReason } from '../../observability/gateway-stats.ts'
import type { ReportHealth } from '../../server/graph-health.ts'
import type { Log } from './create-log.ts'
import type { LogLevel } from '../settings/operator-settings.ts'
import { createPauseLog } from './pause-log.ts'
import { createProblemLog } from './problem-log.ts'

/** What of a gateway is worth a line: each connection when it has ended, and each problem, within reason. */
export interface GatewayLog {
  readonly onUnexpectedError: ReportUnexpectedError
  readonly onConnectionClosed: (connection: ClosedConnection) => void
  readonly onTurnedAway: (reason: RefusalReason, origin: string | undefined) => void
  readonly onRefused: ReportRefusal
  readonly onHealthChange: ReportHealth
  readonly onCheckFailed: (failure: CheckFailure) => void
  /** For how long nothing is sent to Graph, in milliseconds from now. */
  readonly onPause: (pauseMs: number) => void
  readonly onUserTokenFailed: (error: unknown) => void
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

    onUserTokenFailed: (error) =>
      problem('user token', 'warn', { error }, 'There is no token for Microsoft Graph on behalf of a user'),

    onHealthChange(dependency, condition, error) {
      const [good, bad] = healthMessages[dependency]
      if (condition === 'good') log.info({ dependency }, good)
      else log.error({ dependency, error }, bad)
    },

    onCheckFailed: ({ code, message, requestId, cause, isFinal }) =>
      problem(
        `check: ${code}`,
        levelOf(code),
        { code, detail: message, requestId, error: cause },
        isFinal ? 'An operation cannot be followed' : 'A check gave no state',
      ),

    onPause: createPauseLog(problem, clock),
  }
}

const healthMessages = {
  token: ['There is a token for Microsoft Graph', 'There is no token for Microsoft Graph'],
  graph: ['Microsoft Graph answers', 'Microsoft Graph does not answer'],
} as const

/** What only somebody can mend who runs the gateway, or grants it what it may do, is an error. */
function levelOf(code: CheckFailure['code']): LogLevel {
  if (code === 'unauthenticated' || code === 'access-denied' || code === 'no-token') return 'error'
  // For two minutes from its start on, that is how an operation begins.
  return code === 'not-replicated' ? 'debug' : 'warn'
}

function shortened(origin: string | undefined): string | undefined {
  return origin?.slice(0, 200)
}
