/** It is not possible to listen there, and what to do about it. */
export class ListenError extends Error {
  readonly code = 'LISTEN'

  constructor(host: string, port: number, cause: unknown) {
    super(`Expected to listen on ${host}, port ${port}, but ${reason(cause, port)}`, { cause })
    this.name = 'ListenError'
  }
}

function reason(cause: unknown, port: number): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return `another program does. Stop it, or take another port: ${port + 1}, or 0 for any that is free.`
    case 'EACCES':
      return 'that is not allowed. Take a port above 1023.'
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address. Take 127.0.0.1.'
    default:
      return `that failed: ${String(cause)}`
  }
}
