import { describe, expect, it, vi } from 'vitest'
import type { GraphConnection } from '../../src/graph/graph-connection.ts'
import type { ListOptions } from '../../src/graph/list-operations.ts'
import type { OperationOwner } from '../../src/operation/operation-ref.ts'
import { CHAT, connect, operationBody, ORIGIN, TEAM } from './connect.ts'
import { scriptedCredential } from './scripted-credential.ts'
import type { Scripted } from './scripted-transport.ts'

const FIRST_PAGE = `${ORIGIN}/v1.0/teams('${TEAM}')/operations`

function page(ids: readonly string[], nextLink?: unknown): Scripted {
  const value = ids.map((id) => operationBody({ id }))
  return { headers: { 'request-id': 'r1' }, body: { value, '@odata.nextLink': nextLink } }
}

/** The ids that came, and what ended the list early. */
async function collect(
  graph: GraphConnection,
  options: ListOptions,
  owner: OperationOwner = { teamId: TEAM },
): Promise<{ readonly ids: readonly string[]; readonly error?: unknown }> {
  const ids: string[] = []
  try {
    for await (const { id } of graph.list(owner, options)) ids.push(id)
    return { ids }
  } catch (error) {
    return { ids, error }
  }
}

describe('listing operations', () => {
  it('gets those of a team from v1.0', async () => {
    const { graph, requests, signal } = connect([page(['a', 'b'])])

    await expect(collect(graph, { signal })).resolves.toEqual({ ids: ['a', 'b'] })
    expect(requests).toMatchObject([
      { method: 'GET', url: FIRST_PAGE, headers: { Prefer: 'include-unknown-enum-members' } },
    ])
  })

  it('gives out nothing more of a page once it is aborted', async () => {
    const { graph } = connect([page(['a', 'b', 'c'])])
    const controller = new AbortController()
    const ids: string[] = []
    const listing = (async () => {
      for await (const { id } of graph.list({ teamId: TEAM }, { signal: controller.signal })) {
        ids.push(id)
        controller.abort(new Error('enough'))
      }
    })()

    await expect(listing).rejects.toThrow('enough')
    expect(ids).toEqual(['a'])
  })

  it('says of a link to elsewhere which answer it came in', async () => {
    const { graph, requests, signal } = connect([page(['a'], 'https://elsewhere.example/next')])

    const { error } = await collect(graph, { signal })
    expect(error).toMatchObject({ code: 'INVALID_LOCATION', requestId: 'r1' })
    expect(requests).toHaveLength(1)
  })

  it('gets those of a chat from beta, with its id encoded', async () => {
    const { graph, requests, signal } = connect([page([])])

    await expect(collect(graph, { signal }, { chatId: CHAT })).resolves.toEqual({ ids: [] })
    expect(requests[0]?.url).toBe(`${ORIGIN}/beta/chats('19%3Ac1d2%40thread.v2')/operations`)
  })

  it('follows the link to the next page as it came, and reads no page before it is needed', async () => {
    const nextLink = `${ORIGIN}/v1.0/elsewhere?$skiptoken=a%2Fb&x=1&x=2`
    const { graph, requests, signal } = connect([page(['a', 'b'], nextLink), page(['c'])])
    const list = graph.list({ teamId: TEAM }, { signal })[Symbol.asyncIterator]()

    await list.next()
    await list.next()
    expect(requests).toHaveLength(1)
    await expect(list.next()).resolves.toMatchObject({ value: { id: 'c' } })
    expect(requests[1]?.url).toBe(nextLink)
    await expect(list.next()).resolves.toEqual({ done: true, value: undefined })
  })

  it('takes an empty page with a link for a page', async () => {
    const { graph, signal } = connect([page([], `${FIRST_PAGE}?$skip=1`), page(['a'], null)])

    await expect(collect(graph, { signal })).resolves.toEqual({ ids: ['a'] })
  })

  it('waits for leave before every request', async () => {
    const { graph, requests, signal } = connect([
      page(['a'], `${FIRST_PAGE}?$skip=1`),
      { status: 401 },
      page(['b']),
    ])
    const sent: number[] = []
    const beforeRequest = async (): Promise<void> => void sent.push(requests.length)

    await expect(collect(graph, { signal, beforeRequest })).resolves.toEqual({ ids: ['a', 'b'] })
    expect(sent).toEqual([0, 1, 2])
  })

  it('ends when it gets no leave', async () => {
    const { graph, requests, signal } = connect([])
    const error = new Error('disposed')

    await expect(collect(graph, { signal, beforeRequest: () => Promise.reject(error) })).resolves.toEqual({
      ids: [],
      error,
    })
    expect(requests).toHaveLength(0)
  })

  it.each([
    'https://evil.example/v1.0/teams',
    'http://graph.microsoft.com/v1.0/teams',
    'https://graph.microsoft.com:444/v1.0/teams',
    'https://graph.microsoft.com@evil.example/',
    'https://token@graph.microsoft.com/v1.0/teams',
    '//evil.example/v1.0/teams',
    '\\\\evil.example/v1.0/teams',
    "/v1.0/teams('1')/operations",
    'operations?$skip=1',
    '',
  ])('refuses the link %j before anything is sent to it', async (nextLink) => {
    const credential = scriptedCredential()
    const { graph, requests, signal } = connect([page(['a'], nextLink)], credential)

    await expect(collect(graph, { signal })).resolves.toMatchObject({
      ids: ['a'],
      error: { code: 'INVALID_LOCATION' },
    })
    expect(requests).toHaveLength(1)
  })

  it('notices that the links go round in circles', async () => {
    const second = `${FIRST_PAGE}?$skip=1`
    const { graph, requests, signal } = connect([page(['a'], second), page(['b'], FIRST_PAGE)])

    await expect(collect(graph, { signal })).resolves.toMatchObject({
      ids: ['a', 'b'],
      error: { code: 'PROTOCOL', received: FIRST_PAGE, requestId: 'r1' },
    })
    expect(requests).toHaveLength(2)
  })

  it('hands over what came instead of an operation, after those before it', async () => {
    const odd = { id: 'odd' }
    const value = [operationBody({ id: 'a' }), odd, operationBody({ id: 'b' })]
    const { graph, signal } = connect([{ body: { value } }])

    await expect(collect(graph, { signal })).resolves.toMatchObject({
      ids: ['a'],
      error: { code: 'PROTOCOL', received: odd },
    })
  })

  it.each<[unknown, string]>([
    ['', 'an empty string'],
    ['<html>', '"<html>"'],
    [[], 'an array'],
    [{}, 'value of type object'],
    [{ value: {} }, 'value of type object'],
    [{ value: [], '@odata.nextLink': 7 }, '@odata.nextLink is a value of type number'],
  ])('says of the page %j what was got', async (body, got) => {
    const { graph, signal } = connect([{ body }])

    await expect(collect(graph, { signal })).resolves.toMatchObject({
      ids: [],
      error: { code: 'PROTOCOL', message: expect.stringContaining(got) },
    })
  })

  it('tries once more with a fresh token and the claims after a 401', async () => {
    const challenge = { 'WWW-Authenticate': `Bearer claims="${btoa('{"a":1}')}"` }
    const credential = scriptedCredential()
    const { graph, requests, signal } = connect(
      [{ status: 401, headers: challenge }, page(['a'])],
      credential,
    )

    await expect(collect(graph, { signal })).resolves.toEqual({ ids: ['a'] })
    expect(requests.map(({ headers }) => headers.Authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
    expect(credential.asked[1]?.options?.claims).toBe('{"a":1}')
  })

  it('does not try a third time', async () => {
    const { graph, requests, signal } = connect([{ status: 401 }, { status: 401 }])

    await expect(collect(graph, { signal })).resolves.toMatchObject({ error: { code: 'AUTHENTICATION' } })
    expect(requests).toHaveLength(2)
  })

  it.each<[Scripted, object]>([
    [
      { status: 403, headers: { 'request-id': 'r1' } },
      { code: 'ACCESS_DENIED', requestId: 'r1' },
    ],
    [
      { status: 429, headers: { 'Retry-After': '9' } },
      { code: 'THROTTLED', retryAfterMs: 9_000 },
    ],
    [
      { status: 404, body: { error: { code: 'NotFound' } } },
      { code: 'GRAPH_REQUEST', graphCode: 'NotFound' },
    ],
    [new Error('reset'), { code: 'CONNECTION', message: expect.stringContaining('reset') }],
  ])('ends with the error of %j', async (answer, error) => {
    const { graph, requests, signal } = connect([answer])

    await expect(collect(graph, { signal })).resolves.toMatchObject({ ids: [], error })
    expect(requests).toHaveLength(1)
  })

  it('ends with the reason of the caller who gives up', async () => {
    const { graph, clock, signal, abort } = connect(['never'])
    const listed = collect(graph, { signal })
    await clock.advance(1)

    const reason = new Error('enough')
    abort(reason)
    await expect(listed).resolves.toEqual({ ids: [], error: reason })
    expect(clock.pendingTimers).toBe(0)
  })

  it('sends nothing more when the loop is left', async () => {
    const { graph, clock, requests, signal } = connect([page(['a'], `${FIRST_PAGE}?$skip=1`)])
    const seen = vi.fn()
    for await (const { id } of graph.list({ teamId: TEAM }, { signal })) {
      seen(id)
      break
    }

    expect(seen).toHaveBeenCalledExactlyOnceWith('a')
    expect(requests).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
  })

  it.each<OperationOwner>([{ teamId: 'x' }, { teamId: "1')/x" }, { chatId: '../me' }])(
    'refuses the owner %j before anything is sent',
    async (owner) => {
      const { graph, requests, signal } = connect([])

      await expect(collect(graph, { signal }, owner)).resolves.toMatchObject({
        error: { code: 'INVALID_LOCATION' },
      })
      expect(requests).toHaveLength(0)
    },
  )
})
