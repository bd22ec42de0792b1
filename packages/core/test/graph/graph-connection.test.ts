import { createVirtualClock } from '@teams-operations/core/testing'
import { describe, expect, it } from 'vitest'
import { createGraphConnection } from '../../src/graph/graph-connection.ts'
import { createGraphSender } from '../../src/graph/graph-sender.ts'
import { createTokenSource } from '../../src/graph/token-source.ts'
import { operationBody, ORIGIN, teamRef } from './connect.ts'
import { scriptedCredential } from './scripted-credential.ts'
import { scriptedTransport } from './scripted-transport.ts'

const clock = createVirtualClock()
const { signal } = new AbortController()

describe('createGraphConnection', () => {
  it('needs a credential', () => {
    expect(() => createGraphConnection({ origin: ORIGIN, transport: scriptedTransport(), clock })).toThrow(
      /^Expected a `credential`/,
    )
  })

  it('needs none with a transport that authenticates by itself, and sets no Authorization', async () => {
    const transport = scriptedTransport({ status: 401 }, { body: operationBody() })
    const graph = createGraphConnection({
      origin: ORIGIN,
      transport: { ...transport, authenticates: true },
      clock,
    })

    await expect(graph.read([teamRef()], signal)).resolves.toMatchObject([{ status: 401 }])
    await expect(graph.read([teamRef()], signal)).resolves.toMatchObject([{ kind: 'operation' }])
    for (const { headers } of transport.requests) expect(headers).not.toHaveProperty('Authorization')
  })

  it('refuses a credential that would never be asked', () => {
    const transport = { ...scriptedTransport(), authenticates: true }
    const credential = scriptedCredential()

    expect(() => createGraphConnection({ origin: ORIGIN, transport, credential, clock })).toThrow(
      /^Expected no `credential`/,
    )
  })
})

describe('createGraphSender', () => {
  it.each([
    'https://graph.microsoft.us/v1.0/teams',
    'http://graph.microsoft.com/v1.0/teams',
    'https://graph.microsoft.com:8443/v1.0/teams',
    'https://graph.microsoft.com.evil.example/v1.0/teams',
    'https://graph.microsoft.com@evil.example/v1.0/teams',
    'https://user@graph.microsoft.com/v1.0/teams',
  ])('sends neither a request nor a token to %s', async (url) => {
    const transport = scriptedTransport()
    const credential = scriptedCredential()
    const tokens = createTokenSource({ credential, origin: ORIGIN, clock, timeoutMs: 1 })
    const sender = createGraphSender({ origin: ORIGIN, transport, tokens, clock, timeoutMs: 1 })

    await expect(sender.send({ method: 'GET', url, headers: {} }, signal)).rejects.toMatchObject({
      code: 'INVALID_LOCATION',
    })
    expect(transport.requests).toHaveLength(0)
    expect(credential.asked).toHaveLength(0)
  })
})
