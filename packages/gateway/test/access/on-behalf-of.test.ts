import { describe, expect, test } from 'vitest'
import { onBehalfOf, type OnBehalfOfOptions } from '../../src/access/on-behalf-of.ts'
import { tenantId } from '../token-issuer.ts'

type HttpClient = NonNullable<OnBehalfOfOptions['httpClient']>

const clientId = 'eeeeeeee-5555-4555-8555-555555555555'

/** Entra ID, as far as it exchanges tokens: for each it gives one that names it. */
function entraId(): { readonly httpClient: HttpClient; readonly exchanges: { url: string; form: object }[] } {
  const exchanges: { url: string; form: object }[] = []
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const form = Object.fromEntries(
        new URLSearchParams(typeof request.body === 'string' ? request.body : ''),
      )
      const isExchange = request.method === 'POST'
      if (isExchange) exchanges.push({ url: request.url, form })
      const body = isExchange
        ? { token_type: 'Bearer', expires_in: 3_600, access_token: `graph token for ${form['assertion']}` }
        : metadataOf(new URL(request.url).origin)
      return { request, status: 200, headers: request.headers, bodyAsText: JSON.stringify(body) }
    },
  }
  return { httpClient, exchanges }
}

/** What MSAL wants to know first: where the endpoints are, and that the host is Microsoft's. */
function metadataOf(origin: string): object {
  const endpoint = `${origin}/${tenantId}`
  return {
    issuer: `${endpoint}/v2.0`,
    authorization_endpoint: `${endpoint}/oauth2/v2.0/authorize`,
    token_endpoint: `${endpoint}/oauth2/v2.0/token`,
    jwks_uri: `${endpoint}/discovery/v2.0/keys`,
    tenant_discovery_endpoint: `${endpoint}/v2.0/.well-known/openid-configuration`,
    metadata: [],
  }
}

describe('the exchange', () => {
  test.each([
    ['global', 'https://login.microsoftonline.com', 'https://graph.microsoft.com'],
    ['usgov', 'https://login.microsoftonline.us', 'https://graph.microsoft.us'],
  ] as const)(
    'in the cloud %s gives a token for Graph in place of that of the user',
    async (cloud, host, graph) => {
      const { httpClient, exchanges } = entraId()
      const credentialFor = onBehalfOf({ tenantId, clientId, clientSecret: 'secret', cloud, httpClient })
      const token = await credentialFor('ada').getToken(`${graph}/.default`)
      expect(token).toMatchObject({ token: 'graph token for ada' })
      expect(exchanges).toEqual([
        {
          url: expect.stringMatching(`^${host}/${tenantId}/oauth2/v2.0/token`) as string,
          form: expect.objectContaining({
            client_id: clientId,
            client_secret: 'secret',
            grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
            assertion: 'ada',
            requested_token_use: 'on_behalf_of',
            scope: expect.stringContaining(`${graph}/.default`) as string,
          }) as object,
        },
      ])
    },
  )

  test('never gives one user the token of another, and asks once for each', async () => {
    const { httpClient, exchanges } = entraId()
    const credentialFor = onBehalfOf({ tenantId, clientId, clientSecret: 'secret', httpClient })
    const [ada, bob] = [credentialFor('ada'), credentialFor('bob')]
    for (let round = 0; round < 2; round++) {
      for (const [credential, name] of [
        [ada, 'ada'],
        [bob, 'bob'],
      ] as const) {
        const token = await credential.getToken('https://graph.microsoft.com/.default')
        expect(token?.token).toBe(`graph token for ${name}`)
      }
    }
    expect(exchanges).toHaveLength(2)
  })
})

test.each([{}, { clientSecret: 'secret', certificatePath: 'gateway.pem' }])(
  'the gateway proves itself in one way: not by %j',
  (proof) => {
    expect(() => onBehalfOf({ tenantId, clientId, ...proof })).toThrow(
      'Expected either `clientSecret` or `certificatePath`',
    )
  },
)
