/** What must never be read in a log. */
export interface Secrets {
  /** Never again is this to be read. Harmless for what is too short to be one. */
  add(secret: string): void
  /** The text without them, and without what looks like a token. */
  hide(text: string): string
}

/** Shorter ones would be found everywhere. */
const MIN_CHARACTERS = 8
/** Tokens follow one another: those of the last hours are enough, at one in an hour for a user. */
const MAX_SECRETS = 1_000
const HIDDEN = '[hidden]'

/** A JSON Web Token, signed or encrypted, and whatever stands where HTTP has one. */
const tokens = /\beyJ[\w-]{10,}(?:\.[\w-]*){0,4}|(?<=\bBearer\s+)[\w.~+/=-]{8,}/gi

export function createSecrets(known: readonly (string | undefined)[] = []): Secrets {
  /** Oldest first. */
  const secrets = new Set<string>()

  function add(secret: string): void {
    if (secret.length < MIN_CHARACTERS) return
    // Neither is one as JSON writes it.
    for (const spelling of [secret, JSON.stringify(secret).slice(1, -1)]) {
      secrets.delete(spelling)
      secrets.add(spelling)
    }
    for (const oldest of secrets) {
      if (secrets.size <= MAX_SECRETS) return
      secrets.delete(oldest)
    }
  }

  for (const secret of known) if (secret !== undefined) add(secret)
  return {
    add,
    hide(text) {
      let hidden = text.replaceAll(tokens, HIDDEN)
      for (const secret of secrets) hidden = hidden.replaceAll(secret, HIDDEN)
      return hidden
    },
  }
}
