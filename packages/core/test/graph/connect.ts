import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import type { TokenCredential } from '../../src/graph/credential.ts'
import { createGraphConnection, type GraphConnection } from '../../src/graph/graph-connection.ts'
import type { GraphRequest } from '../../src/graph/transport.ts'
import { scriptedCredential } from './scripted-credential.ts'
import { scriptedTransport, type Scripted } from './scripted-transport.ts'

export const ORIGIN = 'https://graph.microsoft.com'
export const TEAM = '11111111-1111-4111-8111-111111111111'
export const CHAT = '19:c1d2@thread.v2'

export interface Connected {
  readonly graph: GraphConnection
  readonly clock: VirtualClock
  readonly requests: readonly GraphRequest[]
  readonly signal: AbortSignal
  readonly abort: (reason?: unknown) => void
}

/** A connection on a virtual clock to a Graph that answers by the script. */
export function connect(
  script: readonly Scripted[],
  credential: TokenCredential = scriptedCredential(),
): Connected {
  const clock = createVirtualClock()
  const transport = scriptedTransport(...script)
  const controller = new AbortController()
  return {
    graph: createGraphConnection({ origin: ORIGIN, transport, credential, clock }),
    clock,
    requests: transport.requests,
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
  }
}

/** The body of an operation, as Graph sends it. */
export function operationBody(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: '22222222-2222-4222-8222-222222222222',
    operationType: 'archiveTeam',
    createdDateTime: '2026-01-01T00:00:00.1234567Z',
    status: 'inProgress',
    lastActionDateTime: '2026-01-01T00:00:00.1234567Z',
    attemptsCount: 1,
    targetResourceId: TEAM,
    targetResourceLocation: `/teams('${TEAM}')`,
    error: null,
    ...changes,
  }
}

export function teamRef(number = 1): {
  location: string
  operationId: string
  owner: { teamId: string }
} {
  const operationId = `22222222-2222-4222-8222-${String(number).padStart(12, '0')}`
  return { location: `/teams('${TEAM}')/operations('${operationId}')`, operationId, owner: { teamId: TEAM } }
}

export function chatRef(): { location: string; operationId: string; owner: { chatId: string } } {
  const operationId = 'a-b-c'
  return { location: `/chats('${CHAT}')/operations('${operationId}')`, operationId, owner: { chatId: CHAT } }
}
