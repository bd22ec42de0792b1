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

describe('queries that are under way', () => {
  const throttled = expect.objectContaining({ extensions: { code: 'THROTTLED', retryAfter: 1 } }) as Error

  test('are limited for each connection, whoever it belongs to', () => {
    const meter = meterFor({ maxQueriesPerConnection: 2 })
    for (const principal of [ada, anonymous]) {
      const usage = meter(principal)
      usage.query()
      usage.query()
      expect(() => usage.query()).toThrow(throttled)
      expect(() => meter(principal).query()).not.toThrow()
      usage.answered()
      expect(() => usage.query()).not.toThrow()
    }
  })

  test('are limited for each user, over all connections, and until they are answered', () => {
    const meter = meterFor({ maxQueriesPerUser: 2 })
    const [first, second] = [meter(ada), meter(ada)]
    first.query()
    second.query()
    expect(() => second.query()).toThrow('Expected at most 2 queries of one user to be under way')
    expect(() => meter(bob).query()).not.toThrow()
    for (let i = 0; i < 5; i++) meter(anonymous).query()
    // What Graph was asked for goes on.
    first.close()
    expect(() => second.query()).toThrow(throttled)
    first.answered()
    expect(() => second.query()).not.toThrow()
  })

  test('are limited for all together, and who is refused by that takes nothing', () => {
    const meter = meterFor({ maxQueries: 1, maxQueriesPerUser: 2 })
    const usage = meter(bob)
    usage.query()
    for (let i = 0; i < 5; i++) expect(() => meter(ada).query()).toThrow(throttled)
    usage.answered()
    expect(() => meter(ada).query()).not.toThrow()
  })
})

describe('operations that are followed', () => {
  test('are limited for each user, over all connections', () => {
    const meter = meterFor({ maxFollowedOperationsPerUser: 3 })
    const leave = meter(ada).follow(() => ['a', 'b'])
    const other = meter(ada).follow(() => ['b', 'c'])
    expect(() => meter(ada).follow(() => ['d'])).toThrow(tooMany)
    expect(() => meter(bob).follow(() => ['d'])).not.toThrow()
    leave()
    leave()
    // One of them is still followed over the other connection.
    expect(() => meter(ada).follow(() => ['d', 'e'])).toThrow(tooMany)
    const last = meter(ada).follow(() => ['d'])
    for (const end of [other, last]) end()
    expect(() => meter(ada).follow(() => ['d', 'e', 'f'])).not.toThrow()
  })

  test('are those of all who are nobody in particular, without a limit', () => {
    const meter = meterFor({ maxFollowedOperationsPerUser: 1 })
    expect(() => meter(anonymous).follow(() => ['a', 'b'])).not.toThrow()
  })
})

test('what costs more than other requests is paid for with those that come after it', async () => {
  const clock = createVirtualClock()
  const meter = meterFor(
    {
      requestRatePerConnection: { burst: 10, perSecond: 1 },
      requestRatePerUser: { burst: 20, perSecond: 2 },
    },
    clock,
  )
  const usage = meter(ada)
  usage.charge(12)
  expect(() => usage.request()).toThrow(
    expect.objectContaining({ extensions: { code: 'THROTTLED', retryAfter: 3 } }) as Error,
  )
  meter(ada).charge(12)
  expect(() => meter(ada).request()).toThrow('requests per second of one user')
  await clock.advance(3_000)
  expect(() => usage.request()).not.toThrow()
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
