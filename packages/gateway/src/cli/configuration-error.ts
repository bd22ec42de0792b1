/** All that is wrong with what the command line was told, not just the first of it. */
export class ConfigurationError extends Error {
  readonly code = 'CONFIGURATION'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.name = 'ConfigurationError'
    this.mistakes = mistakes
  }
}
