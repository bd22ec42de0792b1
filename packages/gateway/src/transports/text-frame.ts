/**
 * Text messages of WebSocket, one frame each. What servers send is not masked, so a frame is its payload with a few
 * bytes in front.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc6455#section-5.2
 */

/** How many bytes the frame of a payload has. */
export function frameBytes(payloadBytes: number): number {
  if (payloadBytes < LENGTH_OF_16_BITS) return payloadBytes + 2
  return payloadBytes + (payloadBytes < 65_536 ? 4 : 10)
}

/** Writes what comes before a payload. @returns where the payload begins */
export function writeFrameHeader(target: Buffer, at: number, payloadBytes: number): number {
  target[at] = FINAL_TEXT
  if (payloadBytes < LENGTH_OF_16_BITS) {
    target[at + 1] = payloadBytes
    return at + 2
  }
  if (payloadBytes < 65_536) {
    target[at + 1] = LENGTH_OF_16_BITS
    // What most messages have: as fast as can be.
    target[at + 2] = payloadBytes >>> 8
    target[at + 3] = payloadBytes
    return at + 4
  }
  target[at + 1] = LENGTH_OF_64_BITS
  return target.writeBigUInt64BE(BigInt(payloadBytes), at + 2)
}

const FINAL_TEXT = 0x81
const LENGTH_OF_16_BITS = 126
const LENGTH_OF_64_BITS = 127
