/**
 * Room for a text message of WebSocket in one frame, of which only the payload is missing. What servers send is
 * not masked, so a frame is its payload with a few bytes in front.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc6455#section-5.2
 */
export function textFrame(payloadBytes: number): Buffer {
  const headerBytes = headerBytesFor(payloadBytes)
  const frame = Buffer.allocUnsafe(headerBytes + payloadBytes)
  frame[0] = FINAL_TEXT
  if (headerBytes === 2) {
    frame[1] = payloadBytes
  } else if (headerBytes === 4) {
    frame[1] = LENGTH_OF_16_BITS
    // What most messages have: as fast as can be.
    frame[2] = payloadBytes >>> 8
    frame[3] = payloadBytes
  } else {
    frame[1] = LENGTH_OF_64_BITS
    frame.writeBigUInt64BE(BigInt(payloadBytes), 2)
  }
  return frame
}

function headerBytesFor(payloadBytes: number): number {
  if (payloadBytes < LENGTH_OF_16_BITS) return 2
  return payloadBytes < 65_536 ? 4 : 10
}

const FINAL_TEXT = 0x81
const LENGTH_OF_16_BITS = 126
const LENGTH_OF_64_BITS = 127
