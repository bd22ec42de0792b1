import { createClient as createSseClient } from 'graphql-sse'
import {
  acceptedAs,
  dropConnection,
  latency,
  refuse,
  serverError,
  throttle,
  times,
} from '@teams-operations/simulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Refused } from '../src/access/identity.ts'
import { openRawSocket } from './raw-socket.ts'
import { serveSimulated, type SimulatedGateway } from './serve-simulated.ts'

let graph: SimulatedGateway
let simulator: SimulatedGateway['simulator']
let served: SimulatedGateway['served']
let teamId: string
let archive: { readonly query: string; readonly variables: object }

beforeEach(async () => {
  graph = await serveSimulated({ allowStart: true })
  ;({ simulator, served } = graph)
  teamId = simulator.tenant.addTeam({}).id
  archive = {
    query: 'mutation ($teamId: ID!) { archiveTeam(teamId: $teamId) { location ref { location } } }',
    variables: { teamId },
  }
})

afterEach(async () => {
  await graph.end()
})

interface Ref {
  readonly location: string
}

interface Answer {
  readonly data: { readonly [field: string]: { readonly location: string; readonly ref: Ref } } | null
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[]
}

async function mutate(request: object): Promise<Answer> {
  const response = await graph.settle(served.post(request))
  return (await response.json()) as Answer
}

function starts(): number {
  return simulator.journal.requests.filter(({ kind }) => kind === 'start').length
}

describe('what a mutation started', () => {
  const fields = (): readonly [name: string, field: string][] => {
    const channelId = simulator.tenant.addChannel(teamId, {}).id
    const archivedTeamId = simulator.tenant.addTeam({ isArchived: true }).id
    const archivedChannelId = simulator.tenant.addChannel(teamId, { isArchived: true }).id
    const members = '[{ user: "ada@example.com" }, { user: "bob@example.com" }]'
    return [
      ['ARCHIVE_TEAM', `archiveTeam(teamId: "${simulator.tenant.addTeam({}).id}")`],
      ['UNARCHIVE_TEAM', `unarchiveTeam(teamId: "${archivedTeamId}")`],
      [
        'CLONE_TEAM',
        `cloneTeam(teamId: "${teamId}", clone: { displayName: "Copy", partsToClone: [APPS, TABS] })`,
      ],
      ['CREATE_TEAM', 'createTeam(team: { displayName: "New", members: [{ user: "ada@example.com" }] })'],
      ['CREATE_CHANNEL', `createChannel(teamId: "${teamId}", channel: { displayName: "Shared" })`],
      ['ARCHIVE_CHANNEL', `archiveChannel(teamId: "${teamId}", channelId: "${channelId}")`],
      ['UNARCHIVE_CHANNEL', `unarchiveChannel(teamId: "${teamId}", channelId: "${archivedChannelId}")`],
      [
        'CREATE_CHAT',
        `createChat(chat: {
          chatType: GROUP, topic: "Plans", members: ${members}, installedApps: [{ teamsAppId: "app-1" }]
        })`,
      ],
    ]
  }

  test('is followed with the ref of its answer to the end, for each of the eight', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    for (const [operationType, field] of fields()) {
      const { data, errors } = await mutate({ query: `mutation { started: ${field} { ref { location } } }` })
      expect(errors).toBeUndefined()
      const query = `subscription ($ref: TeamsAsyncOperationRef!) {
        teamsAsyncOperation(ref: $ref) { operationType status location }
      }`
      const variables = { ref: data?.['started']?.ref }
      socket.send({ id: operationType, type: 'subscribe', payload: { query, variables } })
      await vi.waitFor(() => expect(graph.operations.stats().followed).toBe(1))
      await graph.settle(socket.receive(({ id, type }) => id === operationType && type === 'complete'))
      const results = socket.messages.filter(({ id, type }) => id === operationType && type === 'next')
      expect(results.at(-1)?.payload).toEqual({
        data: {
          teamsAsyncOperation: {
            operationType,
            status: 'SUCCEEDED',
            location: data?.['started']?.ref.location,
          },
        },
      })
    }
    expect(starts()).toBe(8)
    socket.socket.terminate()
  })

  test('has the same location in both places', async () => {
    const { data } = await mutate(archive)
    expect(data?.['archiveTeam']?.ref.location).toBe(data?.['archiveTeam']?.location)
  })
})

describe('a start is sent once', () => {
  test('also when the client leaves while it is under way', async () => {
    simulator.use(latency(5_000))
    const leaving = new AbortController()
    const answer = fetch(served.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(archive),
      signal: leaving.signal,
    }).then((response) => response.text())
    await vi.waitFor(() => expect(starts()).toBe(1))
    leaving.abort()
    await expect(answer).rejects.toThrow('aborted')
    await graph.pass(60_000)
    expect(starts()).toBe(1)
    const start = simulator.journal.requests.find(({ kind }) => kind === 'start')
    expect(start).toMatchObject({ outcome: 'answered', status: 202 })
    expect(served.unexpected).toEqual([])
  })

  test('also when Graph throttles it, which the client is told with the time to wait', async () => {
    simulator.use(times(1, throttle({ retryAfter: '12' })))
    const { data, errors } = await mutate(archive)
    expect(data).toBeNull()
    expect(errors).toMatchObject([{ extensions: { code: 'THROTTLED', retryAfter: 12 } }])
    await graph.pass(60_000)
    expect(starts()).toBe(1)
  })

  test.each([
    ['the connection breaks', dropConnection({ at: 'answer' })],
    ['Graph fails', serverError(503, { takesEffect: true })],
  ])('also when %s: it may have taken effect, and the client is told so', async (_, fault) => {
    simulator.use(times(1, fault))
    const { errors } = await mutate(archive)
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('It may have been done nevertheless'),
        extensions: { code: 'GRAPH_UNAVAILABLE' },
      },
    ])
    await graph.pass(60_000)
    expect(starts()).toBe(1)
    expect([...simulator.tenant.operations()]).toHaveLength(1)
  })

  test('also when Graph does not say where it lives: the client is told that it runs', async () => {
    simulator.use(acceptedAs({ header: 'none' }))
    const { errors } = await mutate(archive)
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('It is under way: do not start it again'),
        extensions: { code: 'OPERATION_LOST', requestId: expect.any(String) },
      },
    ])
    expect(served.unexpected).toEqual([])
    expect(starts()).toBe(1)
  })

  test('so a document with two of them is refused before either', async () => {
    const other = simulator.tenant.addTeam({}).id
    const { data, errors } = await mutate({
      query: `mutation {
        a: archiveTeam(teamId: "${teamId}") { location }
        b: archiveTeam(teamId: "${other}") { location }
      }`,
    })
    expect(data).toBeNull()
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(starts()).toBe(0)
  })
})

describe('a mutation is answered', () => {
  const json = 'application/json; charset=utf-8'
  const newer = 'application/graphql-response+json; charset=utf-8'

  test('with the head at once, so that no browser takes it for unsent, and with the rest when it has begun', async () => {
    simulator.use(latency(5_000))
    const response = await served.post(archive)
    expect(response.status).toBe(200)
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    await vi.waitFor(() => expect(starts()).toBe(1))
    const reading = response.text()
    await graph.pass(10_000)
    expect(JSON.parse(await reading)).toMatchObject({
      data: { archiveTeam: { location: expect.any(String) } },
    })
  })

  test('only when somebody takes the answer: until then nothing is started', async () => {
    const request = (signal?: AbortSignal): Request =>
      new Request('http://localhost/graphql', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(archive),
        signal: signal ?? null,
      })
    const leaving = new AbortController()
    const left = await served.gateway.fetch(request(leaving.signal))
    leaving.abort()
    expect((await left.text()).trim()).toBe('')
    const unread = await served.gateway.fetch(request())
    await unread.body?.cancel()
    await graph.pass(5_000)
    expect(starts()).toBe(0)
    const answer = await graph.settle((await served.gateway.fetch(request())).json())
    expect(answer).toMatchObject({ data: { archiveTeam: { location: expect.any(String) } } })
    expect(starts()).toBe(1)
  })

  test('and not for who is gone by then', async () => {
    const response = await served.gateway.fetch(
      new Request('http://localhost/graphql', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(archive),
      }),
    )
    served.gateway.dismiss('anonymous')
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    expect(starts()).toBe(0)
  })

  test.each([
    ['application/json', json],
    ['*/*', json],
    ['application/graphql-response+json, application/json;q=0.9', newer],
    ['application/json, application/graphql-response+json', json],
  ])('to who accepts %s as %s', async (accept, type) => {
    const response = await served.post(archive, { Accept: accept })
    expect(response.headers.get('content-type')).toBe(type)
    await graph.settle(response.text())
  })

  test.each([
    ['not valid', { query: 'mutation { archiveTeam { location } }' }],
    ['without its variables', { query: 'mutation ($a: ID!) { archiveTeam(teamId: $a) { location } }' }],
  ])('with a status of its own when it is %s', async (_, request) => {
    const response = await served.post(request, { Accept: 'application/graphql-response+json' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{}] })
    expect(starts()).toBe(0)
  })
})

describe('a mutation is refused', () => {
  afterEach(() => {
    expect(starts()).toBe(0)
    expect(served.unexpected).toEqual([])
  })

  test('with GET, which a link can cause', async () => {
    const url = new URL(served.url)
    url.searchParams.set('query', `mutation { archiveTeam(teamId: "${teamId}") { location } }`)
    const response = await fetch(url)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  })

  test('over WebSocket, whose clients would send it again, while the socket lives on', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    socket.send({ id: '1', type: 'subscribe', payload: archive })
    const { payload } = await socket.receive(({ type }) => type === 'error')
    expect(payload).toMatchObject([
      { message: expect.stringContaining('over HTTP only'), extensions: { code: 'BAD_REQUEST' } },
    ])
    socket.send({ id: '2', type: 'subscribe', payload: { query: '{ __typename }' } })
    await socket.receive(({ id, type }) => id === '2' && type === 'complete')
    socket.socket.terminate()
  })

  test('over an event stream, whose clients would as well', async () => {
    const client = createSseClient({ url: served.url, retryAttempts: 3 })
    const results: unknown[] = []
    for await (const result of client.iterate({ ...archive, variables: { teamId } })) results.push(result)
    expect(results).toMatchObject([{ errors: [{ extensions: { code: 'BAD_REQUEST' } }] }])
  })

  test('with an argument that can not be, which is named', async () => {
    const { errors } = await mutate({ ...archive, variables: { teamId: 'marketing' } })
    expect(errors).toMatchObject([
      {
        message: 'Expected `teamId` to be the GUID of a team, got "marketing".',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ])
  })
})

describe('what Graph refuses has a code', () => {
  test.each([
    ['FORBIDDEN', 403],
    ['BAD_USER_INPUT', 400],
    ['BAD_USER_INPUT', 409],
    ['GRAPH_UNAVAILABLE', 423],
    ['UNAUTHENTICATED', 401],
  ])('%s for %i', async (code, status) => {
    simulator.use(times(1, refuse(status, 'Code', 'No.')))
    const { data, errors } = await mutate(archive)
    expect(data).toBeNull()
    expect(errors).toMatchObject([{ extensions: { code, requestId: expect.any(String) } }])
    expect(starts()).toBe(1)
  })

  test('OPERATION_NOT_FOUND for a team that there is not', async () => {
    const { errors } = await mutate({
      ...archive,
      variables: { teamId: '00000000-0000-4000-8000-000000000000' },
    })
    expect(errors).toMatchObject([{ extensions: { code: 'OPERATION_NOT_FOUND' } }])
  })
})

test('where starting is not allowed, the schema has no mutations', async () => {
  const closed = await serveSimulated()
  const { errors } = (await (await closed.served.post(archive)).json()) as Answer
  expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
  expect(closed.simulator.journal.requests).toEqual([])
  await closed.end()
})

test('in a team those may start something who may ask for its operations', async () => {
  const asked: unknown[] = []
  let other = ''
  const limited = await serveSimulated({
    allowStart: true,
    auth: {
      authorizeOwner: (_, owner) => {
        asked.push(owner)
        return owner.teamId === other
      },
    },
  })
  teamId = limited.simulator.tenant.addTeam({}).id
  other = limited.simulator.tenant.addTeam({}).id
  const codeOf = async (field: string): Promise<unknown> => {
    const query = `mutation { ${field} { location } }`
    const answer = (await (await limited.settle(limited.served.post({ query }))).json()) as Answer
    return answer.errors?.[0]?.extensions['code']
  }
  expect(await codeOf(`archiveTeam(teamId: "${teamId}")`)).toBe('FORBIDDEN')
  expect(await codeOf(`createTeam(team: { groupId: "${teamId}" })`)).toBe('FORBIDDEN')
  expect(limited.simulator.journal.requests).toEqual([])
  expect(await codeOf(`archiveTeam(teamId: "${other}")`)).toBeUndefined()
  // A team that there is not yet is nobody's.
  expect(await codeOf('createTeam(team: { displayName: "New" })')).toBeUndefined()
  expect(asked).toEqual([{ teamId }, { teamId }, { teamId: other }])
  await limited.end()
})

test('who may start what is not said in time may not', async () => {
  const limited = await serveSimulated({ allowStart: () => new Promise(() => {}) })
  const answer = (await (await limited.settle(limited.served.post(archive))).json()) as Answer
  expect(answer.errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }])
  expect(limited.simulator.journal.requests).toEqual([])
  await limited.end()
})

test('who may start what is for the server to say', async () => {
  const asked: string[] = []
  const refused: Refused[] = []
  const limited = await serveSimulated({
    allowStart: (principal, { method }) => {
      asked.push(`${principal.id} ${method}`)
      return false
    },
    auth: { onRefused: (refusal) => refused.push(refusal) },
  })
  const { errors } = (await (await limited.served.post(archive)).json()) as Answer
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  expect(asked).toEqual(['anonymous archiveTeam'])
  expect(refused).toEqual([
    { code: 'FORBIDDEN', detail: `May not archive team ${teamId}`, principalId: 'anonymous' },
  ])
  expect(limited.simulator.journal.requests).toEqual([])
  await limited.end()
})
