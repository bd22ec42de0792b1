import { resolveListenAddress, type LookupAll } from '../access/listen-address.ts'
import type { Found, FoundSettings } from './read-settings.ts'

/** Finds what is wrong with where it is to listen. What is wrong goes to `mistakes`. */
export async function judgeListening(
  { host, port, auth, adminHost, adminPort }: FoundSettings,
  lookup: LookupAll | undefined,
  mistakes: string[],
): Promise<void> {
  async function resolve(name: Found<string>, isAuthenticated: boolean): Promise<string | undefined> {
    if (name.isBad) return undefined
    try {
      return await resolveListenAddress(name.value, { lookup, isAuthenticated })
    } catch (error) {
      mistakes.push(`${name.source}: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }

  const address = await resolve(host, auth.isBad || auth.value !== 'none')
  if (adminPort.value === undefined) return
  // Operators are not asked who they are, wherever they come from.
  const adminAddress = await resolve(adminHost, true)
  const isSamePort = adminPort.value === port.value && port.value !== 0 && !port.isBad
  if (isSamePort && address !== undefined && adminAddress !== undefined && meet(address, adminAddress)) {
    mistakes.push(
      `${adminPort.source}: expected another port than that of clients (${port.source ?? '--port'}), got ${port.value} for both.`,
    )
  }
}

function meet(address: string, other: string): boolean {
  const isAny = (each: string): boolean => each === '0.0.0.0' || each === '::'
  return address === other || isAny(address) || isAny(other)
}
