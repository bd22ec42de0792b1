import { describe, expect, it } from 'vitest'
import type { StartRequest } from '../../src/graph/start-request.ts'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { CHAT, connect, ORIGIN, TEAM, teamRef } from './connect.ts'
import { scriptedCredential } from './scripted-credential.ts'
import type { Scripted } from './scripted-transport.ts'

const { location } = teamRef()
const archive = archiveTeam(TEAM)

/** What goes wrong with a start, as an object whose properties can be compared. */
async function failure(script: readonly Scripted[], request: StartRequest = archive): Promise<unknown> {
  const { graph, signal, requests } = connect(script)
  const error = await graph.start(request, signal).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(requests.length).toBe(script.length)
  return error
}

describe('starting an operation', () => {
  it('posts once, and finds the operation in the Location', async () => {
    const { graph, requests, signal } = connect([
      { status: 202, headers: { Location: location, 'request-id': 'r1' } },
    ])

    const started = await graph.start(archive, signal)

    expect(requests).toEqual([
      {
        method: 'POST',
        url: `${ORIGIN}/v1.0/teams/${TEAM}/archive`,
        headers: {
          Accept: 'application/json',
          Authorization: 'Bearer token-1',
          'client-request-id': started.clientRequestId,
        },
      },
    ])
    expect(started).toEqual({ location, requestId: 'r1', clientRequestId: expect.any(String) })
  })

  it.each([
    `/teams/${TEAM}/operations/${teamRef().operationId}`,
    `/groups(${TEAM})/team/operations(${teamRef().operationId})`,
    `${ORIGIN}/v1.0${location}`,
  ])('takes the Location %s', async (spelling) => {
    const { graph, signal } = connect([{ status: 202, headers: { Location: spelling } }])

    await expect(graph.start(archive, signal)).resolves.toMatchObject({ location })
  })

  it('does not choke on an empty body that claims to be JSON', async () => {
    const { graph, signal } = connect([
      { status: 202, headers: { Location: location, 'Content-Type': 'application/json' }, body: '' },
    ])

    await expect(graph.start(archive, signal)).resolves.toMatchObject({ location })
  })

  it.each([201, 202])(
    'finds it in the Content-Location of a %d where there is no Location',
    async (status) => {
      const { graph, signal } = connect([{ status, headers: { 'Content-Location': location } }])

      await expect(graph.start(archive, signal)).resolves.toMatchObject({ location })
    },
  )

  it('takes the Location where the Content-Location is the team', async () => {
    const headers = { Location: location, 'Content-Location': `/teams('${TEAM}')` }
    const { graph, signal } = connect([{ status: 202, headers }])

    await expect(graph.start(archive, signal)).resolves.toMatchObject({ location })
  })

  it('completes what is bound by a path with the own cloud, at any depth, and leaves URLs alone', async () => {
    const { graph, requests, signal } = connect([{ status: 202, headers: { Location: location } }])
    const body = {
      'template@odata.bind': "/teamsTemplates('standard')",
      'group@odata.bind': 'https://graph.microsoft.us/v1.0/groups/1',
      members: [{ 'user@odata.bind': "/users('1')", roles: ['/owner'] }],
      'owners@odata.bind': ["/users('2')", 'https://graph.microsoft.com/v1.0/users/3'],
      description: '/teams',
      webUrl: undefined,
    }

    await graph.start({ method: 'POST', version: 'beta', path: '/teams', body, description: 'test' }, signal)

    expect(requests[0]).toMatchObject({
      url: `${ORIGIN}/beta/teams`,
      headers: { 'Content-Type': 'application/json' },
    })
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      'template@odata.bind': `${ORIGIN}/beta/teamsTemplates('standard')`,
      'group@odata.bind': 'https://graph.microsoft.us/v1.0/groups/1',
      members: [{ 'user@odata.bind': `${ORIGIN}/beta/users('1')`, roles: ['/owner'] }],
      'owners@odata.bind': [`${ORIGIN}/beta/users('2')`, 'https://graph.microsoft.com/v1.0/users/3'],
      description: '/teams',
    })
  })

  it('sends the location of a chat as it is known elsewhere', async () => {
    const chatLocation = `/chats('${encodeURIComponent(CHAT)}')/operations('a-b-c')`
    const { graph, signal } = connect([{ status: 202, headers: { Location: chatLocation } }])

    await expect(graph.start(archive, signal)).resolves.toMatchObject({
      location: `/chats('${CHAT}')/operations('a-b-c')`,
    })
  })
})

describe('a start that gives no operation', () => {
  it('says that it runs although the 202 does not say where', async () => {
    const error = await failure([{ status: 202, headers: { 'request-id': 'r1' } }])

    expect(error).toMatchObject({
      code: 'MISSING_LOCATION',
      requestId: 'r1',
      message: expect.stringMatching(/accepted it \(202\) and gave nothing .*do not start it again.*list/),
    })
  })

  it.each(['https://evil.example/teams', `/teams('${TEAM}')`, '//evil.example', 'x'])(
    'says the same of the Location %s, instead of that nothing was sent',
    async (foreign) => {
      const error = await failure([{ status: 202, headers: { Location: foreign } }])

      expect(error).toMatchObject({
        code: 'MISSING_LOCATION',
        message: expect.stringContaining(foreign),
        cause: { code: 'INVALID_LOCATION' },
      })
    },
  )

  it('hands out what was done at once', async () => {
    const headers = { Location: `/teams('${TEAM}')/channels('19:x@thread.tacv2')`, 'request-id': 'r1' }
    const error = await failure([{ status: 201, headers, body: { id: '19:x@thread.tacv2' } }])

    expect(error).toMatchObject({
      code: 'NO_OPERATION',
      status: 201,
      resource: { id: '19:x@thread.tacv2' },
      requestId: 'r1',
    })
  })

  it('takes a 204 for done', async () => {
    await expect(failure([{ status: 204 }])).resolves.toMatchObject({
      code: 'NO_OPERATION',
      status: 204,
      resource: undefined,
    })
  })
})

describe('a start that is refused', () => {
  const headers = { 'request-id': 'r1' }
  const body = { error: { code: 'Outer', message: 'Because.', innerError: { code: 'Inner' } } }

  it.each<[number, Readonly<Record<string, string>>, object]>([
    [401, {}, { code: 'AUTHENTICATION' }],
    [403, {}, { code: 'ACCESS_DENIED' }],
    [429, { 'Retry-After': '10' }, { code: 'THROTTLED', retryAfterMs: 10_000 }],
    [429, {}, { code: 'THROTTLED', retryAfterMs: undefined }],
    [509, {}, { code: 'THROTTLED' }],
    [503, { 'Retry-After': '5' }, { code: 'THROTTLED', retryAfterMs: 5_000 }],
    [503, {}, { code: 'GRAPH_REQUEST', status: 503 }],
    [502, { 'Retry-After': '5' }, { code: 'GRAPH_REQUEST', status: 502, retryAfterMs: 5_000 }],
    [400, {}, { code: 'GRAPH_REQUEST', status: 400, graphCode: 'Inner' }],
    [409, {}, { code: 'GRAPH_REQUEST', status: 409, graphCode: 'Inner' }],
    [302, { Location: 'https://evil.example' }, { code: 'GRAPH_REQUEST', status: 302 }],
  ])('rejects a %d with its error, and never repeats it', async (status, more, expected) => {
    const error = await failure([{ status, headers: { ...headers, ...more }, body }])

    expect(error).toMatchObject({ ...expected, requestId: 'r1' })
    expect(error).toHaveProperty('message', expect.stringContaining(`${status} Inner: Because.`))
    expect(error).toHaveProperty('message', expect.stringContaining(`archive team ${TEAM}`))
  })

  it.each([408, 429, 500, 502, 503, 504, 509])(
    'warns that a %d may have been done nevertheless',
    async (status) => {
      await expect(failure([{ status }])).resolves.toHaveProperty(
        'message',
        expect.stringMatching(/may have been done nevertheless.*before you repeat it/),
      )
    },
  )

  it.each([400, 401, 403, 404, 409])('does not warn so of a %d', async (status) => {
    await expect(failure([{ status }])).resolves.toHaveProperty(
      'message',
      expect.not.stringContaining('nevertheless'),
    )
  })

  it('asks for a fresh token the next time after a 401', async () => {
    const { graph, requests, signal } = connect([
      { status: 401 },
      { status: 202, headers: { Location: location } },
    ])

    await expect(graph.start(archive, signal)).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    await graph.start(archive, signal)
    expect(requests.map((request) => request.headers.Authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ])
  })
})

describe('a start without an answer', () => {
  it('says that it may have happened', async () => {
    const cause = new TypeError('fetch failed')

    await expect(failure([cause])).resolves.toMatchObject({
      code: 'CONNECTION',
      cause,
      message: expect.stringMatching(/no answer came: fetch failed\. It may have been done nevertheless/),
    })
  })

  it('says the same when nothing comes in time', async () => {
    const { graph, clock, requests, signal } = connect(['never'])
    const started = graph.start(archive, signal)
    started.catch(() => {})

    await clock.advance(30_000)
    await expect(started).rejects.toMatchObject({
      code: 'CONNECTION',
      message: expect.stringContaining('30000 ms'),
    })
    expect(requests).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
  })

  it('says that nothing was sent when there is no token', async () => {
    const { graph, requests, signal } = connect([], scriptedCredential(new Error('outage')))

    await expect(graph.start(archive, signal)).rejects.toMatchObject({
      code: 'AUTHENTICATION',
      message: expect.stringMatching(/nothing was sent: outage/),
    })
    expect(requests).toHaveLength(0)
  })

  it('rejects with the reason of the caller who gives up', async () => {
    const { graph, clock, signal, abort } = connect(['never'])
    const started = graph.start(archive, signal)
    started.catch(() => {})
    await clock.advance(1)

    const reason = new Error('changed my mind')
    abort(reason)
    await expect(started).rejects.toBe(reason)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a start request of one’s own', () => {
  it.each([
    [{ path: 'teams' }, 'path'],
    [{ path: '' }, 'path'],
    [{ path: '//evil.example/teams' }, 'path'],
    [{ path: '/\\evil.example/teams' }, 'path'],
    [{ path: '@evil.example' }, 'path'],
    [{ version: 'v2.0' as 'beta' }, 'version'],
    [{ version: '../x' as 'beta' }, 'version'],
  ])('is refused with %j', async (change, name) => {
    const error = await failure([], { ...archive, ...change })

    expect(error).toBeInstanceOf(TypeError)
    expect(error).toHaveProperty('message', expect.stringMatching(`^Expected \`${name}\` of a start request`))
  })
})
