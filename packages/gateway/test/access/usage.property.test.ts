import { createVirtualClock } from '@teams-operations/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveLimits, type LimitOptions } from '../../src/access/limits.ts'
import { GatewayCounts } from '../../src/observability/gateway-counts.ts'
import { createUsageMeter, type UsageMeter } from '../../src/access/usage.ts'
import { anonymous, type Principal } from '../../src/resolvers/principal.ts'

const ada: Principal = { id: 'ada', accessClass: 'ada' }
const bob: Principal = { id: 'bob', accessClass: 'bob' }

function meterFor(limits: LimitOptions, clock = createVirtualClock()): UsageMeter {
  return createUsageMeter(resolveLimits(limits), clock, new GatewayCounts())
}

const nothing = { return: () => {} }

const tooMany = expect.objectContaining({ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }) as Error

describe('subscriptions', () => {
  test('are limited for each connection, whoever it belongs to', () => {
    const meter = meterFor({ maxSubscriptionsPerConnection: 2 })
    for (const principal of [ada, anonymous]) {
      const usage = meter(principal)
      usage.subscribe()
      usage.subscribe()
      expect(() => usage.subscribe()).toThrow(tooMany)
      expect(() => meter(principal).subscribe()).not.toThrow()
      usage.unsubscribe(nothing)
      expect(() => usage.subscribe()).not.toThrow()
    }
  })

  test('are limited for each user, over all connections', () => {
    const meter = meterFor({ maxSubscriptionsPerUser: 2 })
    const [first, second] = [meter(ada), meter(ada)]
    first.subscribe()
    second.subscribe()
    expect(() => second.subscribe()).toThrow(tooMany)
    expect(() => meter(bob).subscribe()).not.toThrow()
    first.close()
    expect(() => second.subscribe()).not.toThrow()
  })

  test('of nobody in particular are no one user’s', () => {
    const meter = meterFor({ maxSubscriptionsPerUser: 1, maxConnectionsPerUser: 1 })
    for (let i = 0; i < 5; i++) {
      const usage = meter(anonymous)
      usage.connect()
      usage.subscribe()
    }
  })
})

test('what is still under way ends with its connection, and what comes too late at once', () => {
  const usage = meterFor({})(ada)
  const ended: string[] = []
  const results = (name: string) => ({
    return() {
      ended.push(name)
      usage.unsubscribe(this)
    },
  })
  const done = results('done')
  for (const each of [done, results('first'), results('second')]) {
    usage.subscribe()
    usage.hold(each)
  }
  usage.unsubscribe(done)
  usage.subscribe()
  usage.close()
  expect(ended).toEqual(['first', 'second'])
  usage.hold(results('late'))
  expect(ended).toEqual(['first', 'second', 'late'])
})

describe('connections', () => {
  test('are limited for each user', () => {
    const meter = meterFor({ maxConnectionsPerUser: 1 })
    const usage = meter(ada)
    usage.connect()
    expect(() => meter(ada).connect()).toThrow(tooMany)
    expect(() => meter(bob).connect()).not.toThrow()
    usage.close()
    expect(() => meter(ada).connect()).not.toThrow()
  })

  test('that were refused give back nothing that is not theirs', () => {
    const meter = meterFor({ maxConnectionsPerUser: 1 })
    meter(ada).connect()
    const refused = meter(ada)
    expect(() => refused.connect()).toThrow(tooMany)
    refused.close()
    refused.close()
    expect(() => meter(ada).connect()).toThrow(tooMany)
  })
})

describe('requests', () => {
  test('are limited for each connection, and may come again later', async () => {
    const clock = createVirtualClock()
    const usage = meterFor({ requestRatePerConnection: { burst: 2, perSecond: 0.5 } }, clock)(anonymous)
    usage.request()
    usage.request()
    expect(() => usage.request()).toThrow(
      expect.objectContaining({ extensions: { code: 'THROTTLED', retryAfter: 2 } }) as Error,
    )
    await clock.advance(2_000)
    expect(() => usage.request()).not.toThrow()
  })

  test('are limited for each user, over all connections', () => {
    const meter = meterFor({ requestRatePerUser: { burst: 2, perSecond: 1 } })
    meter(ada).request()
    meter(ada).request()
    expect(() => meter(ada).request()).toThrow('requests per second of one user')
    expect(() => meter(bob).request()).not.toThrow()
    for (let i = 0; i < 5; i++) meter(anonymous).request()
  })
})

test('however connections come and go, nothing stays taken', () => {
  const step = fc.record({
    connection: fc.nat(3),
    act: fc.constantFrom('connect', 'subscribe', 'unsubscribe', 'close'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const max = 4
      const meter = meterFor({
        maxConnectionsPerUser: max,
        maxSubscriptionsPerUser: max,
        maxSubscriptionsPerConnection: 3,
      })
      const connections = Array.from({ length: 4 }, () => meter(ada))
      for (const { connection, act } of steps) {
        try {
          connections[connection]?.[act as 'connect']()
        } catch (error) {
          expect(error).toEqual(tooMany)
        }
      }
      for (const connection of connections) connection.close()
      for (let i = 0; i < max; i++) {
        const usage = meter(ada)
        usage.connect()
        usage.subscribe()
      }
      expect(() => meter(ada).connect()).toThrow(tooMany)
      expect(() => meter(ada).subscribe()).toThrow(tooMany)
    }),
  )
})
