import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import type { OperationRef } from '@teams-operations/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../../src/cli/log/create-log.ts'
import { createGatewayLog, type GatewayLog } from '../../../src/cli/log/gateway-log.ts'
import { createSecrets } from '../../../src/cli/log/secrets.ts'
import type { ClosedConnection } from '../../../src/observability/connection-record.ts'

let clock: VirtualClock
let lines: object[]
let told: GatewayLog

beforeEach(() => {
  clock = createVirtualClock()
  lines = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as object)
  told = createGatewayLog(
    createLog({ level: 'info', readable: false, secrets: createSecrets(), write }),
    clock,
  )
})

const connection: ClosedConnection = {
  id: 17,
  transport: 'websocket',
  principalId: 'tenant/user',
  origin: 'https://app.example.com',
  reason: 'left',
  code: 1000,
  durationMs: 61_000,
  bytesSent: 4_096,
  bytesReceived: 512,
  subscriptions: 3,
  conflations: 0,
}

describe('the log of a gateway', () => {
  test('has one line for each connection, and never leaves one out', () => {
    for (let i = 0; i < 1_000; i++) told.onConnectionClosed({ ...connection, id: i })
    expect(lines).toHaveLength(1_000)
    const { id, principalId, ...others } = connection
    expect(lines[17]).toMatchObject({
      level: 'info',
      message: 'Connection closed',
      connection: id,
      principal: principalId,
      ...others,
    })
  })

  test('has twenty lines a minute for problems of one kind, and says how many it left out', async () => {
    for (let i = 0; i < 100; i++) told.onUnexpectedError(new Error(`number ${i}`), `id-${i}`)
    expect(lines).toHaveLength(20)
    // Others are not left out for it.
    told.onTurnedAway('origin', 'https://evil.example')
    told.onRefused({ code: 'UNAUTHENTICATED', detail: 'There was no token' })
    expect(lines).toHaveLength(22)
    await clock.advance(60_000)
    told.onUnexpectedError(new Error('later'), 'id-later')
    told.onUnexpectedError(new Error('last'), 'id-last')
    expect(lines.slice(22)).toMatchObject([{ id: 'id-later', leftOut: 80 }, { id: 'id-last' }])
    expect(lines.at(-1)).not.toHaveProperty('leftOut')
  })

  test('does not let a stranger fill a line', () => {
    told.onTurnedAway('origin', 'x'.repeat(10_000))
    expect(JSON.stringify(lines[0]).length).toBeLessThan(500)
  })

  test('keeps quiet about who tries what is not there', () => {
    told.onTurnedAway('path', undefined)
    told.onTurnedAway('stopping', undefined)
    expect(lines).toEqual([])
  })

  test('has a line for each kind of problem of checks, with what Graph said', () => {
    const failure = {
      ref: {} as OperationRef,
      message: 'Graph answered.',
      requestId: 'r-1',
      cause: undefined,
      isFinal: false,
    }
    const codes = ['throttled', 'graph-unavailable', 'no-connection', 'no-token'] as const
    for (let i = 0; i < 50; i++) for (const code of codes) told.onCheckFailed({ ...failure, code })
    told.onCheckFailed({ ...failure, code: 'access-denied', isFinal: true })
    told.onCheckFailed({ ...failure, code: 'not-replicated' })
    expect(lines).toHaveLength(20 * codes.length + 1)
    expect(lines[0]).toMatchObject({
      level: 'warn',
      message: 'A check gave no state',
      code: 'throttled',
      detail: 'Graph answered.',
      requestId: 'r-1',
    })
    expect(lines.at(-1)).toMatchObject({ level: 'error', code: 'access-denied' })
    expect(lines.at(-1)).not.toHaveProperty('error')
    const reason = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const cause = new TypeError('fetch failed', { cause: reason })
    told.onCheckFailed({ ...failure, code: 'no-answer', cause })
    expect(lines.at(-1)).toMatchObject({
      error: { message: 'fetch failed', cause: { code: 'ECONNREFUSED' } },
    })
  })

  test('says when nothing is sent to Graph for a while, and when that is over', async () => {
    told.onPause(10_000)
    told.onPause(10_050)
    await clock.advance(10_000)
    expect(lines).toMatchObject([
      { level: 'warn', message: 'Nothing is sent to Microsoft Graph for a while', forMs: 10_000 },
      { forMs: 50 },
    ])
    await clock.advance(50)
    expect(lines).toHaveLength(3)
    expect(lines[2]).toMatchObject({
      level: 'info',
      message: 'Microsoft Graph may be asked again',
      lastedMs: 10_050,
    })
    await clock.advance(60_000)
    told.onPause(1_000)
    await clock.advance(1_000)
    expect(lines.slice(3)).toMatchObject([{ forMs: 1_000 }, { lastedMs: 1_000 }])
    expect(clock.pendingTimers).toBe(0)
  })

  test('says why there is no token on behalf of a user, which the user is not told', () => {
    told.onUserTokenFailed(new Error('AADSTS65001'))
    expect(lines).toMatchObject([{ level: 'warn', error: { message: 'AADSTS65001' } }])
  })

  test('says when Graph can no longer be reached, why, and when it can again', () => {
    told.onHealthChange('graph', 'bad', new Error('Graph answered 503'))
    told.onHealthChange('graph', 'good')
    expect(lines).toMatchObject([
      { level: 'error', dependency: 'graph', error: { message: 'Graph answered 503' } },
      { level: 'info', dependency: 'graph' },
    ])
  })
})
