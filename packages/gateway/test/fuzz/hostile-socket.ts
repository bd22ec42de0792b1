import { connect, type Socket } from 'node:net'

/** A bare connection that says what it likes, and may be cut off for it at any time. */
export interface HostileSocket {
  readonly isOpen: boolean
  /** Resolves when it was sent, or can't be any more. @returns whether it was */
  send(data: Buffer | string): Promise<boolean>
  /** Resolves when the other end has said so, or hung up, or been silent for long. @returns whether it has */
  hear(text: string): Promise<boolean>
  /** The end of what was heard, as text. */
  heard(): string
  /** Does not read for as long as it is not told to. */
  ignore(): void
  listen(): void
  /** Leaves in an orderly way, in haste, or with a bang. */
  leave(how: 'end' | 'half' | 'reset'): Promise<void>
}

const PATIENCE_MS = 200

export async function openHostileSocket(port: number, localAddress: string): Promise<HostileSocket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  socket.on('end', () => socket.end())
  let heard = ''
  let listener = (): void => {}
  socket.on('data', (chunk: Buffer) => {
    // As much as what is waited for may be in.
    heard = (heard + chunk.toString('latin1')).slice(-2_000)
    listener()
  })
  await settled(socket, 'connect')

  return {
    get isOpen() {
      return socket.writable
    },
    async send(data) {
      if (!socket.writable) return false
      if (!socket.write(data)) await settled(socket, 'drain')
      return true
    },
    async hear(text) {
      const found = new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), PATIENCE_MS)
        listener = () => {
          if (!heard.includes(text)) return
          clearTimeout(timer)
          resolve(true)
        }
        void closed.then(() => {
          clearTimeout(timer)
          resolve(false)
        })
      })
      listener()
      return found
    },
    heard: () => heard,
    ignore: () => void socket.pause(),
    listen: () => void socket.resume(),
    async leave(how) {
      if (how === 'reset') {
        socket.resetAndDestroy()
      } else {
        socket.resume()
        socket.end()
        await Promise.race([closed, pause(how === 'half' ? 20 : PATIENCE_MS)])
      }
      // Otherwise it would wait until what it wrote has been read.
      socket.destroy()
    },
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Resolves with the event, with the end, or when nothing comes. */
function settled(socket: Socket, event: 'connect' | 'drain'): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(), PATIENCE_MS)
    const done = (): void => {
      clearTimeout(timer)
      socket.off(event, done)
      socket.off('close', done)
      resolve()
    }
    socket.once(event, done)
    socket.once('close', done)
  })
}
