import { describe, expect, test } from 'vitest'
import { createAdmission, type Approach } from '../../src/access/admission.ts'

const program: Approach = {
  method: 'POST',
  host: '127.0.0.1:4000',
  origin: null,
  fetchSite: null,
  fetchMode: null,
  search: '',
}

const admit = createAdmission({ allowedHosts: [], allowedOrigins: [] })

describe('admitted is', () => {
  test.each(['127.0.0.1:4000', 'localhost:4000', 'LOCALHOST', 'app.localhost:1', '[::1]:4000', '127.9.9.9'])(
    'a program that is no browser, at %s',
    (host) => {
      expect(admit({ ...program, host })).toBeUndefined()
    },
  )

  test.each([
    ['127.0.0.1:4000', 'http://127.0.0.1:4000'],
    ['localhost:4000', 'http://localhost:4000'],
    ['localhost', 'http://localhost:80'],
    ['[::1]:4000', 'http://[::1]:4000'],
    // Behind something that ends TLS.
    ['localhost:4000', 'https://localhost:4000'],
  ])('a page of its own, at %s', (host, origin) => {
    expect(admit({ ...program, host, origin, fetchSite: 'same-origin' })).toBeUndefined()
  })

  test('who opens the page, by its address or from a link elsewhere', () => {
    for (const fetchSite of ['none', 'cross-site']) {
      expect(admit({ ...program, method: 'GET', fetchSite, fetchMode: 'navigate' })).toBeUndefined()
    }
  })

  test('a page of a site that is allowed, exactly', () => {
    const strict = createAdmission({ allowedHosts: [], allowedOrigins: ['https://app.example.com'] })
    const from = (origin: string): unknown => strict({ ...program, origin, fetchSite: 'cross-site' })
    expect(from('https://app.example.com')).toBeUndefined()
    expect(from('http://app.example.com')).toMatchObject({ status: 403 })
    expect(from('https://app.example.com.evil.example')).toMatchObject({ status: 403 })
    expect(from('https://app.example.com:8443')).toMatchObject({ status: 403 })
  })

  test('who uses another name that is allowed', () => {
    const named = createAdmission({ allowedHosts: ['Gateway.example.com'], allowedOrigins: [] })
    expect(named({ ...program, host: 'gateway.example.com:8443' })).toBeUndefined()
    expect(named({ ...program, host: 'other.example.com' })).toMatchObject({ status: 403 })
  })
})

describe('refused is', () => {
  test.each([
    'https://evil.example',
    'http://127.0.0.1:4001',
    'http://localhost:4000',
    'http://127.0.0.1:4000.evil.example',
    'http://evil.example#127.0.0.1:4000',
    'null',
    'file://',
    'chrome-extension://abc',
    '',
    '127.0.0.1:4000',
  ])('a page of the origin %j', (origin) => {
    expect(admit({ ...program, origin })).toMatchObject({ status: 403 })
  })

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1:4000',
    'user@localhost',
    'localhost/evil.example',
    'localhost#evil',
    'localhost evil',
    '',
  ])('who calls it by the name %j', (host) => {
    expect(admit({ ...program, host })).toMatchObject({ status: 403 })
  })

  test('a page whose name was given the address of this machine, which is of the same origin', () => {
    const rebound = {
      host: 'evil.example:4000',
      origin: 'http://evil.example:4000',
      fetchSite: 'same-origin',
    }
    expect(admit({ ...program, ...rebound })).toMatchObject({ status: 403 })
  })

  test('what another site lets the browser load without an origin', () => {
    for (const fetchSite of ['cross-site', 'same-site']) {
      expect(admit({ ...program, method: 'GET', fetchSite, fetchMode: 'no-cors' })).toMatchObject({
        status: 403,
      })
      expect(admit({ ...program, fetchSite, fetchMode: 'navigate' })).toMatchObject({ status: 403 })
    }
  })

  test('who names no host', () => {
    expect(admit({ ...program, host: null })).toMatchObject({ status: 403 })
  })
})
