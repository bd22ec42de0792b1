/**
 * The longest id that a client may give to one of several operations over a connection: it comes back with every
 * message, and is kept as long as its operation.
 */
export const MAX_ID_CHARACTERS = 256
