import type { Dice } from './dice.ts'
import { graphqlPayload, junk, mutate, mutateText, type Json } from './payloads.ts'

export interface FrameOptions {
  readonly opcode?: number
  readonly fin?: boolean
  /** The three reserved bits. */
  readonly reserved?: number
  readonly masked?: boolean
  /** What the header says, whatever there is. */
  readonly length?: bigint
}

const TEXT = 1
const BINARY = 2

/** One frame of RFC 6455, as right or as wrong as it is asked to be. */
export function frame(payload: Buffer | string, options: FrameOptions = {}): Buffer {
  const { opcode = TEXT, fin = true, reserved = 0, masked = true } = options
  const data = Buffer.from(payload)
  const length = options.length ?? BigInt(data.length)
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const mask = masked ? 0x80 : 0
  let header: Buffer
  if (length < 126n) {
    header = Buffer.from([first, mask | Number(length)])
  } else if (length < 65_536n) {
    header = Buffer.from([first, mask | 126, 0, 0])
    header.writeUInt16BE(Number(length), 2)
  } else {
    header = Buffer.alloc(10)
    header.set([first, mask | 127])
    header.writeBigUInt64BE(BigInt.asUintN(64, length), 2)
  }
  // A mask of zeros leaves the data as it is.
  return Buffer.concat(masked ? [header, Buffer.alloc(4), data] : [header, data])
}

/** A frame that no client library would send. */
export function malformedFrame(dice: Dice): Buffer {
  const payload = dice.bytes(dice.below(200))
  return dice.pick<() => Buffer>([
    () => dice.bytes(1 + dice.below(64)),
    () => frame(payload, { opcode: 3 + dice.below(5) }),
    () => frame(payload, { opcode: 11 + dice.below(5) }),
    () => frame('{"type":"ping"}', { reserved: 1 + dice.below(7) }),
    () => frame('{"type":"ping"}', { masked: false }),
    () => frame(payload, { length: 2n ** 63n + BigInt(dice.below(1_000)) }),
    () => frame(payload, { length: BigInt(dice.below(2 ** 31)) }),
    () => frame(payload, { opcode: 9, length: BigInt(126 + dice.below(1_000)) }),
    () => frame('', { opcode: 9, fin: false }),
    () => frame('never ends', { fin: false }),
    () => frame('never began', { opcode: 0 }),
    () =>
      Buffer.concat(
        Array.from({ length: 80 }, (_, i) => frame(' ', { opcode: i === 0 ? TEXT : 0, fin: false })),
      ),
    () => frame(Buffer.from([0xff, 0xfe, 0xfd])),
    () => frame(closeData(dice), { opcode: 8 }),
    () => frame('x'.repeat(65_537 + dice.below(100_000))),
    () => frame(Buffer.alloc(dice.below(100_000)), { opcode: BINARY }),
    () => frame('{"type":"ping"}').subarray(0, 1 + dice.below(20)),
  ])()
}

function closeData(dice: Dice): Buffer {
  const code = Buffer.alloc(2)
  code.writeUInt16BE(dice.pick([0, 999, 1000, 1004, 1005, 1006, 1015, 2000, 3000, 4400, 4999, 5000, 65_535]))
  return dice.pick([
    Buffer.alloc(0),
    Buffer.from([3]),
    code,
    Buffer.concat([code, dice.bytes(dice.below(130))]),
  ])
}

/** A message of the protocol, in its place or out of it. */
export function protocolMessage(dice: Dice, ids: number): Json {
  const id = `${dice.below(ids)}`
  return dice.pick<() => Json>([
    () => ({ type: 'subscribe', id, payload: graphqlPayload(dice) }),
    () => ({ type: 'subscribe', id: `${dice.below(1_000_000)}`, payload: graphqlPayload(dice) }),
    () => ({ type: 'subscribe', id: `${dice.below(1_000_000)}`, payload: graphqlPayload(dice) }),
    () => ({ type: 'complete', id }),
    () => ({ type: 'ping' }),
    () => ({ type: 'ping', payload: { some: junk(dice) } }),
    () => ({ type: 'pong' }),
  ])()
}

/** A message that is wrong in some way that the protocol knows of, or in one that it does not. */
export function malformedMessage(dice: Dice): string {
  const message = protocolMessage(dice, 10)
  return dice.pick<() => string>([
    () => JSON.stringify(mutate(dice, message)),
    () => JSON.stringify(mutate(dice, mutate(dice, message))),
    () => mutateText(dice, JSON.stringify(message)),
    () => JSON.stringify({ type: 'connection_init', payload: junk(dice) }),
    () =>
      JSON.stringify({
        type: dice.pick(['next', 'error', 'connection_ack', 'start', 'ka']),
        id: '1',
        payload: {},
      }),
    () => `{"type":"ping","payload":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
    () => `{"type":"ping","payload":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
    () =>
      `{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","variables":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}}`,
    () => dice.bytes(dice.below(100)).toString('latin1'),
    () => '',
  ])()
}

/** A request to upgrade, with something wrong about it. */
export function malformedUpgrade(dice: Dice, host: string): string {
  const good = upgrade(host)
  return dice.pick<() => string>([
    () => mutateText(dice, good),
    () => good.replace(/Sec-WebSocket-Key: .*\r\n/, ''),
    () => good.replace(/(Sec-WebSocket-Key: ).*/, `$1${'A'.repeat(dice.below(100))}`),
    () => good.replace('Version: 13', `Version: ${dice.below(100)}`),
    () =>
      good.replace('graphql-transport-ws', dice.pick(['graphql-ws', '', ',', 'a'.repeat(5_000), 'a, b, "'])),
    () =>
      good.replace(
        '/graphql',
        dice.pick([
          '/',
          '//',
          '/graphql?token=1',
          '*',
          'http://evil.example/graphql',
          `/${'a'.repeat(9_000)}`,
        ]),
      ),
    () =>
      good.replace(
        `Host: ${host}`,
        dice.pick(['Host: evil.example', 'Host:', 'X: y', `Host: ${host}\r\nHost: a`]),
      ),
    () => good.replace('\r\n\r\n', `\r\nOrigin: ${dice.pick(['https://evil.example', 'null', ''])}\r\n\r\n`),
    () =>
      good.replace(
        '\r\n\r\n',
        `\r\nSec-WebSocket-Extensions: ${dice.pick(['permessage-deflate', 'a;b=c', ';;', '"'])}\r\n\r\n`,
      ),
    () => good.replace('\r\n\r\n', `\r\nX: ${'x'.repeat(dice.below(20_000))}\r\n\r\n`),
    () => good.replace('GET', dice.pick(['POST', 'HEAD', 'OPTIONS', 'CONNECT', 'XYZ'])),
    () => good + dice.bytes(dice.below(100)).toString('latin1'),
    () => good.slice(0, dice.below(good.length)),
  ])()
}

/** A request to upgrade as it should be. */
export function upgrade(host: string): string {
  return (
    `GET /graphql HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
    'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n'
  )
}
