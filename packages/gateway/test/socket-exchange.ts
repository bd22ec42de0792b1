import { once } from 'node:events'
import { firstResult, refusedExchange, type AskedRequest, type Exchange, type Result } from './exchange.ts'
import type { Refusal, Start } from './exchange.ts'
import { headersOf } from './http-exchange.ts'
import { connectRawSocket, type Message, type RawSocket } from './raw-socket.ts'

/** Whose it is, `connection_init` says. */
export const startOverSocket: Start = (served, request, authorization) =>
  startOn(connectRawSocket(served.webSocketUrl), request, authorization && { authorization })

/** Whose it is, the upgrade says. */
export const startOverSocketOfHeader: Start = (served, request, authorization) =>
  startOn(connectRawSocket(served.webSocketUrl, { headers: headersOf(authorization) }), request)

async function startOn(
  raw: RawSocket,
  request: AskedRequest,
  connectionParams?: object | string,
): Promise<Exchange> {
  await once(raw.socket, 'open')
  raw.send({ type: 'connection_init', payload: connectionParams })
  try {
    await raw.receive(({ type }) => type === 'connection_ack')
  } catch {
    const { code, reason } = await raw.closed()
    return refusedExchange({ refusedWith: code, said: reason + JSON.stringify(raw.messages) })
  }
  let closedWith: Refusal | undefined
  void raw.closed().then(({ code, reason }) => (closedWith = { refusedWith: code, said: reason }))
  let asked = 0

  function ask(payload: AskedRequest): Exchange {
    const { socket, messages } = raw
    const id = `${++asked}`
    const mine = (): readonly Message[] => messages.filter((message) => message.id === id)
    raw.send({ id, type: 'subscribe', payload })
    return {
      results: () =>
        mine().flatMap(({ type, payload: result }) => {
          if (type === 'error') return [{ errors: result } as Result]
          return type === 'next' ? [result as Result] : []
        }),
      refusal: () => (mine().length === 0 ? closedWith : undefined),
      isComplete: () => mine().some(({ type }) => type === 'complete' || type === 'error'),
      hasEnded: () => socket.readyState === socket.CLOSED,
      // The socket stays, with what else is on it.
      askAnother: (another) => firstResult({ ...ask(another), leave() {} }),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      leave: () => socket.terminate(),
    }
  }
  return ask(request)
}
