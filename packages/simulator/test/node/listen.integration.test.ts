import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  dropConnection,
  createSimulator,
  neverEnding,
  times,
  when,
  type Simulator,
  type SimulatorOptions,
} from '../../src/index.ts'
import { listen, type Listening } from '../../src/node/index.ts'
import { networkClient } from '../graph-client.ts'
import { scenarios } from '../graph-client-scenarios.ts'

const open: AsyncDisposable[] = []

afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]()
})

async function onPort(
  options: SimulatorOptions = {},
): Promise<{ simulator: Simulator; listening: Listening }> {
  const simulator = createSimulator(options)
  const listening = await listen(simulator)
  open.push(listening, simulator)
  return { simulator, listening }
}

const authorized = { authorization: 'Bearer a-token' }

describe('the client of Microsoft, over a port,', () => {
  it.each(scenarios.filter(({ needsTls }) => !needsTls))('$name', async ({ run }) => {
    const { simulator, listening } = await onPort()
    await run(networkClient(listening.origin), simulator)
  })
})

describe('a simulator on a port', () => {
  it('answers as it does in process, with the same bytes', async () => {
    const { simulator, listening } = await onPort({ throttling: false })
    const { location } = simulator.tenant.addOperation()
    const overPort = await fetch(`${listening.origin}/v1.0${location}`, { headers: authorized })
    const inProcess = await simulator.fetch(`${simulator.origin}/v1.0${location}`, { headers: authorized })
    expect(overPort.status).toBe(200)
    expect((await overPort.text()).replaceAll(listening.origin, simulator.origin)).toBe(
      await inProcess.text(),
    )
    const headers = Object.fromEntries(overPort.headers)
    expect(headers).toMatchObject({ 'odata-version': '4.0', date: 'Thu, 01 Jan 2026 00:00:00 GMT' })
  })

  it('sends a 202 without a body', async () => {
    const { simulator, listening } = await onPort()
    const team = simulator.tenant.addTeam()
    const answer = await fetch(`${listening.origin}/v1.0/teams/${team.id}/archive`, {
      method: 'POST',
      headers: authorized,
    })
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([202, '0', ''])
  })

  it('links to the origin that it was asked at', async () => {
    const { simulator, listening } = await onPort()
    for (let count = 0; count < 3; count++) simulator.tenant.addTeam()
    for (const name of ['127.0.0.1', 'localhost']) {
      const origin = `http://${name}:${listening.port}`
      const page = await fetch(`${origin}/v1.0/me/joinedTeams?$top=2`, { headers: authorized })
      expect(await page.json()).toMatchObject({
        '@odata.nextLink': expect.stringContaining(`${origin}/v1.0/`),
      })
    }
    expect(simulator.journal.violations('foreign-token')).toEqual([])
  })

  it('breaks the connection where that is the fault', async () => {
    const { listening } = await onPort({
      behaviors: [times(1, dropConnection()), times(1, dropConnection({ at: 'body' }))],
    })
    const url = `${listening.origin}/v1.0/me/joinedTeams`
    await expect(fetch(url, { headers: authorized })).rejects.toThrow(TypeError)
    const cut = await fetch(url, { headers: authorized })
    expect(cut.status).toBe(200)
    await expect(cut.text()).rejects.toThrow(TypeError)
    expect((await fetch(url, { headers: authorized })).status).toBe(200)
  })

  it('sees that a client has left', async () => {
    const { simulator, listening } = await onPort({
      behaviors: [
        when(({ request }) => request.url.pathname.endsWith('Teams'), neverEnding()),
        when(({ request }) => request.url.pathname.endsWith('chats'), neverEnding({ at: 'answer' })),
      ],
    })
    const leaving = new AbortController()
    const { signal } = leaving
    const silent = expect(
      fetch(`${listening.origin}/v1.0/me/chats`, { headers: authorized, signal }),
    ).rejects.toThrow()
    const stalled = await fetch(`${listening.origin}/v1.0/me/joinedTeams`, { headers: authorized, signal })
    expect(stalled.status).toBe(200)
    leaving.abort()
    await silent
    const outcomes = (): string[] => simulator.journal.entries.map(({ outcome }) => outcome)
    await expect.poll(outcomes).toEqual(['abandoned', 'abandoned'])
  })

  it('lets web pages of other origins ask', async () => {
    const { listening } = await onPort()
    const url = `${listening.origin}/v1.0/me/joinedTeams`
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-headers': 'authorization,prefer' },
    })
    expect(preflight.status).toBe(204)
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization,prefer',
    })
    const answer = await fetch(url, { headers: authorized })
    expect(answer.headers.get('access-control-expose-headers')).toContain('Location')
  })

  it('closes with connections open, and can be closed twice', async () => {
    const { simulator, listening } = await onPort({ behaviors: [neverEnding({ at: 'answer' })] })
    const socket = connect(listening.port, '127.0.0.1')
    const idleClosed = new Promise((resolve) => socket.on('close', resolve))
    const pending = expect(
      fetch(`${listening.origin}/v1.0/me/chats`, { headers: authorized }),
    ).rejects.toThrow()
    await expect.poll(() => simulator.journal.entries.length).toBe(1)
    await listening.close()
    await pending
    await idleClosed
    await listening.close()
    await expect(fetch(listening.origin)).rejects.toThrow(TypeError)
  })

  it('rejects where the port is taken', async () => {
    const { simulator, listening } = await onPort()
    await expect(listen(simulator, { port: listening.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
