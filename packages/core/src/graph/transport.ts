/** One request to Microsoft Graph. */
export interface GraphRequest {
  readonly method: 'GET' | 'POST'
  /** Absolute, on the configured Graph origin. */
  readonly url: string
  /** With the `Authorization`, unless the transport authenticates by itself. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

export interface GraphResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: string
}

/**
 * How requests reach Graph. A transport sends a request exactly once: it neither retries nor follows
 * redirects, both of which would break promises that are kept above it. It rejects when there is no answer.
 */
export interface Transport {
  /**
   * Whether it brings its own authentication. No credential is needed then, and no `Authorization` header is
   * set; a refused token is its own affair.
   *
   * @default false
   */
  readonly authenticates?: boolean | undefined
  send(request: GraphRequest, signal: AbortSignal): Promise<GraphResponse>
}
