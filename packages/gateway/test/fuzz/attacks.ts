import type { Dice } from './dice.ts'
import type { HostileSocket } from './hostile-socket.ts'
import { httpRequest, streamRequest } from './http-requests.ts'
import {
  frame,
  malformedFrame,
  malformedMessage,
  malformedUpgrade,
  protocolMessage,
  upgrade,
} from './websocket-frames.ts'

/** One visit of a hostile client. @returns how many messages it sent */
export type Attack = (socket: HostileSocket, dice: Dice, host: string) => Promise<number>

/** Every kind of visit, with how often it is made. */
export const attacks: readonly [Attack, ...Attack[]] = [
  // Keeps to the protocol, and asks for anything.
  sending(orderly, 60),
  sending(orderly, 60),
  sending(orderly, 200),
  // Goes wrong sooner or later, which closes the socket.
  sending((dice) => frame(dice.chance(0.9) ? text(protocolMessage(dice, 5)) : malformedMessage(dice)), 40),
  sending((dice) => frame(malformedMessage(dice)), 10),
  sending((dice) => (dice.chance(0.7) ? orderly(dice) : malformedFrame(dice)), 20),
  sending(malformedFrame, 5),
  // Says things in the wrong order.
  withoutInit((dice) => orderly(dice), 5),
  withoutInit((dice) => frame(text({ type: dice.pick(['ping', 'pong', 'connection_init']) })), 30),
  withoutInit(malformedFrame, 3),
  // Does not read what it asks for, or leaves before it could.
  greedy,
  hitAndRun,
  // Sends parts of things.
  inPieces,
  // Never gets to WebSocket.
  async (socket, dice, host) => count(await socket.send(malformedUpgrade(dice, host))),
  overHttp,
  overHttp,
  overHttp,
  // Has one event stream for everything.
  reserving,
]

function text(message: unknown): string {
  return JSON.stringify(message)
}

function orderly(dice: Dice): Buffer {
  return frame(text(protocolMessage(dice, 20)))
}

function count(isSent: boolean): number {
  return isSent ? 1 : 0
}

async function open(socket: HostileSocket, host: string): Promise<number> {
  const sent = count(await socket.send(upgrade(host)))
  if (!(await socket.hear('101 Switching'))) return sent
  const isSent = await socket.send(frame('{"type":"connection_init"}'))
  await socket.hear('connection_ack')
  return sent + count(isSent)
}

async function sendMany(
  socket: HostileSocket,
  dice: Dice,
  make: (dice: Dice) => Buffer,
  most: number,
): Promise<number> {
  let sent = 0
  for (let left = 1 + dice.below(most); left > 0 && socket.isOpen; left -= 1) {
    // Several in one packet, as fast clients do.
    const parts = Array.from({ length: 1 + dice.below(5) }, () => make(dice))
    if (await socket.send(Buffer.concat(parts))) sent += parts.length
    if (dice.chance(0.1)) await new Promise(setImmediate)
  }
  return sent
}

function sending(make: (dice: Dice) => Buffer, most: number): Attack {
  return async (socket, dice, host) => (await open(socket, host)) + (await sendMany(socket, dice, make, most))
}

function withoutInit(make: (dice: Dice) => Buffer, most: number): Attack {
  return async (socket, dice, host) => {
    const sent = count(await socket.send(upgrade(host)))
    await socket.hear('101 Switching')
    return sent + (await sendMany(socket, dice, make, most))
  }
}

async function greedy(socket: HostileSocket, dice: Dice, host: string): Promise<number> {
  const sent = await open(socket, host)
  socket.ignore()
  const padding = 'x'.repeat(dice.below(20_000))
  const more = await sendMany(
    socket,
    dice,
    () => (dice.chance(0.5) ? orderly(dice) : frame(text({ type: 'ping', payload: { padding } }))),
    30,
  )
  if (dice.chance(0.5)) socket.listen()
  return sent + more
}

/** Asks for more than may wait, among other things and in one packet, and is gone. */
async function hitAndRun(socket: HostileSocket, dice: Dice, host: string): Promise<number> {
  const sent = await open(socket, host)
  const pings = (): Buffer[] => Array.from({ length: dice.below(60) }, () => frame('{"type":"ping"}'))
  const query =
    '{ followedOperations { id location createdDateTime targetResourceLocation polling { revision } } }'
  const overviews = Array.from({ length: 1 + dice.below(20) }, (_, id) =>
    frame(text({ id: `${id}`, type: 'subscribe', payload: { query } })),
  )
  const messages = [...pings(), ...overviews, ...pings()]
  const isSent = await socket.send(Buffer.concat(messages))
  await socket.leave(dice.pick(['end', 'half', 'reset']))
  return sent + (isSent ? messages.length : 0)
}

async function inPieces(socket: HostileSocket, dice: Dice, host: string): Promise<number> {
  const data = dice.pick([
    () => Buffer.concat([Buffer.from(upgrade(host)), frame('{"type":"connection_init"}'), orderly(dice)]),
    () => httpRequest(dice, host),
  ])()
  for (let at = 0; at < data.length && socket.isOpen;) {
    const end = at + 1 + dice.below(200)
    await socket.send(data.subarray(at, end))
    await new Promise(setImmediate)
    at = dice.chance(0.02) ? data.length : end
  }
  return 1
}

async function overHttp(socket: HostileSocket, dice: Dice, host: string): Promise<number> {
  let sent = 0
  for (let left = 1 + dice.below(20); left > 0 && socket.isOpen; left -= 1) {
    const isSent = await socket.send(httpRequest(dice, host))
    sent += count(isSent)
    // Sometimes it waits for the answer, sometimes it asks for the next thing at once.
    if (dice.chance(0.5)) await socket.hear('HTTP/1.1 ')
  }
  return sent
}

async function reserving(socket: HostileSocket, dice: Dice, host: string): Promise<number> {
  await socket.send(streamRequest(dice, host, { method: 'PUT' }))
  await socket.hear('201 Created')
  const [token = 'none'] = /[\w-]{43}/.exec(socket.heard()) ?? []
  let sent = 1
  for (let left = 1 + dice.below(20); left > 0 && socket.isOpen; left -= 1) {
    const method = dice.pick(['GET', 'POST', 'POST', 'POST', 'DELETE'])
    const isSent = await socket.send(streamRequest(dice, host, { method, token }))
    sent += count(isSent)
    if (dice.chance(0.2)) await new Promise(setImmediate)
  }
  return sent
}
