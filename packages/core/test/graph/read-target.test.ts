import { describe, expect, it } from 'vitest'
import { CHAT, connect, ORIGIN, TEAM } from './connect.ts'
import { scriptedCredential } from './scripted-credential.ts'
import type { Scripted } from './scripted-transport.ts'

const target = `/teams('${TEAM}')`

describe('reading a target', () => {
  it('gets a path below v1.0', async () => {
    const { graph, requests, signal } = connect([{ body: {} }])

    await expect(graph.readTarget(target, signal)).resolves.toEqual({ usable: true })
    expect(requests).toMatchObject([{ method: 'GET', url: `${ORIGIN}/v1.0${target}` }])
  })

  it('gets it below beta when asked to', async () => {
    const { graph, requests, signal } = connect([{}])

    await graph.readTarget(`/chats('${CHAT}')`, signal, 'beta')
    expect(requests[0]?.url).toBe(`${ORIGIN}/beta/chats('${CHAT}')`)
  })

  it('gets a URL of the own origin as it is', async () => {
    const { graph, requests, signal } = connect([{}])

    await graph.readTarget(`${ORIGIN}/beta/groups/1/team?x=1`, signal)
    expect(requests[0]?.url).toBe(`${ORIGIN}/beta/groups/1/team?x=1`)
  })

  it.each([
    'https://evil.example/teams',
    'http://graph.microsoft.com/v1.0/teams',
    'https://graph.microsoft.com@evil.example/',
    '//evil.example/teams',
    '/\\evil.example/teams',
    'javascript:alert(1)',
    'teams',
    '',
  ])('refuses %j before anything is sent', async (location) => {
    const credential = scriptedCredential()
    const { graph, requests, signal } = connect([], credential)

    await expect(graph.readTarget(location, signal)).rejects.toMatchObject({ code: 'INVALID_LOCATION' })
    expect(requests).toHaveLength(0)
    expect(credential.asked).toHaveLength(0)
  })

  it.each<[Scripted, number | undefined, boolean | undefined]>([
    [{ status: 404 }, undefined, false],
    [{ status: 404, headers: { 'Retry-After': '3' } }, 3_000, false],
    [{ status: 429, headers: { 'Retry-After': '10' } }, 10_000, true],
    [{ status: 429 }, undefined, true],
    [{ status: 408 }, undefined, false],
    [{ status: 423 }, undefined, false],
    [{ status: 500 }, undefined, false],
    [{ status: 503, headers: { 'Retry-After': '0' } }, undefined, false],
    [{ status: 503, headers: { 'Retry-After': '5' } }, 5_000, true],
    [{ status: 509 }, undefined, true],
    [new Error('reset'), undefined, undefined],
  ])('takes it for not usable yet after %j', async (answer, retryAfterMs, throttled) => {
    const { graph, requests, signal } = connect([answer])

    const reading = await graph.readTarget(target, signal)
    expect(reading).toEqual({ usable: false, retryAfterMs, throttled })
    expect(requests).toHaveLength(1)
  })

  it('takes it for not usable yet while there is no token', async () => {
    const { graph, signal } = connect([], scriptedCredential(new Error('outage')))

    await expect(graph.readTarget(target, signal)).resolves.toEqual({ usable: false })
  })

  it('tries once more with a fresh token after a 401', async () => {
    const { graph, requests, signal } = connect([{ status: 401 }, {}])

    await expect(graph.readTarget(target, signal)).resolves.toEqual({ usable: true })
    expect(requests.map(({ headers }) => headers.Authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it.each<[readonly Scripted[], string]>([
    [[{ status: 401 }, { status: 401 }], 'AUTHENTICATION'],
    [[{ status: 403 }], 'ACCESS_DENIED'],
    [[{ status: 400 }], 'GRAPH_REQUEST'],
    [[{ status: 410 }], 'GRAPH_REQUEST'],
    [[{ status: 302, headers: { Location: 'https://evil.example' } }], 'GRAPH_REQUEST'],
  ])('gives up where waiting would not help: %j', async (answers, code) => {
    const { graph, requests, signal } = connect(answers)

    await expect(graph.readTarget(target, signal)).rejects.toMatchObject({ code })
    expect(requests).toHaveLength(answers.length)
  })

  it('rejects with the reason of the caller who gives up', async () => {
    const { graph, clock, signal, abort } = connect(['never'])
    const reading = graph.readTarget(target, signal)
    reading.catch(() => {})
    await clock.advance(1)

    const reason = new Error('enough')
    abort(reason)
    await expect(reading).rejects.toBe(reason)
    expect(clock.pendingTimers).toBe(0)
  })
})
