import type { OperationOwner, OperationRef } from '@teams-operations/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bearerToken } from '../../src/access/bearer-token.ts'
import type { Authenticator } from '../../src/access/authenticator.ts'
import type { Refused } from '../../src/access/identity.ts'
import type { GatewayOptions } from '../../src/gateway.ts'
import type { Principal } from '../../src/resolvers/principal.ts'
import { everyStream, everyTransport, openSocketOf } from '../every-transport.ts'
import type { Exchange } from '../exchange.ts'
import type { RawSocket } from '../raw-socket.ts'
import { locationOf, operationIdOf, scriptedOperations, teamId } from '../scripted-operations.ts'
import type { ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

/** Whose name is their token. */
const byName: Authenticator = {
  authenticate: async (credentials) => ({ id: bearerToken(credentials), accessClass: 'everybody' }),
}

/** Who may see which operations. */
let rights: Record<string, readonly number[]>
let asked: string[]
let operations: ScriptedOperations
let served: ServedGateway
let refused: Refused[]

function authorize({ id }: Principal, { location }: OperationRef): boolean {
  asked.push(`${id} ${location}`)
  return (rights[id] ?? []).some((n) => locationOf(n) === location)
}

async function serve(auth: GatewayOptions['auth'] = {}): Promise<void> {
  served = await serveGateway({
    operations: operations.client,
    auth: { authenticator: byName, authorize, onRefused: (refusal) => refused.push(refusal), ...auth },
  })
}

beforeEach(() => {
  rights = { ada: [1, 2], bob: [2, 3] }
  asked = []
  refused = []
  operations = scriptedOperations()
  for (const n of [1, 2, 3]) operations.find(locationOf(n))
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
})

const one = (n: number): string =>
  `teamsAsyncOperation(ref: { team: { teamId: "${teamId}", operationId: "${operationIdOf(n)}" } }) { id }`
const several = (...ns: number[]): string =>
  `teamsAsyncOperations(refs: [${ns.map((n) => `{ location: "${locationOf(n)}" }`).join()}]) { id }`
const listed = `{ teamsAsyncOperations(of: { teamId: "${teamId}" }) { edges { node { id } } } }`
const overview = '{ followedOperations { id } }'

describe.each(everyTransport)('over %s', (_, { types, attempt }) => {
  const as = async (name: string, query: string): Promise<object> => {
    const outcome = await attempt(served, query, `Bearer ${name}`)
    return 'result' in outcome ? outcome.result : outcome
  }

  test('a query and a subscription give what their principal may see, and nothing else', async () => {
    await serve()
    for (const type of types) {
      expect(await as('ada', `${type} { ${one(1)} }`)).toEqual({
        data: { teamsAsyncOperation: { id: operationIdOf(1) } },
      })
      asked = []
      const answer = await as('bob', `${type} { ${one(1)} }`)
      expect(asked).toEqual([`bob ${locationOf(1)}`])
      expect(answer).toMatchObject({
        errors: [
          {
            message: `Expected an operation that you may see, got ${locationOf(1)}.`,
            extensions: { code: 'FORBIDDEN' },
          },
        ],
      })
      expect(JSON.stringify(answer)).not.toContain('"id"')
    }
    expect(refused).toEqual(
      types.map(() => ({
        code: 'FORBIDDEN',
        detail: `For ${locationOf(1)}`,
        principalId: 'bob',
      })),
    )
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(0))
  })

  test.skipIf(types.length === 1)(
    'a subscription to several is refused for one of them, and watches none',
    async () => {
      await serve()
      expect(await as('ada', `subscription { ${several(1, 2)} }`)).toMatchObject({
        data: { teamsAsyncOperations: { id: operationIdOf(1) } },
      })
      await vi.waitFor(() => expect(operations.watchers(locationOf(2))).toBe(0))
      expect(await as('ada', `subscription { ${several(1, 2, 3)} }`)).toMatchObject({
        errors: [{ extensions: { code: 'FORBIDDEN' } }],
      })
      expect(operations.watchers(locationOf(1)) + operations.watchers(locationOf(3))).toBe(0)
    },
  )

  test('lists and the overview leave out what may not be seen', async () => {
    await serve()
    for (const [name, ns] of Object.entries({ ...rights, eve: [] })) {
      const visible = ns.map((n) => ({ id: operationIdOf(n) }))
      expect(await as(name, listed)).toEqual({
        data: { teamsAsyncOperations: { edges: visible.map((node) => ({ node })) } },
      })
      for (const type of types) {
        expect(await as(name, `${type} ${overview}`)).toEqual({ data: { followedOperations: visible } })
      }
    }
    // It is left out, which is no refusal.
    expect(refused).toEqual([])
  })

  test('the owner of a list may be asked about first', async () => {
    const authorizeOwner = ({ id }: Principal, owner: OperationOwner): boolean =>
      id === 'ada' && owner.teamId === teamId
    await serve({ authorizeOwner })
    expect(await as('ada', listed)).not.toHaveProperty('errors')
    operations.refuse = new Error('Graph is not to be asked')
    expect(await as('bob', listed)).toMatchObject({
      data: null,
      errors: [
        {
          message: `Expected a team or chat whose operations you may see, got team ${teamId}.`,
          extensions: { code: 'FORBIDDEN' },
        },
      ],
    })
    expect(served.unexpected).toEqual([])
  })

  test('a decision that fails is no, and tells nothing', async () => {
    await serve({ authorize: () => Promise.reject(new Error('password=hunter2')) })
    const queries = [...types.map((type) => `${type} { ${one(1)} }`), listed, overview]
    for (const query of queries) {
      const answer = await as('ada', query)
      expect(answer).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] })
      expect(JSON.stringify(answer)).not.toMatch(/hunter2|"id":"0{8}/)
    }
    expect(served.unexpected).toHaveLength(queries.length)
  })

  test('a decision that is none is no', async () => {
    await serve({ authorize: () => undefined as never })
    for (const query of types.map((type) => `${type} { ${one(1)} }`)) {
      expect(await as('ada', query)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    }
  })

  test('nobody is asked about what is no operation', async () => {
    await serve()
    for (const type of types) {
      const query = `${type} { teamsAsyncOperation(ref: { location: "https://evil.example/x" }) { id } }`
      expect(await as('ada', query)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
    }
    expect(asked).toEqual([])
  })
})

describe.each(everyStream)('over %s', (_, { start }) => {
  async function follow(name: string, n: number): Promise<Exchange> {
    const exchange = await start(served, { query: `subscription { ${one(n)} }` }, `Bearer ${name}`)
    await vi.waitFor(() => expect(exchange.results()).toHaveLength(1))
    return exchange
  }

  test('a subscription that may not go on ends with FORBIDDEN, and those of others go on', async () => {
    await serve()
    const [ada, bob] = [await follow('ada', 2), await follow('bob', 2)]
    rights['ada'] = [1]
    served.gateway.revalidate('bob')
    expect(ada.isComplete()).toBe(false)
    served.gateway.revalidate()
    await vi.waitFor(() => expect(ada.isComplete()).toBe(true))
    expect(ada.results()).toMatchObject([
      { data: { teamsAsyncOperation: { id: operationIdOf(2) } } },
      { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
    ])
    operations.find(locationOf(2), { status: 'succeeded' })
    await vi.waitFor(() => expect(bob.isComplete()).toBe(true))
    expect(ada.results()).toHaveLength(2)
    expect(bob.results().at(-1)).toEqual({ data: { teamsAsyncOperation: { id: operationIdOf(2) } } })
    for (const { leave } of [ada, bob]) leave()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
  })

  test('whoever has signed out is dismissed, is not told that it is complete, and others stay', async () => {
    await serve()
    const [ada, bob] = [await follow('ada', 1), await follow('bob', 2)]
    served.gateway.dismiss('ada')
    await vi.waitFor(() => expect(ada.hasEnded()).toBe(true))
    expect(ada.isComplete()).toBe(false)
    expect(operations.watchers(locationOf(1))).toBe(0)
    expect(served.gateway.openConnections).toBe(1)
    expect(operations.watchers(locationOf(2))).toBe(1)
    bob.leave()
  })

  test('those who would share what is executed with others than before have to come again', async () => {
    const groups: Record<string, string> = { ada: 'admins', bob: 'admins' }
    await serve({ accessClass: ({ id }) => groups[id] ?? 'nobody' })
    const [ada, bob] = [await follow('ada', 2), await follow('bob', 2)]
    expect(operations.watchers(locationOf(2))).toBe(1)
    groups['ada'] = 'guests'
    served.gateway.revalidate()
    await vi.waitFor(() => expect(ada.hasEnded()).toBe(true))
    expect(ada.isComplete()).toBe(false)
    expect(served.gateway.openConnections).toBe(1)
    bob.leave()
  })
})

describe('when what may be seen has changed', () => {
  async function subscribe(socket: RawSocket, n: number): Promise<void> {
    socket.send({ id: `${n}`, type: 'subscribe', payload: { query: `subscription { ${one(n)} }` } })
    await socket.receive(({ id, type }) => id === `${n}` && type === 'next')
  }

  test('a subscription that may not go on ends with FORBIDDEN; the socket and the others on it live', async () => {
    await serve()
    const ada = await openSocketOf(served, 'ada')
    await subscribe(ada, 1)
    await subscribe(ada, 2)
    rights['ada'] = [2]
    served.gateway.revalidate()
    expect(await ada.receive(({ type }) => type === 'error')).toMatchObject({
      id: '1',
      payload: [{ extensions: { code: 'FORBIDDEN' } }],
    })
    expect(operations.watchers(locationOf(1))).toBe(0)
    operations.find(locationOf(1), { status: 'succeeded' })
    operations.find(locationOf(2), { status: 'succeeded' })
    await ada.receive(({ id, type }) => id === '2' && type === 'complete')
    expect(ada.messages.filter(({ id }) => id === '1').map(({ type }) => type)).toEqual(['next', 'error'])
    // It may subscribe to something else, over the same socket.
    await subscribe(ada, 2)
    ada.socket.terminate()
  })

  test('only those are asked about again who are meant', async () => {
    await serve()
    const [ada, bob] = await Promise.all([openSocketOf(served, 'ada'), openSocketOf(served, 'bob')])
    await Promise.all([subscribe(ada, 2), subscribe(bob, 2)])
    asked = []
    served.gateway.revalidate('bob')
    expect(asked).toEqual([`bob ${locationOf(2)}`])
    served.gateway.revalidate()
    expect(asked).toHaveLength(3)

    rights['bob'] = []
    served.gateway.revalidate('ada')
    expect(operations.watchers(locationOf(2))).toBe(2)
    served.gateway.revalidate('bob')
    await bob.receive(({ type }) => type === 'error')
    operations.find(locationOf(2), { status: 'succeeded' })
    await ada.receive(({ type }) => type === 'complete')
    for (const { socket } of [ada, bob]) socket.terminate()
  })

  test('the overview shows less, or more', async () => {
    await serve()
    const ada = await openSocketOf(served, 'ada')
    ada.send({ id: '1', type: 'subscribe', payload: { query: `subscription ${overview}` } })
    const shown = async (count: number): Promise<unknown> => {
      await vi.waitFor(() => expect(ada.messages).toHaveLength(count + 1))
      return ada.messages.at(-1)?.payload
    }
    const of = (...ns: number[]): object => ({
      data: { followedOperations: ns.map((n) => ({ id: operationIdOf(n) })) },
    })
    expect(await shown(1)).toEqual(of(1, 2))
    rights['ada'] = [3]
    served.gateway.revalidate('ada')
    expect(await shown(2)).toEqual(of(3))
    // Each operation is asked about once, not with every change of any.
    asked = []
    operations.find(locationOf(3), { attemptsCount: 2 })
    expect(await shown(3)).toEqual(of(3))
    expect(asked).toEqual([])
    operations.find(locationOf(4))
    expect(await shown(4)).toEqual(of(3))
    expect(asked).toEqual([`ada ${locationOf(4)}`])
    ada.socket.terminate()
  })

  test('while somebody is being let in, they are asked about again', async () => {
    const decisions: PromiseWithResolvers<boolean>[] = []
    await serve({
      authorize: () => {
        const decision = Promise.withResolvers<boolean>()
        decisions.push(decision)
        return decision.promise
      },
    })
    const ada = await openSocketOf(served, 'ada')
    ada.send({ id: '1', type: 'subscribe', payload: { query: `subscription { ${one(1)} }` } })
    await vi.waitFor(() => expect(decisions).toHaveLength(1))
    served.gateway.revalidate()
    decisions[0]?.resolve(true)
    await vi.waitFor(() => expect(decisions).toHaveLength(2))
    decisions[1]?.resolve(false)
    expect(await ada.receive(({ type }) => type === 'error')).toMatchObject({
      payload: [{ extensions: { code: 'FORBIDDEN' } }],
    })
    expect(operations.watchers(locationOf(1))).toBe(0)
    ada.socket.terminate()
  })

  test('those who would share what is executed with others than before have to come again', async () => {
    const groups: Record<string, string> = { ada: 'admins', bob: 'admins' }
    await serve({ accessClass: ({ id }) => groups[id] ?? 'nobody' })
    const [ada, bob] = await Promise.all([openSocketOf(served, 'ada'), openSocketOf(served, 'bob')])
    await subscribe(ada, 2)
    groups['ada'] = 'guests'
    served.gateway.revalidate()
    expect(await ada.closed()).toEqual({
      code: 4403,
      reason: 'What may be seen has changed. Connect again.',
    })
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(1))
    bob.socket.terminate()
  })

  test('a class that can not be told ends the connection', async () => {
    let isBroken = false
    await serve({
      accessClass: () => {
        if (isBroken) throw new Error('password=hunter2')
        return 'all'
      },
    })
    const ada = await openSocketOf(served, 'ada')
    isBroken = true
    served.gateway.revalidate()
    expect(await ada.closed()).toEqual({
      code: 4403,
      reason: 'It is not known what may be seen. Connect again.',
    })
    expect(served.unexpected).toHaveLength(1)
  })
})

test('whoever has signed out is dismissed, with every connection that is theirs', async () => {
  await serve()
  const query = `subscription { ${one(2)} }`
  const theirs = await Promise.all(everyStream.map(([, { start }]) => start(served, { query }, 'Bearer ada')))
  const [first, second, bob] = await Promise.all(
    ['ada', 'ada', 'bob'].map((name) => openSocketOf(served, name)),
  )
  served.gateway.dismiss('ada')
  for (const socket of [first, second]) {
    expect(await socket?.closed()).toEqual({ code: 4403, reason: 'The gateway has ended the connection.' })
  }
  for (const { hasEnded } of theirs) await vi.waitFor(() => expect(hasEnded()).toBe(true))
  await vi.waitFor(() => expect(served.gateway.openConnections).toBe(1))
  expect(operations.watchers(locationOf(2))).toBe(0)
  bob?.socket.terminate()
})

test('nobody is asked for whom nothing is decided', async () => {
  await serve({ authorize: undefined })
  const ada = await openSocketOf(served, 'ada')
  ada.send({ id: '1', type: 'subscribe', payload: { query: `subscription { ${one(3)} }` } })
  await ada.receive(({ type }) => type === 'next')
  served.gateway.revalidate()
  operations.find(locationOf(3), { status: 'succeeded' })
  await ada.receive(({ type }) => type === 'complete')
  ada.socket.terminate()
})
