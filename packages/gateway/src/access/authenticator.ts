import { anonymous, type Principal } from '../resolvers/principal.ts'

/** What a client proves with who it is: a header of HTTP, or the payload of `connection_init`. */
export interface Credentials {
  /** The header `Authorization`. */
  readonly authorization?: string | null | undefined
  /** What came with `connection_init`. */
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined
}

/** Tells who sent something. */
export interface Authenticator {
  /**
   * @throws UnauthenticatedError when nobody is known to have sent it
   * @throws ForbiddenError when whoever sent it may not use the gateway at all
   * @throws UnavailableError when it is not possible to tell now
   */
  authenticate(credentials: Credentials): Promise<Principal>
}

/** Takes everybody for the same, whatever they send. */
export const acceptEverybody: Authenticator = { authenticate: async () => anonymous }
