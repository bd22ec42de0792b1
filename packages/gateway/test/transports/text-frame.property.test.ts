import type { Writable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as ws from 'ws'
import { frameBytes, writeFrameHeader } from '../../src/transports/text-frame.ts'

/** What reads frames in the clients of ws, which its types do not have. */
const { Receiver } = ws as unknown as { readonly Receiver: new () => Writable }

/** Where a length takes more bytes than before, and anywhere else. */
const lengths = fc.oneof(
  fc.constantFrom(0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537),
  fc.integer({ min: 0, max: 1_000 }),
  fc.integer({ min: 0, max: 200_000 }),
)

/** A text of so many bytes, with characters of one to four of them. */
const texts = fc.tuple(lengths, fc.string({ unit: 'grapheme', minLength: 1 })).map(([length, pattern]) => {
  const fitting = Math.max(0, Math.floor(length / Buffer.byteLength(pattern)))
  return pattern.repeat(fitting).concat('x'.repeat(length - fitting * Buffer.byteLength(pattern)))
})

/** The frame of a text, behind something else. */
function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const target = Buffer.alloc(3 + frameBytes(length))
  const end = target.write(text, writeFrameHeader(target, 3, length))
  expect(end).toBe(length)
  return target.subarray(3)
}

/** What a client reads, to which the bytes come in pieces. */
async function read(pieces: readonly Buffer[]): Promise<string[]> {
  const receiver = new Receiver()
  const messages: string[] = []
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    messages.push(isBinary ? 'binary' : data.toString()),
  )
  for (const piece of pieces) {
    await new Promise<void>((resolve, reject) => {
      receiver.write(piece, (error) => (error ? reject(error) : resolve()))
    })
  }
  return messages
}

test('texts of any length come out of their frames as they went in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 4 }), async (sent) => {
      expect(await read([Buffer.concat(sent.map(frameOf))])).toEqual(sent)
    }),
  )
})

test('frames may be torn apart anywhere on their way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(texts, { minLength: 1, maxLength: 3 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
      async (sent, cuts) => {
        const all = Buffer.concat(sent.map(frameOf))
        const places = [0, ...cuts.map((cut) => Math.floor(cut * all.length)), all.length]
        const borders = places.toSorted((a, b) => a - b)
        const pieces = borders.slice(1).map((border, i) => all.subarray(borders[i], border))
        expect(await read(pieces)).toEqual(sent)
      },
    ),
  )
})

test.each([
  [125, 2],
  [126, 4],
  [65_535, 4],
  [65_536, 10],
])('a payload of %i bytes has %i bytes in front of it', (payloadBytes, headerBytes) => {
  expect(frameBytes(payloadBytes)).toBe(headerBytes + payloadBytes)
  expect(writeFrameHeader(Buffer.alloc(10), 0, payloadBytes)).toBe(headerBytes)
})
