import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/graph/fetch-transport.ts'

const servers: Server[] = []

async function listen(onRequest: RequestListener): Promise<string> {
  const server = createServer(onRequest)
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

describe('fetchTransport over a socket', () => {
  it.each([301, 302, 303, 307, 308])(
    'does not follow a %d, within the origin or out of it',
    async (status) => {
      const elsewhere: IncomingMessage[] = []
      const other = await listen((request, response) => {
        elsewhere.push(request)
        response.end()
      })
      const origin = await listen((request, response) => {
        if (request.url !== '/start') elsewhere.push(request)
        const Location = request.headers['x-within'] === 'yes' ? '/next' : `${other}/next`
        response.writeHead(status, { Location }).end()
      })
      const { signal } = new AbortController()
      for (const within of ['yes', 'no']) {
        const response = await fetchTransport().send(
          {
            method: 'GET',
            url: `${origin}/start`,
            headers: { Authorization: 'Bearer secret', 'x-within': within },
          },
          signal,
        )
        expect(response.status).toBe(status)
      }
      expect(elsewhere).toEqual([])
    },
  )

  it('sends a POST without a body with its length', async () => {
    const lengths: unknown[] = []
    const origin = await listen((request, response) => {
      lengths.push(request.headers['content-length'])
      response.writeHead(202).end()
    })

    await fetchTransport().send(
      { method: 'POST', url: `${origin}/archive`, headers: {} },
      new AbortController().signal,
    )
    expect(lengths).toEqual(['0'])
  })

  it('closes the connection of a body that is too long', async () => {
    let closed = false
    const origin = await listen((_, response) => {
      response.on('close', () => {
        closed = true
      })
      const chunk = 'x'.repeat(65_536)
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
        response.once('drain', write)
      }
      write()
    })

    await expect(
      fetchTransport({ maxBodyBytes: 1_000_000 }).send(
        { method: 'GET', url: origin, headers: {} },
        new AbortController().signal,
      ),
    ).rejects.toThrow(/at most 1000000 bytes/)
    await expect.poll(() => closed).toBe(true)
  })
})
